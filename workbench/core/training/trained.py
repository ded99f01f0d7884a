"""A learner with trained meta-parameters, for evaluations, browsers and sketches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core.acting.policy import objective_of
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.learning.episode import Episode
from workbench.core.learning.inner_loop import last
from workbench.core.learning.looks import Look, adapting, draw_order, looks_at
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskSettings, refuse_acting
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.training.start import first_parameters


@dataclass(frozen=True)
class Trained:
    """A configuration with the meta-parameters that training made after ``step``.

    ``trained_on`` is the task it was trained on, where ``config`` has another.
    """

    config: RunConfig
    meta: Params
    state: Params
    step: int
    trained_on: TaskSettings | None = None

    @classmethod
    def load(
        cls,
        run: RunFolder | Path,
        which: str = "best",
        device: torch.device | str = "cpu",
    ) -> Trained:
        """Load a run's checkpoint; ``best`` falls back to ``latest``."""
        folder = run if isinstance(run, RunFolder) else RunFolder(run)
        if which == "best" and not (folder.checkpoints / "best.safetensors").is_file():
            which = "latest"
        checkpoint = load_checkpoint(folder.checkpoint(which), device)
        folder.import_members()
        return cls(
            folder.config(), checkpoint.meta, checkpoint.state, checkpoint.facts["step"]
        )

    @classmethod
    def untrained(cls, config: RunConfig) -> Trained:
        """Return a learner as it is before its first meta-step, on the CPU."""
        meta = first_parameters(config, torch.device("cpu"))
        state = config.algorithm.state(config.algorithm.weights(meta))
        return cls(config, meta, state, 0)

    @property
    def ways(self) -> int | None:
        """The number of classes it serves; None if any (a shared head)."""
        return None if self.config.model.head == "shared" else self.config.task.outputs

    def look(
        self, episode: Episode, steps: int, *, transductive: bool | None = None
    ) -> Look:
        """Adapt to one episode (no task axis) and look at it at inner steps 0..K."""
        objective, episode = self._facing(episode, steps)
        if transductive is None:
            transductive = self.config.evaluation.transductive
        looks = looks_at(
            self.config.algorithm,
            objective,
            self.meta,
            self.state,
            episode,
            steps,
            transductive=transductive,
        )
        stacked = (torch.stack(column) for column in zip(*looks, strict=True))
        return Look(*(column.detach().cpu() for column in stacked))

    def at_rate(self, rate: float) -> Trained:
        """Return the learner with ``rate`` times all its inner learning rates.

        ConfigError where it has none.
        """
        if rate == 1.0:
            return self
        before = self.config.algorithm
        learner, meta = before.at_rate(self.meta, rate)
        if learner is before and meta is self.meta:
            why = f"{learner.title} has no inner learning rate that could be another"
            raise ConfigError([Mistake("", why)])
        config = self.config.model_copy(update={"algorithm": learner})
        return replace(self, config=config, meta=meta)

    def path(
        self, episode: Episode, steps: int
    ) -> tuple[TaskObjective, tuple[Params, ...]]:
        """Adapt to one episode; return its objective and the weights at 0..K."""
        objective, episode = self._facing(episode, steps)
        learner, meta, state = self.config.algorithm, self.meta, self.state
        return objective, tuple(
            adapting(learner, objective, meta, state, episode, steps)
        )

    def adapted(self, episode: Episode, steps: int) -> tuple[TaskObjective, Params]:
        """Adapt to one episode; return its objective and the weights after K steps."""
        objective, episode = self._facing(episode, steps)
        learner, meta, state = self.config.algorithm, self.meta, self.state
        return objective, last(
            adapting(learner, objective, meta, state, episode, steps)
        )

    def _facing(self, episode: Episode, steps: int) -> tuple[TaskObjective, Episode]:
        """Return the objective of an episode, and it in an order to learn.

        DataError where there is none before a policy has acted.
        """
        config = self.config
        refuse_acting(config.task)
        objective = objective_of(config.model, config.task, config.evaluation.views)
        if objective.ways is not None and self.ways is None:
            objective = objective.serving(int(episode.support.y.max()) + 1)
        if episode.order is None:
            generator = generator_for(0, "order", 0, episode.support.x.device)
            order = draw_order(
                config.algorithm,
                episode.support.y[None],
                steps,
                generator,
                training=False,
            )
            episode = episode._replace(order=None if order is None else order[0])
        return objective, episode
