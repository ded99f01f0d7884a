"""The outer loop: meta-parameters, optimiser and learner's state, and a step of them.

Their tensors stay the same ones, and only their numbers change: the whole of a step can
be recorded once and replayed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from workbench.core.acting.collected import CollectedBatches
from workbench.core.acting.policy import objective_of
from workbench.core.acting.trust_region import TrustRegion
from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import (
    CALLS_UNRECORDED,
    Recorded,
    Recorder,
    recorder_for,
)
from workbench.core.engine.engine import Engine, ThreadEngine, choose_engine, one_thread
from workbench.core.engine.tracing import CALLS_AS_WRITTEN
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import TaskGradient
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import (
    Params,
    clip,
    fill,
    leaves,
    named_leaves,
    norm_of,
)
from workbench.core.learning.task_family import TaskFamily
from workbench.core.runs.checkpoint import Checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import StepEvent
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.examining import examiner_for
from workbench.core.training.learning import Learning
from workbench.core.training.optimiser import Optimiser, Slots, optimiser_for
from workbench.core.training.reading import Reading
from workbench.core.training.sampling import MetaBatches
from workbench.core.training.start import first_parameters

EVALUATION_SEED = 0
"""Validation and test episodes are the same for every run of a configuration."""


class Measured(NamedTuple):
    """One meta-step's figures, on their way from the device.

    ``acted`` are the episodes collected for it, which cannot be drawn again.
    """

    step: int
    meta_lr: float
    extras: tuple[str, ...]
    figures: Reading
    acted: Episode | None = None


class Mates(Protocol):
    """What a loop is trained in together with others."""

    def curves(self, loop: OuterLoop, split: Split, number: int) -> torch.Tensor | None:
        """Return the loop's curves on a chunk of tasks, if made for all at once."""


