"""A sketch session: classes with their drawings, a query, and the answers so far.

Plain immutable values, so that undoing is putting an old one back and a thread can be
handed one. Coordinates are those of ``drawing.strokes``: x to the right and y down,
from 0 to 105. Files are JSON; what is wrong with a damaged one is said in a sentence.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from workbench.core.base.errors import DataError
from workbench.core.base.files import read, write_atomically
from workbench.core.drawing.strokes import REDUCED_SIZE, SIZE, Picture, Stroke

FEWEST_WAYS, MOST_WAYS = 2, 20
MOST_SHOTS = 5
NONE = ""
"""Stands for the name of a class where a query was, or is taken to be, of none."""

_FORM = "few-shot-workbench sketch"
_MOST_BYTES = 50 * 2**20
_MOST_STROKES = 500
_MOST_POINTS = 20_000
_MOST_ANSWERS = 10_000
_SIDES = (REDUCED_SIZE, SIZE)

Coordinate: TypeAlias = Annotated[float, Field(ge=-1000, le=1000)]
Milliseconds: TypeAlias = Annotated[float, Field(ge=0, le=1e9)]
Pressure: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PenStroke(_Value):
    """What the pen did from touching down to being lifted, point by point.

    ``pressure`` is the pen's, from 0 to 1; a mouse's is 0.5 throughout.
    """

    x: tuple[Coordinate, ...] = Field(min_length=1, max_length=_MOST_POINTS)
    y: tuple[Coordinate, ...]
    milliseconds: tuple[Milliseconds, ...]
    pressure: tuple[Pressure, ...]

    @model_validator(mode="after")
    def _columns_are_equally_long(self) -> Self:
        lengths = {
            len(part) for part in (self.x, self.y, self.milliseconds, self.pressure)
        }
        if len(lengths) > 1:
            raise ValueError("x, y, milliseconds and pressure are not equally long")
        return self

    @classmethod
    def of(cls, stroke: Stroke) -> PenStroke:
        """Return a stroke of ``drawing.strokes`` as one of these."""
        even = np.ones(len(stroke.points))
        width = even if stroke.pressure is None else stroke.pressure
        return cls(
            x=tuple(np.round(stroke.points[:, 0], 2).tolist()),
            y=tuple(np.round(stroke.points[:, 1], 2).tolist()),
            milliseconds=tuple(np.round(stroke.times, 1).tolist()),
            pressure=tuple((width - 0.5).clip(0, 1).tolist()),
        )

    @property
    def rendered(self) -> Stroke:
        """The stroke as it is drawn: at half pressure as wide as Omniglot's."""
        return Stroke(
            np.column_stack([self.x, self.y]),
            np.array(self.milliseconds),
            np.array(self.pressure) + 0.5,
        )


def _is_picture(text: str) -> str:
    if text:
        try:
            size = len(base64.b64decode(text, validate=True))
        except binascii.Error:
            raise ValueError("the picture is not base64 text") from None
        if size not in [side**2 for side in _SIDES]:
            raise ValueError(f"the picture has {size} pixels, not 28 x 28 or 105 x 105")
    return text


# Arrays are kept outside the values: compared with ==, they would have no truth value.
@lru_cache(maxsize=256)
def _decoded(picture: str) -> Picture:
    content = base64.b64decode(picture)
    side = round(len(content) ** 0.5)
    return np.frombuffer(content, np.uint8).reshape(side, side)


class Drawing(_Value):
    """Strokes, over a picture if one was put there.

    ``picture`` is base64 of one byte a pixel, ink 255, of 28 x 28 or 105 x 105.
    """

    strokes: tuple[PenStroke, ...] = Field((), max_length=_MOST_STROKES)
    picture: Annotated[str, AfterValidator(_is_picture)] = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes and not self.picture

    @property
    def pixels(self) -> Picture | None:
        """The picture as [28, 28] or [105, 105]."""
        return _decoded(self.picture) if self.picture else None

    @classmethod
    def of_picture(cls, pixels: Picture) -> Drawing:
        """Return a drawing that is a picture, ink 255."""
        return cls(picture=base64.b64encode(pixels.tobytes()).decode())

    @classmethod
    def of_strokes(cls, strokes: list[Stroke]) -> Drawing:
        """Return a drawing made of strokes of ``drawing.strokes``."""
        return cls(strokes=tuple(map(PenStroke.of, strokes)))

    def with_stroke(self, stroke: PenStroke) -> Drawing:
        """Return the drawing with one stroke more."""
        return self.model_copy(update={"strokes": (*self.strokes, stroke)})

    def without_stroke(self, index: int) -> Drawing:
        """Return the drawing with one stroke less."""
        kept = self.strokes[:index] + self.strokes[index + 1 :]
        return self.model_copy(update={"strokes": kept})


EMPTY = Drawing()


class SketchClass(_Value):
    """A class: its name and its support drawings, some perhaps still empty."""

    name: str = Field(min_length=1, max_length=60)
    drawings: tuple[Drawing, ...] = Field((EMPTY,), min_length=1, max_length=MOST_SHOTS)

    @property
    def drawn(self) -> tuple[Drawing, ...]:
        """The drawings that are not empty."""
        return tuple(drawing for drawing in self.drawings if not drawing.is_empty)

    def with_drawing(self, shot: int, drawing: Drawing) -> SketchClass:
        """Return the class with one drawing replaced."""
        drawings = list(self.drawings)
        drawings[shot] = drawing
        return self.model_copy(update={"drawings": tuple(drawings)})


