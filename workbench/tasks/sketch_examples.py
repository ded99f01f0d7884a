"""Examples for a sketch: characters of one alphabet, from any data set there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from workbench.core.base.cancelling import CancelFlag, Cancelled
from workbench.core.base.errors import DataError
from workbench.core.base.folders import resource
from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.pictures.store import StoredPictures
from workbench.core.sketch.session import (
    Drawing,
    Sketch,
    load,
)


class ExampleSource(Protocol):
    """What a data set offers to sketches."""

    @property
    def key(self) -> str:
        """What it is chosen by."""

    @property
    def title(self) -> str:
        """What the window calls it."""

    def characters(
        self, count: int, drawings: int, random: np.random.Generator
    ) -> list[list[Drawing]]:
        """Return drawings of ``count`` characters of one alphabet, if it has as many.

        DataError says what is missing.
        """


class StoredExamples(NamedTuple):
    """Examples from pictures that are kept, of 28 x 28 pixels."""

    key: str
    title: str
    stored: StoredPictures
    groups: Sequence[str]
    """Which alphabets to choose from."""

    def characters(
        self, count: int, drawings: int, random: np.random.Generator
    ) -> list[list[Drawing]]:
        """Return drawings of characters of one alphabet, or of several if need be."""
        index = self.stored.index
        classes: dict[str, list[int]] = {}
        for row, group in enumerate(index.groups):
            if index.counts[row] >= drawings:
                classes.setdefault(index.group_names[group], []).append(row)
        fitting = [
            rows
            for name, rows in classes.items()
            if name in self.groups and len(rows) >= count
        ]
        if fitting:
            rows = fitting[random.integers(len(fitting))]
        else:
            rows = [
                row for name in classes if name in self.groups for row in classes[name]
            ]
        if len(rows) < count:
            raise DataError(f"{self.title} has fewer than {count} characters.")
        chosen = random.choice(rows, count, replace=False)
        return [self._drawings(int(row), drawings, random) for row in chosen]

    def _drawings(
        self, row: int, drawings: int, random: np.random.Generator
    ) -> list[Drawing]:
        pictures = self.stored.of_class(row)[:, 0]
        picks = random.choice(len(pictures), drawings, replace=False)
        return [Drawing.of_picture(pictures[pick]) for pick in picks]


class GlyphExamples(NamedTuple):
    """Examples invented on the spot, as strokes."""

    key: str = "glyphs"
    title: str = "Glyphs"

    def characters(
        self, count: int, drawings: int, random: np.random.Generator
    ) -> list[list[Drawing]]:
        """Return drawings of characters of a newly invented alphabet."""
        from workbench.tasks.glyphs import Glyphs

        glyphs = Glyphs(
            characters=max(2, count),
            drawers=max(2, drawings),
            alphabet_seed=int(random.integers(2**31)),
        )
        sheet = glyphs.sheet(glyphs.alphabets_of("test")[0])
        return [
            [Drawing.of_strokes(strokes) for strokes in character.drawn[:drawings]]
            for character in sheet[:count]
        ]


def example_sources(
    data: Path, cancel: CancelFlag | None = None
) -> list[ExampleSource]:
    """Return what examples can be had from; glyphs always, others if they are there.

    Where Omniglot has to be read from its zips this takes seconds.
    """
    sources: list[ExampleSource] = [GlyphExamples()]
    omniglot = _omniglot(data, cancel)
    return [omniglot, *sources] if omniglot is not None else sources


def _omniglot(data: Path, cancel: CancelFlag | None) -> StoredExamples | None:
    from workbench.core.pictures.datasets import DataState
    from workbench.tasks.omniglot import OmniglotData, omniglot_pictures
    from workbench.tasks.omniglot_archive import EVALUATION

    if OmniglotData().report(data).state is not DataState.READY:
        return None
    try:
        stored = omniglot_pictures(data, cancel=cancel)
    except (Cancelled, DataError):
        return None
    if stored.index.shape != (1, REDUCED_SIZE, REDUCED_SIZE):
        return None
    return StoredExamples("omniglot", "Omniglot", stored, tuple(EVALUATION))


def new_task(
    sketch: Sketch, source: ExampleSource, random: np.random.Generator
) -> tuple[Sketch, str]:
    """Fill every class and the query; return also which class the query is of."""
    shots = max(len(each.drawings) for each in sketch.classes)
    found = source.characters(len(sketch.classes), shots + 1, random)
    classes = tuple(
        each.model_copy(update={"drawings": tuple(drawings[: len(each.drawings)])})
        for each, drawings in zip(sketch.classes, found, strict=True)
    )
    right = int(random.integers(len(classes)))
    return (
        sketch.changed(classes=classes, query=found[right][shots]),
        classes[right].name,
    )


def one_example(
    source: ExampleSource, random: np.random.Generator, drawings: int = 1
) -> list[Drawing]:
    """Return drawings of one character."""
    return source.characters(1, drawings, random)[0]


def first_sketch() -> Sketch:
    """Return the filled example that a new session starts with."""
    return load(resource("sketches", "example.json"))


def blank_like(sketch: Sketch) -> Sketch:
    """Return a session of as many classes, with nothing drawn and no name given."""
    blank = Sketch.blank(len(sketch.classes))
    return blank.changed(drawer=sketch.drawer, fit=sketch.fit)
