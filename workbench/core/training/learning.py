"""What a learner makes of one episode, as a function that can be sent elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import MetaLearner, TaskGradient
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params


@dataclass(frozen=True)
class Learning:
    """A learner's word on one episode."""

    learner: MetaLearner
    objective: TaskObjective

    def __hash__(self) -> int:
        return _hash(self)

    def __call__(self, meta: Params, state: Params, episode: Episode) -> TaskGradient:
        """Return what it says."""
        return self.objective.task_gradient(self.learner, meta, state, episode)


@dataclass(frozen=True)
class LearningWith:
    """The same, with some of the learner's settings given as tensors."""

    learner: MetaLearner
    objective: TaskObjective

    def __hash__(self) -> int:
        return _hash(self)

    def __call__(
        self, settings: Params, meta: Params, state: Params, episode: Episode
    ) -> TaskGradient:
        """Return what it says, with these settings."""
        learner = self.learner.model_copy(update=settings)
        return self.objective.task_gradient(learner, meta, state, episode)


def _hash(function: Learning | LearningWith) -> int:
    # It is asked for in every meta-step, and that of all settings takes long.
    return hash((type(function.learner), function.objective.ways))
