"""How long the parts of a run take, how many of them it has, and so what is left."""

from __future__ import annotations

import math
from typing import NamedTuple

from workbench.core.config.sections import Sections

CHUNK = 20
"""Tasks of an evaluation that are drawn and adapted to at once."""


_ACTED = 30
"""As many passes as to act takes: step by step, in an environment of whatever kind."""

_IN_REGION = 10
"""How often a step in a trust region goes where another one goes once: conjugate
gradient needs as many products with the curvature."""


class Pace(NamedTuple):
    """Seconds of a meta-step, of a chunk of evaluated tasks, and of a checkpoint."""

    step: float
    chunk: float
    checkpoint: float = 0.0


class Work(NamedTuple):
    """How much of what a run does.

    ``trained_task`` is what a task of training takes, by what an evaluated one does.
    """

    iterations: int
    meta_batch: int
    validate_every: int
    checkpoint_every: int
    validation_chunks: int
    test_chunks: int
    trained_task: float = 1.0
    views: int = 1

    @classmethod
    def of(cls, config: Sections) -> Work:
        """Return how much a configuration has done."""
        training, evaluation = config.training, config.evaluation
        return cls(
            training.iterations,
            training.meta_batch,
            evaluation.every,
            training.checkpoint_every,
            math.ceil(evaluation.validation_tasks / CHUNK),
            math.ceil(evaluation.tasks / CHUNK),
            _trained_task(config),
            evaluation.views,
        )

    def seconds(self, pace: Pace, after: int = -1) -> float:
        """Return what is left after so many meta-steps; before the first, the whole."""
        validations = self._times(self.validate_every, after)
        chunks = validations * self.validation_chunks + self.test_chunks
        return (
            (self.iterations - max(0, after)) * pace.step
            + chunks * pace.chunk
            + self._times(self.checkpoint_every, after) * pace.checkpoint
        )

    def like_steps(self, step: float) -> Pace:
        """Return the pace where a view evaluated takes what a trained task does."""
        return Pace(step, step * self.views * CHUNK / self.meta_batch)

    def like_chunks(self, chunk: float) -> Pace:
        """Return the pace, roughly, where no more is known than a chunk of tasks."""
        return Pace(chunk * self.trained_task * self.meta_batch / CHUNK, chunk)

    def _times(self, every: int, after: int) -> int:
        """Return how often comes what is due every so often, and at the end."""
        is_due_at_end = self.iterations % every > 0 and after < self.iterations
        return self.iterations // every - after // every + is_due_at_end


def _trained_task(config: Sections) -> float:
    """Return how many times an evaluated task's passes over examples a trained one has.

    An inner step is a pass forward and, twice as long, one backward; so is the
    meta-gradient, twice that where it goes back through the inner steps. What is
    evaluated passes as often as it has views.
    """
    learner, evaluation = config.algorithm, config.evaluation
    support, query = config.examples_per_class("train")
    trained = 3 * (learner.inner_steps * support + query)
    if learner.order == "second":
        trained *= 2
    shots, queries = config.examples_per_class("test")
    adapted = 3 * evaluation.steps * shots
    if config.task.problem == "reinforcement":
        times = _IN_REGION if config.training.optimiser == "trust region" else 1
        acted = learner.inner_steps * support + query
        looked = evaluation.steps * shots + queries
        return (times * trained + _ACTED * acted) / (adapted + _ACTED * looked)
    looks = (evaluation.steps + 1) * (shots + queries)
    return trained / (evaluation.views * (adapted + looks))
