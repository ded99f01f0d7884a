"""Notices early what is the matter with the training of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from statistics import fmean, stdev
from typing import Any

from workbench.core.acting.trust_region import MOST_TRIES

_NARROW, _WIDE = 1e-3, 1e2
"""Deviations of actions that explore nothing any more, and that are but noise."""

_GROWN = 100.0
"""So many times the deviation before, actions are but noise as well."""


_IN_A_ROW = 2
_ERRORS = 3.0
"""A mean change is no chance from so many of its standard errors on."""


class ActingWatch:
    """Watches that steps are found, that actions stay useful, and adapting as well.

    It tells each once, also of a run that was stopped in between: ``facts`` are kept
    with its checkpoint.
    """

    def __init__(
        self,
        first_sd: float | None = None,
        told: Iterable[str] = (),
        harmed: int = 0,
    ) -> None:
        self._first_sd, self._told, self._harmed = first_sd, list(told), harmed

    def facts(self) -> dict[str, Any]:
        """Return what to go on with."""
        return {
            "first_sd": self._first_sd,
            "told": self._told,
            "harmed": self._harmed,
        }

    def after_step(self, extras: Mapping[str, float]) -> list[str]:
        """Return what is the matter with a meta-step of these figures."""
        return self._once(dict(self._seen(extras)))

    def after_validation(
        self, step: int, before: Sequence[float], after: Sequence[float]
    ) -> list[str]:
        """Return what is the matter with adapting; returns are a task each.

        Policies not trained at all may well be worse after it, and so may a few tasks
        by chance: it is told of what is sure, and is so twice in a row.
        """
        change = _sure_change(before, after) if step else 0.0
        self._harmed = self._harmed + 1 if change < 0 else 0
        if self._harmed < _IN_A_ROW:
            return []
        was, now = fmean(before), fmean(after)
        said = (
            f"adapting does harm: the return of tasks is {now:.4g} after it, and "
            f"{was:.4g} before"
        )
        return self._once({"harm": said})

    def _once(self, seen: Mapping[str, str]) -> list[str]:
        new = {name: said for name, said in seen.items() if name not in self._told}
        self._told += new
        return list(new.values())

    def _seen(self, extras: Mapping[str, float]) -> Iterator[tuple[str, str]]:
        if extras.get("line_search") == MOST_TRIES:
            yield (
                "no step",
                "no step within the trust region improves the policies, so that none "
                "is made; training goes on. Steps that are never found are a sign of "
                "too few tasks or trajectories to tell better from worse",
            )
        sd = extras.get("sd")
        if sd is None:
            return
        first = self._first_sd = self._first_sd or sd
        if sd < _NARROW <= first:
            yield (
                "narrow",
                f"the deviation of actions is {sd:.3g}, and was {first:.3g} at the "
                "start: policies hardly try anything else, and learn no more from it",
            )
        if sd > _GROWN * first or sd > _WIDE >= first:
            yield (
                "wide",
                f"the deviation of actions is {sd:.3g}, and was {first:.3g} at the "
                "start: what policies do is but noise",
            )


def _sure_change(before: Sequence[float], after: Sequence[float]) -> float:
    """Return by how much tasks changed on average, or 0 where that may be chance."""
    changes = [now - was for was, now in zip(before, after, strict=True)]
    if len(changes) < 2 or not all(map(isfinite, changes)):
        return 0.0
    mean, error = fmean(changes), stdev(changes) / len(changes) ** 0.5
    return mean if abs(mean) > _ERRORS * error else 0.0
