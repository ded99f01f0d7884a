"""Meta-batches that are collected under the present meta-parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.policy import PolicyObjective
from workbench.core.acting.trajectories import LOG_SD, Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.measure import Measure
from workbench.core.engine.engine import Engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskSettings


@dataclass(frozen=True)
class CollectedBatches:
    """What training learns from where tasks are acted in."""

    collector: Collector

    @classmethod
    def of(
        cls,
        task: TaskSettings,
        learner: MetaLearner,
        objective: TaskObjective,
        engine: Engine,
    ) -> CollectedBatches | None:
        """Return them; None where episodes are drawn as they are."""
        if not isinstance(objective, PolicyObjective):
            return None
        return cls(collector_for(task, learner, objective, engine))

    @property
    def objective(self) -> PolicyObjective:
        """What policies are judged by."""
        return self.collector.objective

    def collect(self, drawn: Episode, meta: Params, state: Params) -> Episode:
        """Return the meta-batch that comes of what was drawn."""
        learner = self.collector.learner
        steps = learner.inner_steps if learner.adapts_in_training else 0
        return self.collector.collect(drawn, meta, state, steps)

    def figures(self, episodes: Episode, meta: Params) -> dict[str, torch.Tensor]:
        """Return what else is told of a meta-batch."""
        before = cast("Trajectories", episodes.support)
        shots = self.collector.task.shots
        weights = self.collector.learner.weights(meta)
        query = cast("Trajectories", episodes.query)
        return {
            Measure.RETURN.value: query.returns.mean(),
            "return_before": before.returns[:, :shots].mean(),
            "sd": weights[LOG_SD].exp().mean(),
        }
