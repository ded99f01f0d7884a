"""Runs and presets as a notebook shows them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from workbench.core.config.run_config import RunConfig
from workbench.core.results.report import short_report
from workbench.core.runs.evaluations import KeptEvaluation, own_test
from workbench.core.runs.row import RunRow, read_row
from workbench.core.runs.store import RunFolder, RunInfo

if TYPE_CHECKING:
    from workbench.core.training.trained import Trained

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """A run's folder, which shows itself as a small table with its curves."""

    folder: RunFolder

    @property
    def info(self) -> RunInfo:
        """What it is and how it stands."""
        return self.folder.info()

    @property
    def config(self) -> RunConfig:
        """Its whole configuration."""
        return self.folder.config()

    @property
    def row(self) -> RunRow:
        """Its line in the table of runs."""
        return read_row(self.folder.path)

    @property
    def test(self) -> KeptEvaluation | None:
        """Its own test, with the scores at every inner step; None if there is none."""
        return own_test(self.folder.path)

    def trained(self, which: str = "best") -> Trained:
        """Load what it learned: the ``best`` checkpoint, or the ``latest``."""
        from workbench.core.training.trained import Trained

        return Trained.load(self.folder, which)

    def __repr__(self) -> str:
        info = self.info
        return (
            f"Run({info.name!r}, {info.state}, {info.step:,} of {info.iterations:,} "
            f"meta-steps, {self.folder.path})"
        )

    def _repr_html_(self) -> str:
        return short_report([self.folder])


class Shown(Sequence[T], Generic[T]):
    """A list that a notebook shows as a table; ``empty`` is said where it is none."""

    def __init__(
        self,
        items: Iterable[T],
        heads: Sequence[str],
        cells: Callable[[T], Sequence[str]],
        empty: str = "",
    ) -> None:
        self._items = tuple(items)
        self._heads = heads
        self._cells = cells
        self._empty = empty

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, number: Any) -> Any:
        return self._items[number]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __repr__(self) -> str:
        if not self._items:
            return self._empty
        rows = [self._heads, *map(self._cells, self._items)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows
        )

    def _repr_html_(self) -> str:
        if not self._items:
            return f"<p>{html.escape(self._empty)}</p>"
        return html_table(self._heads, map(self._cells, self._items))


def html_table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], caption: str = ""
) -> str:
    """Return a table as HTML."""
    above = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    head, *body = (
        "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in row)
        for tag, row in [("th", heads), *(("td", row) for row in rows)]
    )
    lines = "".join(f"<tr>{row}</tr>" for row in body)
    return f"<table>{above}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
