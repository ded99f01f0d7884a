"""The outer loop's state, and one meta-step of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from workbench.core.checkpoint import Checkpoint
from workbench.core.engine import choose_engine, one_thread
from workbench.core.episode import Episode
from workbench.core.evaluation import Evaluation, Examiner
from workbench.core.events import StepEvent
from workbench.core.lazy import torch
from workbench.core.meta_learner import TaskGradient
from workbench.core.objective import TaskObjective
from workbench.core.params import Params, clip, leaves, named_leaves
from workbench.core.randomness import generator_for
from workbench.core.run_config import RunConfig
from workbench.core.run_store import RunError
from workbench.core.sampling import MetaBatches
from workbench.core.task_family import Split, TaskFamily

EVALUATION_SEED = 0
"""Validation and test episodes are the same for every run of a configuration."""


class Measured(NamedTuple):
    """One meta-step's figures, still on the device."""

    step: int
    meta_lr: float
    extras: tuple[str, ...]
    figures: torch.Tensor


class Trainer:
    """Meta-parameters, optimiser and learner's state after ``step`` meta-steps."""

    def __init__(
        self, config: RunConfig, family: TaskFamily, device: torch.device
    ) -> None:
        self.config = config
        self.family = family
        self.device = device
        self.step = 0
        self.best: float | None = None
        self._learner = config.algorithm
        self._objective = TaskObjective.of(config)
        self._engine = choose_engine(
            config.training.engine, device, config.task.input_shape
        )
        self.episodes = MetaBatches(config, family, device)
        self._examiner = Examiner(config, family, self._engine, device)
        generator = generator_for(config.training.seed, "start", 0, device)
        weights = config.model.start(
            config.task.input_shape, self._head_rows(), generator
        )
        self.meta = self._learner.start(weights, generator)
        self.state = self._learner.state(self._learner.weights(self.meta))
        self._optimiser = _optimiser(config, self.meta)

    def advance(self) -> Measured:
        """Make one meta-step and return its figures."""
        # Not only the engine's share of it, which evaluations have as well: drawing
        # episodes and the optimiser's step are no less small.
        with one_thread():
            return self._advance()

    def _advance(self) -> Measured:
        episodes = self.episodes[self.step]
        said: TaskGradient = self._engine.mean(
            self._task_gradient, episodes, self.meta, self.state
        )
        gradient = leaves(clip(said.gradient, self.config.training.meta_clip))
        norm = torch.nn.utils.get_total_norm(gradient)
        meta_lr = self.config.training.meta_lr * self._annealed()
        self._optimiser.param_groups[0]["lr"] = meta_lr
        for leaf, slope in zip(leaves(self.meta), gradient, strict=True):
            leaf.grad = slope
        self._optimiser.step()
        self.state = said.state
        self.step += 1
        figures = torch.stack([said.loss, said.accuracy, norm, *said.extras.values()])
        return Measured(self.step, meta_lr, tuple(said.extras), figures)

    def event(self, measured: Measured, figures: list[float]) -> StepEvent:
        """Return the event of a meta-step whose figures have been read.

        Its loss is a mean, as evaluations report it, however tasks reduce theirs.
        """
        loss, accuracy, norm, *extras = figures
        return StepEvent(
            step=measured.step,
            loss=loss / self._objective.factor,
            accuracy=None if self._objective.ways is None else accuracy,
            gradient_norm=norm,
            meta_lr=measured.meta_lr,
            extras=dict(zip(measured.extras, extras, strict=True)),
        )

    def evaluate(
        self,
        split: Split,
        tasks: int,
        checkpoint: Checkpoint | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Evaluation:
        """Evaluate these meta-parameters, or a checkpoint's, on fixed tasks."""
        of = checkpoint or self
        return self._examiner.evaluate(
            of.meta,
            of.state,
            split=split,
            tasks=tasks,
            seed=EVALUATION_SEED,
            progress=progress,
        )

    def unused(self) -> list[str]:
        """Return the names of weights that get no gradient from a support set."""
        start = self._objective.spread(self._learner.weights(self.meta))
        weights = {
            name: leaf.detach().clone().requires_grad_() for name, leaf in start.items()
        }
        loss = self._objective.loss(weights, self.episodes[0].tasks(0).support)
        slopes = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        return [
            name for name, slope in zip(weights, slopes, strict=True) if slope is None
        ]

    def checkpoint(self, **facts: object) -> Checkpoint:
        """Return everything that is needed to go on."""
        slots = self._optimiser.state_dict()["state"]
        return Checkpoint(
            meta=self.meta,
            state=self.state,
            optimiser={
                str(index): {key: torch.as_tensor(value) for key, value in slot.items()}
                for index, slot in slots.items()
                if any(value is not None for value in slot.values())
            },
            facts={"step": self.step, "best": self.best, **facts},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of a run with this configuration."""
        theirs = dict(named_leaves(checkpoint.meta))
        for ours, other in (
            (self.meta, checkpoint.meta),
            (self.state, checkpoint.state),
        ):
            if shapes(ours) != shapes(other):
                raise RunError(
                    "the checkpoint is of another model or learner than the run's "
                    "configuration describes"
                )
        with torch.no_grad():
            for name, leaf in named_leaves(self.meta):
                leaf.copy_(theirs[name])
        self.state = checkpoint.state
        self.step, self.best = checkpoint.facts["step"], checkpoint.facts["best"]
        self._optimiser.load_state_dict(
            {
                "state": {
                    int(index): slot for index, slot in checkpoint.optimiser.items()
                },
                "param_groups": self._optimiser.state_dict()["param_groups"],
            }
        )

    def _task_gradient(
        self, meta: Params, state: Params, episode: Episode
    ) -> TaskGradient:
        return self._objective.task_gradient(self._learner, meta, state, episode)

    def _head_rows(self) -> int:
        return 1 if self.config.model.head == "shared" else self.config.task.outputs

    def _annealed(self) -> float:
        progress = self.step / self.config.training.iterations
        match self.config.training.schedule:
            case "linear":
                return 1 - progress
            case "cosine":
                return (1 + math.cos(math.pi * progress)) / 2
            case _:
                return 1.0


def shapes(tree: Params) -> dict[str, torch.Size]:
    """Return the shape of every leaf by its path."""
    return {name: leaf.shape for name, leaf in named_leaves(tree)}


def _optimiser(config: RunConfig, meta: Params) -> torch.optim.Optimizer:
    kind = torch.optim.Adam if config.training.optimiser == "adam" else torch.optim.SGD
    return kind(leaves(meta), lr=config.training.meta_lr, fused=True)
