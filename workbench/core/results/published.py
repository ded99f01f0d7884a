"""The figures that the papers published, and which preset aims at each.

They stand in ``resources/published.toml``, with what its rows and cells mean.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from workbench.core.base.folders import resource
from workbench.core.base.measure import Measure
from workbench.core.config.judged_by import measure_of


class PublishedFigure(NamedTuple):
    """One published figure: a cell of the table, ``text`` as it was published.

    ``algorithm``, ``task``, ``ways``, ``shots`` (at test), ``transductive``,
    ``inner_steps`` (at test; None for the run's own) and ``fields``, settings by their
    dotted names, decide which runs measure it. ``settings`` are those that the paper is
    known to have. Accuracies are in percent.
    """

    table: str
    learner: str
    setting: str
    text: str
    paper: str
    preset: str
    algorithm: str
    task: str
    shots: int
    ways: int | None = None
    transductive: bool = True
    inner_steps: int | None = None
    fields: Mapping[str, str] = {}
    from_summary: bool = False
    remark: str = ""
    settings: Mapping[str, Any] = {}

    @property
    def measure(self) -> Measure:
        """What it is."""
        return measure_of(self.task, has_ways=self.ways is not None)


@functools.cache
def figures() -> tuple[PublishedFigure, ...]:
    """Return every published figure that a run can be compared with."""
    read: dict[str, Any] = tomllib.loads(resource("published.toml").read_text("utf-8"))
    found = []
    for row in read["rows"]:
        for cell in row.pop("cells"):
            names = [*row["settings"], *cell.get("settings", ())]
            settings = {
                k: v for name in names for k, v in read["settings"][name].items()
            }
            found.append(PublishedFigure(**(row | cell | {"settings": settings})))
    return tuple(found)


def tables() -> tuple[str, ...]:
    """Return the tables that the figures are of, in the order to show them."""
    return tuple(dict.fromkeys(figure.table for figure in figures()))
