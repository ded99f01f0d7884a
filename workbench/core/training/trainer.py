"""The outer loop's state, and one meta-step of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import recorder_for
from workbench.core.engine.engine import Engine, ThreadEngine, choose_engine, one_thread
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params, named_leaves
from workbench.core.learning.task_family import Split, TaskFamily
from workbench.core.runs.checkpoint import Checkpoint
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunError
from workbench.core.training.evaluation import Evaluation, Examiner
from workbench.core.training.meta_step import MetaStep
from workbench.core.training.reading import Reading
from workbench.core.training.sampling import MetaBatches

EVALUATION_SEED = 0
"""Validation and test episodes are the same for every run of a configuration."""


class Measured(NamedTuple):
    """One meta-step's figures, on their way from the device."""

    step: int
    meta_lr: float
    extras: tuple[str, ...]
    figures: Reading


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
        self.episodes = MetaBatches(config, family, device)
        self._objective = TaskObjective.of(config)
        meta = self._start()
        state = config.algorithm.state(config.algorithm.weights(meta))
        engine = self._engine()
        # What other threads do is not recorded.
        is_here = not isinstance(engine, ThreadEngine)
        record = recorder_for(device) if is_here else None
        self.meta_step = MetaStep(config, engine, meta, state, record)
        # What a recorded step reads, no evaluation may replace. Otherwise they share
        # threads, and the memory that these keep.
        examining = self._engine() if record else engine
        self._examiner = Examiner(config, family, examining, device)

    @property
    def meta(self) -> Params:
        """The meta-parameters; every step changes their numbers."""
        return self.meta_step.meta

    @property
    def state(self) -> Params:
        """What the learner carries from task to task besides."""
        return self.meta_step.state

    def advance(self) -> Measured:
        """Make one meta-step and return its figures."""
        # Not only the engine's share of it, which evaluations have as well: drawing
        # episodes and the optimiser's step are no less small.
        with one_thread():
            meta_lr = self.config.training.meta_lr * self._annealed()
            figures = self.meta_step(self.episodes[self.step], meta_lr)
            self.step += 1
            return Measured(self.step, meta_lr, self.meta_step.extras, Reading(figures))

    def event(self, measured: Measured) -> StepEvent:
        """Return the event of a meta-step, waiting for its figures.

        Its loss is a mean, as evaluations report it, however tasks reduce theirs.
        """
        loss, accuracy, norm, *extras = measured.figures.numbers()
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
        start = self._objective.spread(self.config.algorithm.weights(self.meta))
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
        return Checkpoint(
            meta=self.meta,
            state=self.state,
            optimiser=self.meta_step.slots,
            facts={"step": self.step, "best": self.best, **facts},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of a run with this configuration."""
        for ours, other in (
            (self.meta, checkpoint.meta),
            (self.state, checkpoint.state),
        ):
            if shapes(ours) != shapes(other):
                raise RunError(
                    "the checkpoint is of another model or learner than the run's "
                    "configuration describes"
                )
        self.meta_step.restore(checkpoint.meta, checkpoint.state, checkpoint.optimiser)
        self.step, self.best = checkpoint.facts["step"], checkpoint.facts["best"]

    def _engine(self) -> Engine:
        config = self.config
        return choose_engine(
            config.training.engine, self.device, config.task.input_shape
        )

    def _start(self) -> Params:
        """Draw the meta-parameters to begin with."""
        config = self.config
        shared = config.model.head == "shared"
        generator = generator_for(config.training.seed, "start", 0, self.device)
        weights = config.model.start(
            config.task.input_shape, 1 if shared else config.task.outputs, generator
        )
        return config.algorithm.start(weights, generator)

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