class OuterLoop:
    """Meta-parameters, optimiser and learner's state after ``step`` meta-steps.

    By itself it computes as the configuration says and the device does best. Given an
    ``engine`` it takes that, and records its steps only if told by what.
    """

    def __init__(
        self,
        config: RunConfig,
        family: TaskFamily,
        device: torch.device,
        *,
        engine: Engine | None = None,
        record: Recorder | None = None,
    ) -> None:
        self.config = config
        self.family = family
        self.device = device
        self.step = 0
        self.best: float | None = None
        self.company: Mates | None = None
        self.episodes = MetaBatches(config, family, device)
        self.meta = first_parameters(config, self.device)
        self.state = config.algorithm.state(config.algorithm.weights(self.meta))
        self._engine = engine or self._chosen_engine()
        self.judge_by(objective_of(config.model, config.task))
        # What other threads do is not recorded, nor what numbers decide.
        may_record = not isinstance(self._engine, ThreadEngine) and not self.collected
        if engine is None and may_record:
            record = recorder_for(device)
        self._record = record
        # What a recorded step reads, no evaluation may replace. Otherwise they share
        # threads, and the memory that these keep.
        examining = self._chosen_engine() if record else self._engine
        self.examiner = examiner_for(config, family, examining, device)
        self._optimiser = optimiser_for(
            config.training, self.meta, is_recorded=record is not None
        )
        self._extras: tuple[str, ...] = ()
        self._made: Measured | None = None
        self._acted: Episode | None = None
        self._begin()

    def judge_by(self, objective: TaskObjective) -> None:
        """Take an objective of the configuration's tasks, as one that is watched."""
        self.objective = objective
        self._learning = Learning(self.config.algorithm, objective)
        self.collected = CollectedBatches.of(
            self.config.task, self.config.algorithm, objective, self._engine
        )
        self._trust_region = self._region()

    @property
    def settles_after(self) -> int:
        """How many meta-steps are not yet made as all that follow are."""
        return CALLS_AS_WRITTEN if self._record is None else CALLS_UNRECORDED

    def at_once(self, tasks: int) -> int:
        """Return how many of so many tasks are worked on at the same time."""
        return self._engine.at_once(tasks)

    def advance(self) -> Measured:
        """Go the next meta-step, and make it unless it is made; return its figures."""
        if self._made is None:
            # Not only the engine's share of it, which evaluations have as well:
            # drawing episodes and the optimiser's step are no less small.
            with one_thread():
                figures = self.meta_step(self.episodes[self.step], self.rate)
                self.hand(self._extras, figures)
        made, self._made = self._made, None
        assert made is not None
        self.step = made.step
        return made

    def hand(self, extras: tuple[str, ...], figures: torch.Tensor) -> None:
        """Take in that the next meta-step is made, with these figures."""
        reading, acted = Reading(figures), self._acted
        self._acted = None  # they are kept no longer than their figures
        self._made = Measured(self.step + 1, self.rate, extras, reading, acted)

    @property
    def is_ahead(self) -> bool:
        """Whether the next meta-step is made already, in a company."""
        return self._made is not None

    @property
    def rate(self) -> float:
        """The size of the next meta-step."""
        return self.config.training.meta_lr * self._annealed()

    @property
    def optimiser(self) -> Optimiser:
        """What makes meta-steps of gradients, with its numbers."""
        return self._optimiser

    def meta_step(self, episodes: Episode, rate: float) -> torch.Tensor:
        """Go a step by what was drawn; the next one may overwrite the figures."""
        self._optimiser.set_rate(rate)
        there = self._there(episodes)
        self._acted = None if self.collected is None else there
        figures, _ = self._update(there)
        return figures

    def gradient(self, episodes: Episode, meta: Params, state: Params) -> TaskGradient:
        """Return what the episodes say in the mean about meta-parameters."""
        said: TaskGradient = self._engine.mean(self._learning, episodes, meta, state)
        return said

    def event(self, measured: Measured) -> StepEvent:
        """Return the event of a meta-step, waiting for its figures.

        Its loss is a mean, as evaluations report it, however tasks reduce theirs.
        """
        loss, accuracy, norm, *extras = measured.figures.numbers()
        told, share = self.objective.told(loss, accuracy)
        return StepEvent(
            step=measured.step,
            loss=told,
            accuracy=share,
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
        made = None
        if self.company is not None and checkpoint is None:
            made = partial(self.company.curves, self, split)
        return self.examiner.evaluate(
            of.meta,
            of.state,
            split=split,
            tasks=tasks,
            seed=EVALUATION_SEED,
            progress=progress,
            made=made,
        )

    def evaluate_together(self, tasks: int) -> None:
        """Adapt to so many validation tasks at once, for the time that it takes."""
        self.examiner.curves(
            self.meta, self.state, "validation", 0, seed=EVALUATION_SEED, tasks=tasks
        )

    def unused(self) -> list[str]:
        """Return the names of weights that get no gradient from a support set."""
        start = self.objective.spread(self.config.algorithm.weights(self.meta))
        weights = {
            name: leaf.detach().clone().requires_grad_() for name, leaf in start.items()
        }
        episode = self._there(self.episodes[0].split(1)[0]).tasks(0)
        loss = self.objective.loss(weights, episode.support)
        slopes = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        return [
            name for name, slope in zip(weights, slopes, strict=True) if slope is None
        ]

    @property
    def slots(self) -> Slots:
        """The optimiser's numbers."""
        return self._optimiser.slots

    def checkpoint(self, **facts: object) -> Checkpoint:
        """Return everything that is needed to go on."""
        return Checkpoint(
            meta=self.meta,
            state=self.state,
            optimiser=self.slots,
            facts={"step": self.step, "best": self.best, **facts},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of a run with this configuration."""
        ours = {"meta": self.meta, "state": self.state}
        kept = {"meta": checkpoint.meta, "state": checkpoint.state}
        is_other = _shapes(ours) != _shapes(kept)
        if is_other or not self._optimiser.may_have_had(checkpoint.optimiser):
            raise RunError(
                "the checkpoint is of another model or learner than the run's "
                "configuration describes"
            )
        fill(ours, kept)
        self._optimiser.restore(checkpoint.optimiser)
        self.step, self.best = checkpoint.facts["step"], checkpoint.facts["best"]
        self._begin()

    def _begin(self) -> None:
        """Begin with steps as they are written: what was recorded is of other slots."""
        self._update = (
            Recorded(self._written_update, self._changed, self._record)
            if self._record
            else self._written_update
        )

    def _written_update(
        self, episodes: Episode
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Change all as the episodes say; return the figures and the gradient."""
        said = self.gradient(episodes, self.meta, self.state)
        tree = clip(said.gradient, self.config.training.meta_clip)
        gradient, extras = leaves(tree), said.extras
        norm = norm_of(gradient)
        if self.collected:
            extras = extras | self.collected.figures(episodes, self.meta)
        if self._trust_region:
            extras = extras | self._trust_region.step(
                episodes, self.meta, self.state, tree
            )
        else:
            self._optimiser.step(gradient)
        fill(self.state, said.state)
        self._extras = tuple(extras)
        figures = torch.stack([said.loss, said.accuracy, norm, *extras.values()])
        return figures, gradient

    def _there(self, drawn: Episode) -> Episode:
        """Return episodes, collected where drawing them is not enough."""
        if self.collected is None:
            return drawn
        return self.collected.collect(drawn, self.meta, self.state)

    def _region(self) -> TrustRegion | None:
        training = self.config.training
        if self.collected is None or training.optimiser != "trust region":
            return None
        return TrustRegion(
            self.config.algorithm,
            self.collected.objective,
            self._engine,
            training.kl_limit,
        )

    def _changed(self) -> list[torch.Tensor]:
        return [*leaves(self.meta), *leaves(self.state), *self._optimiser.tensors]

    def _chosen_engine(self) -> Engine:
        name = self.config.training.engine
        return choose_engine(name, self.device, self.config.task)

    def _annealed(self) -> float:
        progress = self.step / self.config.training.iterations
        match self.config.training.schedule:
            case "linear":
                return 1 - progress
            case "cosine":
                return (1 + math.cos(math.pi * progress)) / 2
            case _:
                return 1.0


def _shapes(tree: Params) -> dict[str, torch.Size]:
    return {name: leaf.shape for name, leaf in named_leaves(tree)}
