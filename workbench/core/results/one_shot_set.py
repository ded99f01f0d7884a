"""A larger set of the form of the one-shot challenge, drawn from whole alphabets.

Drawing k of every character of an alphabet is by the same drawer, as in Omniglot.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from typing_extensions import override

from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.learning.episode import Episode, Examples
from workbench.core.pictures.store import PictureIndex, StoredPictures
from workbench.core.results.challenge_figures import WAYS


class DrawnRun(NamedTuple):
    """What a run is made of: its classes by label, and who drew what, from 0 on."""

    alphabet: str
    classes: tuple[int, ...]
    support_drawer: int
    query_drawer: int


@dataclass(frozen=True)
class OneShotSet(Sequence[Episode]):
    """Runs whose pictures are fetched as they are asked for."""

    stored: StoredPictures
    drawn: tuple[DrawnRun, ...]

    @override
    def __len__(self) -> int:
        return len(self.drawn)

    @overload
    def __getitem__(self, which: int) -> Episode: ...

    @overload
    def __getitem__(self, which: slice) -> OneShotSet: ...

    @override
    def __getitem__(self, which: int | slice) -> Episode | OneShotSet:
        if isinstance(which, slice):
            return OneShotSet(self.stored, self.drawn[which])
        run = self.drawn[which]
        return Episode(
            self._by(run.support_drawer, run), self._by(run.query_drawer, run)
        )

    def _by(self, drawer: int, run: DrawnRun) -> Examples:
        firsts = self.stored.index.firsts
        rows = [firsts[row] + drawer for row in run.classes]
        x = torch.from_numpy(self.stored.pictures[rows]).float() / 255
        return Examples(x, torch.arange(len(rows)))


def too_small(index: PictureIndex, alphabets: Collection[str]) -> list[str]:
    """Return the alphabets that have fewer characters than a run asks for."""
    rows = _rows(index, alphabets)
    return [name for name in alphabets if len(rows.get(name, ())) < WAYS]


def draw_runs(
    index: PictureIndex, alphabets: Collection[str], number: int, seed: int
) -> tuple[DrawnRun, ...]:
    """Draw runs, from every alphabet about equally many; the first are always the same.

    DataError where no alphabet has enough characters.
    """
    left_out = too_small(index, alphabets)
    rows = _rows(index, [name for name in alphabets if name not in left_out])
    if not rows:
        raise DataError(f"no alphabet has {WAYS} characters, as a one-shot run needs")
    runs: list[DrawnRun] = []
    while len(runs) < number:
        turn = generator_for(seed, "one-shot alphabets", len(runs) // len(rows))
        order = torch.randperm(len(rows), generator=turn).tolist()
        for alphabet in [list(rows)[place] for place in order][: number - len(runs)]:
            generator = generator_for(seed, "one-shot run", len(runs))
            runs.append(_draw(index, alphabet, rows[alphabet], generator))
    return tuple(runs)


def _draw(
    index: PictureIndex, alphabet: str, rows: list[int], generator: torch.Generator
) -> DrawnRun:
    order = torch.randperm(len(rows), generator=generator)[:WAYS].tolist()
    drawers = min(index.counts[row] for row in rows)
    support, query = torch.randperm(drawers, generator=generator)[:2].tolist()
    return DrawnRun(alphabet, tuple(rows[place] for place in order), support, query)


def _rows(index: PictureIndex, alphabets: Collection[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(index.groups):
        if index.group_names[group] in alphabets:
            rows.setdefault(index.group_names[group], []).append(row)
    return rows
