"""Notices that a run diverges, long before its loss is no number any more."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

_FIRST, _RECENT = 20, 50
"""Meta-steps whose median is the beginning, and whose median is the present."""

_GROWN, _HARMED = 3.0, 2.0
"""From so many times the loss before, it is no noise any more."""

_GAINED = 0.5
"""The share of a loss that is much to gain, and of what was gained much to lose."""

_EVERY = 10


class Divergence:
    """Watches that the meta-loss does not grow, and that adapting does not harm.

    Medians, for the loss of a single meta-batch may be any. It tells once, also of a
    run that was stopped in between: ``facts`` are kept with its checkpoint.
    """

    def __init__(
        self,
        first: Sequence[float] = (),
        recent: Sequence[float] = (),
        is_told: bool = False,
        begun: float | None = None,
        least: float | None = None,
        is_lost: bool = False,
    ) -> None:
        self._first, self._recent = list(first), list(recent)
        self._is_told, self._is_lost = is_told, is_lost
        self._begun, self._least = begun, least

    def facts(self) -> dict[str, Any]:
        """Return what to go on with."""
        return {
            "first": self._first,
            "recent": self._recent,
            "is_told": self._is_told,
            "begun": self._begun,
            "least": self._least,
            "is_lost": self._is_lost,
        }

    def after_step(self, step: int, loss: float) -> str:
        """Return what is the matter with the meta-loss, once; else nothing."""
        if len(self._first) < _FIRST:
            self._first.append(loss)
        self._recent = [*self._recent[1 - _RECENT :], loss]
        if step % _EVERY or len(self._recent) < _RECENT:
            return ""
        return self._once(
            "the meta-loss is about {:.3g}, and was {:.3g} at the start",
            median(self._recent),
            median(self._first),
            _GROWN,
        )

    def after_validation(self, step: int, losses: Sequence[float]) -> str:
        """Return what is the matter with adapting, once; ``losses`` are a step each.

        Weights not trained at all may well be worse after it.
        """
        was_lost, lost = self._is_lost, self._lost(losses[-1])
        if step == 0:
            return ""
        words = "tasks' loss is {:.3g} after adapting, and {:.3g} before"
        harmed = self._once(words, losses[-1], losses[0], _HARMED)
        if harmed or not (was_lost and lost):
            return harmed
        words = "tasks' loss after adapting is {:.3g}, and was {:.3g} already"
        return self._once(words, losses[-1], lost, 1.0)

    def _lost(self, loss: float) -> float:
        """Return the least loss so far if most of that gain is lost, else 0."""
        self._begun = loss if self._begun is None else self._begun
        self._least = loss if self._least is None else min(loss, self._least)
        gained = self._begun - self._least
        is_much = gained > _GAINED * self._begun
        self._is_lost = is_much and loss > self._least + _GAINED * gained
        return self._least if self._is_lost else 0.0

    def _once(self, words: str, much: float, little: float, times: float) -> str:
        if self._is_told or much <= times * little:
            return ""
        self._is_told = True
        return f"training diverges: {words.format(much, little)}"
