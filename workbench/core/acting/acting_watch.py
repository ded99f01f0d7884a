"""Notices early what is the matter with the training of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.core.acting.trust_region import MOST_TRIES

_NARROW, _WIDE = 1e-3, 1e2
"""Deviations of actions that explore nothing any more, and that are but noise."""

_GROWN = 100.0
"""So many times the deviation before, actions are but noise as well."""


class ActingWatch:
    """Watches that steps are found, and that actions neither freeze nor scatter.

    It tells each once, also of a run that was stopped in between: ``facts`` are kept
    with its checkpoint.
    """

    def __init__(self, first_sd: float | None = None, told: Iterable[str] = ()) -> None:
        self._first_sd, self._told = first_sd, list(told)

    def facts(self) -> dict[str, Any]:
        """Return what to go on with."""
        return {"first_sd": self._first_sd, "told": self._told}

    def after_step(self, extras: Mapping[str, float]) -> list[str]:
        """Return what is the matter with a meta-step of these figures."""
        new = {name: said for name, said in self._seen(extras) if said}
        new = {name: new[name] for name in new if name not in self._told}
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
