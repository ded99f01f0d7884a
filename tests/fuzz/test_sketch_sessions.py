"""Sketch sessions, damaged: opened, or refused in a sentence and kept as they are."""

from __future__ import annotations

import shutil
from random import Random

from tests.fuzz.damage import damaged, json_value
from tests.fuzz.holding import Holder, held
from workbench.core.sketch.alphabets import drawings_of
from workbench.core.sketch.pictures import seen
from workbench.core.sketch.session import (
    Answer,
    Guess,
    Sketch,
    from_json,
    load,
    to_json,
)
from workbench.core.sketch.shelf import Shelf
from workbench.tasks.sketch_examples import first_sketch


def whole() -> bytes:
    sketch = first_sketch()
    guess = Guess(run="a run", name=sketch.classes[0].name, probability=0.5)
    answer = Answer(
        drawing=sketch.query, right=sketch.classes[0].name, guesses=(guess,)
    )
    return to_json(sketch.with_answer(answer).changed(drawer="me")).encode()


def look_at(sketch: Sketch) -> None:
    """Draw everything, and see that it is saved as it is."""
    for drawings in drawings_of(sketch).values():
        for drawing in drawings:
            assert seen(drawing, sketch.fit).shape == (28, 28)
    assert from_json(to_json(sketch)) == sketch


def test_a_damaged_session_is_opened_or_refused(holder: Holder) -> None:
    file = holder.folder / "session.json"
    original = whole()

    def case(draw: Random) -> None:
        content = damaged(original, draw, json_value)
        holder.hold(file, content, lambda path: look_at(load(path)))

    holder.each(case)


def test_a_session_that_cannot_be_opened_is_kept_as_it_is(holder: Holder) -> None:
    folder = holder.folder / "sketches"
    original = whole()

    def case(draw: Random) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        content = damaged(original, draw, json_value)
        (folder / "mine.json").write_bytes(content)
        shelf = Shelf(folder)
        is_open = held(lambda: shelf.open("mine"), "mine.json")
        kept = "mine.json" if is_open else "aside/mine.json"
        assert (folder / kept).read_bytes() == content
        assert shelf.keep("mine", Sketch.blank()) == "mine"

    holder.each(case, share=0.3)
