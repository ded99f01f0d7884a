"""How long the parts of a run take, how many of them it has, and so what is left."""

from __future__ import annotations

import math
from typing import NamedTuple

from workbench.core.config.sections import Sections
from workbench.core.training.sampling import CHUNK


class Pace(NamedTuple):
    """Seconds of a meta-step, of a chunk of evaluated tasks, and of a checkpoint."""

    step: float
    chunk: float
    checkpoint: float = 0.0


class Work(NamedTuple):
    """How much of what a run does."""

    iterations: int
    meta_batch: int
    validate_every: int
    checkpoint_every: int
    validation_chunks: int
    test_chunks: int

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
        """Return the pace where an evaluated task takes what a trained one does."""
        return Pace(step, step * CHUNK / self.meta_batch)

    def _times(self, every: int, after: int) -> int:
        """Return how often comes what is due every so often, and at the end."""
        is_due_at_end = self.iterations % every > 0 and after < self.iterations
        return self.iterations // every - after // every + is_due_at_end
