"""Evaluates a learner where tasks are acted in: mean returns, update by update."""

from __future__ import annotations

from functools import cached_property, partial
from typing import cast

from typing_extensions import override

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import Engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskFamily, TaskSettings
from workbench.core.pacing.pace import CHUNK
from workbench.core.pictures.seen_classes import classes_seen
from workbench.core.runs.events import StepScore
from workbench.core.training.evaluation import Examiner, ci95

WORSE = "worse"
"""The figure that is the share of tasks whose return adapting made worse."""


def examiner_for(
    config: RunConfig,
    family: TaskFamily,
    engine: Engine,
    device: torch.device,
    trained_on: TaskSettings | None = None,
) -> Examiner:
    """Return what evaluates learners of a configuration."""
    acts = isinstance(config.task, ActingSettings)
    kind = ActingExaminer if acts else Examiner
    seen = partial(classes_seen, trained_on or config.task, family)
    return kind(config, family, engine, device, seen)


class ActingExaminer(Examiner):
    """Evaluates by the returns of trajectories under the weights of each inner step.

    What inner step k learns from is what the weights before it are judged by.
    """

    @cached_property
    def collector(self) -> Collector:
        """What collects trajectories."""
        return collector_for(
            self.config.task,
            self.config.algorithm,
            self.looking.objective,
            self.engine,
        )

    def collected(self, drawn: Episode, meta: Params, state: Params) -> Episode:
        """Return the episodes of an evaluation that come of what was drawn."""
        task = cast("ActingSettings", self.config.task)
        steps = self.config.evaluation.steps
        return self.collector.collect(drawn, meta, state, steps, later=task.later_steps)

    @override
    def curves(
        self,
        meta: Params,
        state: Params,
        split: Split,
        number: int,
        *,
        seed: int,
        tasks: int = CHUNK,
    ) -> torch.Tensor:
        """Return one chunk's curves, as [tasks, K+1, 3 + figures].

        First minus the mean return, twice, so that they lie where losses do.
        """
        drawn = self.episodes(split, number, seed, tasks)
        episode = self.collected(drawn, meta, state)
        parts = [
            self._told(part) for part in by_step(episode, self.config.evaluation.steps)
        ]
        return torch.stack(parts, 1).double().cpu()

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of what is told besides returns."""
        return self.collector.environment.figures_told

    @override
    def scores(self, curves: torch.Tensor) -> tuple[StepScore, ...]:
        means, errors = curves.mean(0).tolist(), ci95(curves).tolist()
        # What adapting did harm to: a return that is no number is none the better,
        # unless there was none to begin with.
        before = curves[:, :1, 2]
        is_worse = ~(curves[..., 2] <= before) & before.isfinite()
        worse = is_worse.double().mean(0).tolist()
        return tuple(
            StepScore(
                step=step,
                loss=mean[2],
                loss_ci95=error[2],
                accuracy=None,
                accuracy_ci95=None,
                support_loss=mean[0],
                support_loss_ci95=error[0],
                support_accuracy=None,
                support_accuracy_ci95=None,
                mean_return=-mean[2],
                return_ci95=error[2],
                figures=dict(zip(self.figures, mean[3:], strict=True))
                | {WORSE: worse[step]},
            )
            for step, (mean, error) in enumerate(zip(means, errors, strict=True))
        )

    def _told(self, acted: Trajectories) -> torch.Tensor:
        loss = -acted.returns.mean(-1)
        figures = self.collector.environment.figures(acted)
        every = [loss, torch.zeros_like(loss), loss, *figures.values()]
        told = (each if each.dim() == 1 else each.mean(-1) for each in every)
        return torch.stack(list(told), -1)


def by_step(episode: Episode, steps: int) -> list[Trajectories]:
    """Return collected episodes' trajectories under the weights of steps 0 to K."""
    support, query = (
        cast("Trajectories", part) for part in (episode.support, episode.query)
    )
    if steps == 0:
        return [query]
    batches = zip(*(leaf.chunk(steps, 1) for leaf in support), strict=True)
    return [*(Trajectories(*batch) for batch in batches), query]
