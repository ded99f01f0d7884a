"""What a measurement says: a number with its unit, and what it should reach."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured number. ``goal`` says in words what it should be, if anything."""

    measure: str
    value: float
    unit: str
    about: str
    goal: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        """Return it as a line of a table."""
        mark = {None: "", True: "yes", False: "NO"}[self.met]
        number = f"{self.value:.4g}"
        return (
            f"{self.measure:<26} {number:>8} {self.unit:<4} {self.goal:<8} {mark:<4}"
            f"{self.about}"
        )


def at_most(limit: float, figure: Figure) -> Figure:
    """Return the figure with the goal of not going beyond a limit."""
    return figure._replace(goal=f"<= {limit:g}", met=figure.value <= limit)


def at_least(limit: float, figure: Figure) -> Figure:
    """Return the figure with the goal of reaching a limit."""
    return figure._replace(goal=f">= {limit:g}", met=figure.value >= limit)
