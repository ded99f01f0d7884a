"""Collects an episode: trajectories under the weights adapted so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from workbench.core.acting.advantages import with_advantages
from workbench.core.acting.environment import Environment
from workbench.core.acting.policy import PolicyObjective
from workbench.core.acting.rollout import rollout
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import LOG_SD, Trajectories
from workbench.core.base.lazy import torch
from workbench.core.engine.engine import Engine, one_thread
from workbench.core.engine.tracing import Traces
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import last
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params, tree_map
from workbench.core.learning.task_family import TaskSettings


@dataclass(frozen=True)
class AdaptedAfter:
    """The weights that a learner adapts to a task in so many inner steps."""

    learner: MetaLearner
    objective: PolicyObjective
    steps: int

    def __call__(self, meta: Params, state: Params, episode: Episode) -> Params:
        """Return them for one task."""
        batches = episode.batches(self.steps)
        return last(self.learner.adapt(self.objective, meta, batches, state))


@dataclass(frozen=True)
class Collector:
    """Acts in a meta-batch's tasks side by side, and adapts to them step by step."""

    task: ActingSettings
    learner: MetaLearner
    objective: PolicyObjective
    engine: Engine
    environment: Environment
    traces: Traces = field(default_factory=Traces)

    def collect(
        self,
        drawn: Episode,
        meta: Params,
        state: Params,
        steps: int,
        *,
        later: float = 1.0,
    ) -> Episode:
        """Return the episodes that come of what was drawn, adapting ``steps`` times.

        Inner steps after the first are ``later`` times as long: what they learn from
        has as much of its advantages.
        """
        *batches, query = self.acting(drawn, meta, state, steps, later=later)
        return _episode(batches, drawn.query)._replace(query=_examples(query))

    def acting(
        self,
        drawn: Episode,
        meta: Params,
        state: Params,
        steps: int,
        *,
        later: float = 1.0,
    ) -> Iterator[Trajectories]:
        """Yield what is done before each inner step, as it is done, and after all.

        Without inner steps there is what was drawn as support, and the query.
        """
        shots = drawn.support.x.shape[1] // max(1, steps)
        episode = drawn._replace(order=None)
        batches: list[Trajectories] = []
        for step in range(max(1, steps)):
            rows = slice(step * shots, (step + 1) * shots)
            draws = Examples(drawn.support.x[:, rows], drawn.support.y[:, rows])
            weights = self.adapted(episode, meta, state, min(step, steps))
            batch = self.act(weights, draws)
            if step:
                batch = batch._replace(advantage=later * batch.advantage)
            yield batch
            batches.append(batch)
            episode = _episode(batches, drawn.query)
        yield self.act(self.adapted(episode, meta, state, steps), drawn.query)

    def adapted(
        self, episode: Episode, meta: Params, state: Params, steps: int
    ) -> Params:
        """Return each task's weights after so many inner steps."""
        if steps == 0:
            tasks = len(episode.query.x)
            weights = self.learner.weights(meta)
            return tree_map(lambda leaf: leaf.expand(tasks, *leaf.shape), weights)
        adapting = AdaptedAfter(self.learner, self.objective, steps)
        adapted: Params = self.engine.map(adapting, episode, meta, state)
        return adapted

    def act(self, weights: Params, drawn: Examples) -> Trajectories:
        """Act in each task under its weights."""
        collected: Trajectories
        weights = tree_map(torch.Tensor.detach, weights)
        # A step of all trajectories is too small to be shared between cores.
        with one_thread(), torch.no_grad():
            if self.environment.is_traceable:
                collected = self.traces(self._act_in_all, weights, drawn)
            else:
                collected = rollout(
                    self.environment,
                    lambda seen: torch.func.vmap(self.objective.outputs)(weights, seen),
                    weights[LOG_SD],
                    drawn,
                )
            return with_advantages(collected, self.task.discount, self.task.smoothing)

    def _act_in_all(self, weights: Params, drawn: Examples) -> Trajectories:
        def act(weights: Params, drawn: Examples) -> Trajectories:
            def policy(seen: torch.Tensor) -> torch.Tensor:
                return self.objective.outputs(weights, seen)

            return rollout(self.environment, policy, weights[LOG_SD], drawn)

        acted: Trajectories = torch.func.vmap(act)(weights, drawn)
        return acted


def collector_for(
    task: TaskSettings,
    learner: MetaLearner,
    objective: TaskObjective,
    engine: Engine,
) -> Collector:
    """Return what collects episodes of tasks that are acted in."""
    assert isinstance(task, ActingSettings)
    assert isinstance(objective, PolicyObjective)
    return Collector(task, learner, objective, engine, task.environment())


def _episode(batches: list[Trajectories], query: Examples) -> Episode:
    """Return the episode of the batches so far, in their order."""
    every = Trajectories(*(torch.cat(each, 1) for each in zip(*batches, strict=True)))
    tasks, number = every.x.shape[:2]
    order = None
    if len(batches) > 1:
        rows = torch.arange(number, device=every.x.device)
        order = rows.reshape(len(batches), -1).expand(tasks, len(batches), -1)
    return Episode(_examples(every), query, order)


def _examples(collected: Trajectories) -> Examples:
    # Trajectories are examples that know more: an inner step takes them as they are.
    return cast("Examples", collected)