class Guess(_Value):
    """What one run said of a query: the class's name, and how probable it found it.

    A name that is empty says that it was of none of the classes.
    """

    run: str
    name: str
    probability: float = Field(ge=0, le=1)


class Answer(_Value):
    """A query that was judged: what it was (empty: none), and what each run said."""

    drawing: Drawing
    right: str
    guesses: tuple[Guess, ...] = Field((), max_length=8)


class Sketch(_Value):
    """Everything a sketch session is."""

    form: Literal["few-shot-workbench sketch"] = "few-shot-workbench sketch"
    version: Literal[1] = 1
    drawer: str = Field("", max_length=60)
    fit: bool = True
    """Whether small drawings and those in a corner are moved and scaled."""
    classes: tuple[SketchClass, ...] = Field(
        min_length=FEWEST_WAYS, max_length=MOST_WAYS
    )
    query: Drawing = EMPTY
    answers: tuple[Answer, ...] = Field((), max_length=_MOST_ANSWERS)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [each.name for each in self.classes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two classes are named {name!r}")
        return self

    @classmethod
    def blank(cls, ways: int = 5) -> Sketch:
        """Return a session with nothing drawn yet."""
        return cls(classes=tuple(SketchClass(name=_letter(n)) for n in range(ways)))

    def changed(self, **changes: Any) -> Sketch:
        """Return a copy with fields replaced."""
        return self.model_copy(update=changes)

    def with_class(self, row: int, changed: SketchClass) -> Sketch:
        """Return a copy with one class replaced."""
        classes = list(self.classes)
        classes[row] = changed
        return self.changed(classes=tuple(classes))

    def without_class(self, row: int) -> Sketch:
        """Return a copy with one class less."""
        return self.changed(classes=self.classes[:row] + self.classes[row + 1 :])

    def moved_class(self, row: int, to: int) -> Sketch:
        """Return a copy with a class at another place."""
        classes = list(self.classes)
        classes.insert(to, classes.pop(row))
        return self.changed(classes=tuple(classes))

    def new_name(self) -> str:
        """Return a name for a class at the end: its place's letter, or a later one."""
        names = {each.name for each in self.classes}
        places = itertools.count(len(self.classes))
        return next(name for n in places if (name := _letter(n)) not in names)

    def with_example(self, name: str, drawing: Drawing) -> Sketch | None:
        """Return a copy whose class learns from one drawing more; None without room."""
        for row, each in enumerate(self.classes):
            if each.name == name and len(each.drawn) < MOST_SHOTS:
                drawings = (*each.drawn, drawing)
                return self.with_class(
                    row, each.model_copy(update={"drawings": drawings})
                )
        return None

    def with_answer(self, answer: Answer) -> Sketch:
        """Return a copy with one more answer and the query cleared for the next."""
        return self.changed(answers=(*self.answers, answer), query=EMPTY)


def to_json(sketch: Sketch) -> str:
    """Return the session as a JSON document."""
    return sketch.model_dump_json(indent=1)


def from_json(text: str | bytes, name: str = "The file") -> Sketch:
    """Read a session; DataError says in a sentence what is wrong with it."""
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        is_whole = error.doc.rstrip().endswith("}")
        what = f"line {error.lineno} makes no sense" if is_whole else "it ends too soon"
        raise DataError(f"{name} is damaged: {what}.") from None
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("form") != _FORM:
        raise DataError(f"{name} is no sketch session: open one that was saved here.")
    if record.get("version") != 1:
        raise DataError(
            f"{name} was saved by another version ({record.get('version')!r}): update "
            "the workbench to open it."
        )
    try:
        return Sketch.model_validate(record)
    except ValidationError as error:
        raise DataError(f"{name} is damaged: {_first(error)}") from None


def save(sketch: Sketch, path: Path) -> None:
    """Write a session; DataError says why that cannot be done."""
    try:
        write_atomically(path, to_json(sketch).encode())
    except OSError as error:
        raise DataError(f"Cannot write {path.name}: {error.strerror}.") from error


def load(path: Path) -> Sketch:
    """Read a session's file; DataError says what is wrong with it."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path.name} is too large to be a sketch session.")
        content = read(path)
    except OSError as error:
        raise DataError(f"Cannot read {path.name}: {error.strerror}.") from error
    return from_json(content, path.name)


def file_name(text: str) -> str:
    """Return a name that any disk takes for a file."""
    return re.sub(r"[^\w. -]+", "_", text).strip(" .")[:60] or "unnamed"


def _letter(number: int) -> str:
    letter = chr(ord("A") + number % 26)
    return letter if number < 26 else f"{letter}{number // 26}"


def _first(error: ValidationError) -> str:
    item = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(
        str(part + 1) if isinstance(part, int) else part for part in item["loc"]
    )
    message = item["msg"].removeprefix("Value error, ")
    return f"{place}: {message}." if place else f"{message}."
