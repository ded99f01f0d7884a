"""The task at hand: one episode, and a learner that adapts to it as one pleases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from workbench.core.episodes.answers import Answers, answer
from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.core.learning.episode import Examples
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.training.trained import Trained


class Knobs(NamedTuple):
    """How to adapt: ``rate`` times the learner's own inner rates, for ``steps``."""

    rate: float = 1.0
    steps: int = 5


@dataclass(frozen=True)
class AtHand:
    """A task, the learner that adapts to it, and how."""

    trained: Trained
    shown: ShownEpisode
    knobs: Knobs

    def answers(self) -> Answers:
        """Adapt, and ask at every inner step; DataError says why that cannot be."""
        return answer(self._learner(), self.shown, self.knobs.steps)

    def path(self) -> tuple[TaskObjective, tuple[Params, ...]]:
        """Adapt, and return the objective and the weights at every inner step."""
        return self._learner().path(self.shown.episode, self.knobs.steps)

    def with_support(self, support: Examples) -> AtHand:
        """Return the same with another support set, every step seeing all of it."""
        episode = self.shown.episode._replace(support=support, order=None)
        return replace(self, shown=replace(self.shown, episode=episode))

    def _learner(self) -> Trained:
        return self.trained.at_rate(self.knobs.rate)
