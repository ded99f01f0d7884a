"""What a policy does in one task: its trajectories, inner step by inner step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.planar import PlanarSettings, paths_of
from workbench.core.acting.policy import objective_of
from workbench.core.acting.settings import ActingSettings
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.engine.engine import LoopEngine, one_thread
from workbench.core.episodes.shown_episode import EpisodeSource, Floats, ShownEpisode
from workbench.core.learning.episode import Episode
from workbench.core.training.examining import by_step
from workbench.core.training.sampling import tasks_together
from workbench.core.training.trained import Trained


class Acted(NamedTuple):
    """Trajectories of one task under the weights after some inner steps.

    ``rewards`` and ``advantages`` are [n, horizon], and no number after a trajectory's
    end; ``returns`` and ``lengths`` are [n], as is each of the ``figures``. ``paths``
    are where they are in the plane, [n, horizon + 1, 2], if that is where they are.
    """

    rewards: Floats
    advantages: Floats
    returns: Floats
    lengths: Floats
    figures: dict[str, Floats]
    paths: Floats | None = None

    @property
    def number(self) -> int:
        """How many trajectories there are."""
        return len(self.returns)

    @property
    def mean_return(self) -> float:
        """The trajectories' mean return."""
        return float(self.returns.mean())


@dataclass(frozen=True)
class ActedEpisode:
    """The trajectories of one task after 0, 1, 2, … inner steps.

    What step k learned from are those after k - 1. ``is_trained`` tells whether the
    policy was; ``step`` is the meta-step that its meta-parameters are of.
    """

    updates: tuple[Acted, ...]
    is_trained: bool = False
    step: int = 0

    @property
    def steps(self) -> int:
        """How many inner steps were taken."""
        return len(self.updates) - 1

    @property
    def returns(self) -> Floats:
        """The mean return after each inner step, [K+1]."""
        return np.array([each.mean_return for each in self.updates])

    def after(self, step: int) -> Acted:
        """Return the trajectories after an inner step, or after the last there is."""
        return self.updates[min(step, self.steps)]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything about it as arrays; their first axis counts inner steps."""
        found: dict[str, NDArray[Any]] = {
            name: np.stack([getattr(each, name) for each in self.updates])
            for name in ("rewards", "advantages", "returns", "lengths")
        }
        paths = [each.paths for each in self.updates if each.paths is not None]
        return found | ({"paths": np.stack(paths)} if paths else {})


class ActedEpisodes:
    """Acts in the tasks of episodes, keeping what acted last; for one thread."""

    def __init__(self) -> None:
        self._kept: tuple[object, Collector] | None = None

    def act(
        self,
        trained: Trained,
        source: EpisodeSource,
        shown: ShownEpisode,
        steps: int,
    ) -> ActedEpisode:
        """Act in an episode's task before and after each of ``steps`` inner steps.

        Chance is that of training or evaluation where these make as many inner steps.
        """
        task = cast("ActingSettings", shown.config.task)
        collector = self._collector(trained, task)
        later = 1.0 if shown.address.split == "train" else task.later_steps
        with one_thread():
            episode = collector.collect(
                _drawn(source, shown, steps),
                trained.meta,
                trained.state,
                steps,
                later=later,
            )
        acted = by_step(episode, steps)
        # How long the inner steps are is no property of the actions.
        scales = [later if 0 < step < steps else 1.0 for step in range(steps + 1)]
        updates = (
            _told(each._replace(advantage=each.advantage / scale), collector)
            for each, scale in zip(acted, scales, strict=True)
        )
        return ActedEpisode(tuple(updates), trained.step > 0, trained.step)

    def _collector(self, trained: Trained, task: ActingSettings) -> Collector:
        """Return what collects in such tasks as a learner does."""
        model, learner = trained.config.model, trained.config.algorithm
        key = task, model, learner
        if self._kept is None or self._kept[0] != key:
            objective = objective_of(model, task)
            made = collector_for(task, learner, objective, LoopEngine())
            self._kept = key, made
        return self._kept[1]


def _drawn(source: EpisodeSource, shown: ShownEpisode, steps: int) -> Episode:
    """Return what is drawn for an episode and so many inner steps, [1, ...]."""
    config, (split, seed, number) = shown.config, shown.address
    together = tasks_together(config, split)
    drawing, index = divmod(number, together)
    shots, queries = config.examples_per_class(split)
    drawn = source.family(config.task).sample(
        split,
        together,
        generator_for(seed, split, drawing, torch.device("cpu")),
        (config.task.supports(steps) * shots, queries),
    )
    return drawn.tasks(slice(index, index + 1))


def _told(acted: Trajectories, collector: Collector) -> Acted:
    """Return what is told of one task's trajectories, [1, n, ...]."""
    gone = acted.going[0] == 0
    figures = collector.environment.figures(acted)
    is_planar = isinstance(collector.task, PlanarSettings)
    return Acted(
        _floats(acted.reward[0].masked_fill(gone, torch.nan)),
        _floats(acted.advantage[0].masked_fill(gone, torch.nan)),
        _floats(acted.returns[0]),
        _floats(acted.lengths[0]),
        {
            name: _floats(values[0])
            for name, values in figures.items()
            if name != "length" and values.dim() == 2
        },
        _floats(paths_of(acted)[0]) if is_planar else None,
    )


def _floats(values: torch.Tensor) -> Floats:
    floats: Floats = values.double().cpu().numpy()
    return floats
