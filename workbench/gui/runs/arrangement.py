"""Which runs stand where: filtered, sorted, and grouped by configuration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.core.results.seeds import OverSeeds, over_seeds, shared_name
from workbench.core.runs.filter import Filter
from workbench.core.runs.row import RunRow
from workbench.gui.runs.columns import Column

_GROUP = "group:"
_SUMMED_UP = {
    "name": "{runs} that differ in nothing but the seed",
    "steps": "The least of {runs}",
    "best": "The mean over {seeds}",
    "test": "The mean over {seeds}, with the 95 % CI over them",
    "created": "The newest of {runs}",
    "seconds": "All {runs} together",
}


class Node(NamedTuple):
    """A line of the table: a run, or runs that differ in the seed alone.

    The row of a group is its first run's, with the mean over seeds for its test figure,
    the time of all, and the meta-steps that all have made. ``seeds`` has the runs that
    its figures are of, one of each seed.
    """

    key: str
    row: RunRow
    children: tuple[RunRow, ...] = ()
    seeds: OverSeeds = OverSeeds((), 0)

    @property
    def is_group(self) -> bool:
        """Whether it stands for several runs."""
        return bool(self.children)

    def text(self, column: Column) -> str:
        """Return what a column says of it; a group's name says how many there are."""
        if self.is_group and column.key == "name":
            return f"{self.row.name} ({len(self.children):,} runs)"
        if self.is_group and column.key == "seed":
            return _seeds(self.children)
        text = column.text(self.row)
        if column.key == "test" and self.seeds.share:
            return f"{text} ({self.seeds.share})"
        return text

    def summed_up(self, column: str) -> str:
        """Return what a group shows of its runs in a column; nothing if all are one."""
        if not self.is_group:
            return ""
        return _SUMMED_UP.get(column, "").format(
            runs=f"{len(self.children):,} runs", seeds=self.seeds.words
        )


class Order(NamedTuple):
    """How the table is arranged; ``kept`` is a run shown whatever the filter is."""

    column: Column
    descending: bool
    grouped: bool
    filter: Filter = Filter()
    kept: str = ""


def in_order(rows: Iterable[RunRow], order: Order) -> list[RunRow]:
    """Return all runs as they are sorted, whatever the filter is."""
    # Of equal ones the newest stands first, whichever way the column is sorted.
    found = sorted(rows, key=lambda row: (row.created, row.folder), reverse=True)
    if not order.grouped:
        found.sort(key=order.column.sort, reverse=order.descending)
    return found


def arrange(ordered: Iterable[RunRow], order: Order) -> list[Node]:
    """Return the lines of the table from top to bottom, of what ``in_order`` gave."""
    accepts, kept, chosen = order.filter.accepts, order.kept, ordered
    if order.filter.tests:
        chosen = [row for row in ordered if row.folder == kept or accepts(row)]
    if not order.grouped:
        return [Node(row.folder, row) for row in chosen]
    groups: dict[str, list[RunRow]] = {}
    for row in chosen:
        groups.setdefault(row.group_key or row.folder, []).append(row)
    nodes = [_node(group) for group in groups.values()]
    key = order.column.sort
    nodes.sort(key=lambda node: key(node.row), reverse=order.descending)
    return nodes


def _node(group: list[RunRow]) -> Node:
    if len(group) == 1:
        return Node(group[0].folder, group[0])
    children = tuple(sorted(group, key=lambda row: (row.seed or 0, row.created)))
    first, seeds = children[0], over_seeds(group)
    test = seeds.test
    states = {row.state for row in group}
    best = [row.best for row in seeds.rows if row.best is not None]
    lost = [n for row in seeds.rows if (n := row.test_diverged) is not None]
    figures = "" if test is None else f"; test: mean {seeds.of_what}over {seeds.words}"
    summary = first._replace(
        name=shared_name([row.name for row in children]),
        state=states.pop() if len(states) == 1 else "mixed",
        created=max(row.created for row in group),
        step=min(row.step for row in group),
        seconds=sum(row.seconds for row in group),
        seed=None,
        best=sum(best) / len(best) if best else None,
        test=None if test is None else test.mean,
        test_ci95=None if test is None else test.ci95,
        test_median=None,
        test_trimmed=None,
        test_diverged=sum(lost) if lost else None,
        tags="",
        notes=f"Seeds {_seeds(children)}{figures}",
        problem="",
        message="",
    )
    return Node(_GROUP + first.group_key, summary, children, seeds)


def _seeds(children: tuple[RunRow, ...]) -> str:
    """Return the seeds of a group in words, a row of neighbours by its ends."""
    found = sorted({row.seed for row in children if row.seed is not None})
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{found[0]}–{found[-1]}"
    more = f" and {len(found) - 12} more" if len(found) > 12 else ""
    return ", ".join(map(str, found[:12])) + more
