"""Figures as CSV: a line per meta-step, and hardly any of them in memory."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np

from workbench.core.base.files import written_atomically

Figure: TypeAlias = tuple[int, str, float]
"""A meta-step, what was measured there, and its value."""


def write_csv(figures: Iterable[Figure], path: Path) -> None:
    """Write a line for each meta-step; of what was measured twice, the last counts."""
    with (
        written_atomically(path) as file,
        tempfile.TemporaryFile(dir=path.parent) as beside,
    ):
        sheet = _Sheet(beside)
        for step, measured in itertools.groupby(figures, key=itemgetter(0)):
            sheet.add(step, {name: value for _, name, value in measured})
        lines = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(lines)
        writer.writerow(["step", *sheet.columns])
        writer.writerows(sheet.rows())
        lines.detach()


class _Sheet:
    """Rows kept in a file until it is known which columns there are."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._firsts: dict[str, int] = {}
        self._steps, self._places = array("q"), array("q")

    @property
    def columns(self) -> list[str]:
        """What was measured, in the order of the meta-steps that have it first."""
        return sorted(self._firsts, key=self._firsts.__getitem__)

    def add(self, step: int, measured: Mapping[str, float]) -> None:
        """Add a row, or a part of one."""
        for name in measured:
            self._firsts.setdefault(name, step)
        cells = (
            repr(measured[name]) if name in measured else "" for name in self._firsts
        )
        self._steps.append(step)
        self._places.append(self._file.tell())
        self._file.write(",".join(cells).encode() + b"\n")

    def rows(self) -> Iterator[list[object]]:
        """Yield each meta-step and its cells, in the order of meta-steps."""
        order = np.argsort(self._steps, kind="stable")
        written = list(self._firsts)
        columns = [written.index(name) for name in self.columns]
        for step, parts in itertools.groupby(order, key=self._steps.__getitem__):
            cells = [""] * len(columns)
            for part in parts:
                self._file.seek(self._places[part])
                line = self._file.readline().decode().rstrip("\n")
                for at, cell in enumerate(line.split(",")):
                    cells[at] = cell or cells[at]
            yield [step, *(cells[at] for at in columns)]
