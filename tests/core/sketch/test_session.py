"""Sketch sessions are plain values, kept in files that say what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.base.errors import DataError
from workbench.core.sketch.session import (
    EMPTY,
    Answer,
    Drawing,
    Guess,
    PenStroke,
    Sketch,
    SketchClass,
    from_json,
    load,
    save,
    to_json,
)
from workbench.tasks.sketch_examples import GlyphExamples, first_sketch

coordinates = st.floats(-20, 125).map(lambda value: round(value, 2))


@st.composite
def pen_strokes(draw: st.DrawFn) -> PenStroke:
    count = draw(st.integers(1, 8))

    def column(numbers: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(st.lists(numbers, min_size=count, max_size=count)))

    return PenStroke(
        x=column(coordinates),
        y=column(coordinates),
        milliseconds=column(st.floats(0, 1e6)),
        pressure=column(st.floats(0, 1)),
    )


def a_stroke() -> PenStroke:
    return PenStroke(x=(20, 80), y=(50, 50), milliseconds=(0, 100), pressure=(0.5, 0.5))


@given(st.lists(pen_strokes(), max_size=3), st.text(min_size=1, max_size=60))
def test_a_session_comes_back_from_its_file_as_it_was(
    strokes: list[PenStroke], name: str
) -> None:
    drawing = Drawing(strokes=tuple(strokes))
    sketch = Sketch.blank(3).changed(query=drawing)
    first = sketch.classes[0].with_drawing(0, drawing)
    sketch = sketch.with_class(0, first.model_copy(update={"name": name + "!"}))
    guess = Guess(run="a run", name=name + "!", probability=0.5)
    sketch = sketch.with_answer(Answer(drawing=drawing, right="B", guesses=(guess,)))
    assert from_json(to_json(sketch)) == sketch


def test_a_session_with_a_picture_is_saved_and_opened(tmp_path: Path) -> None:
    sketch = first_sketch()
    save(sketch, tmp_path / "sketch.json")
    assert load(tmp_path / "sketch.json") == sketch


def test_the_first_sketch_is_filled() -> None:
    sketch = first_sketch()
    assert len(sketch.classes) == 5
    assert all(each.drawn for each in sketch.classes)
    assert not sketch.query.is_empty


def damaged(**changes: object) -> str:
    record = json.loads(to_json(Sketch.blank(2)))
    return json.dumps(record | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is damaged: it ends too soon"),
        ("{", "is damaged: it ends too soon"),
        ('{\n "form": oops\n}', "is damaged: line 2 makes no sense"),
        ("[1, 2]", "is no sketch session"),
        ("[" * 100_000, "is no sketch session"),
        ('{"form": "something else"}', "is no sketch session"),
        (damaged(version=2), "saved by another version"),
        (damaged(classes=[]), "classes"),
        (damaged(unheard=1), "unheard"),
        (
            damaged(classes=[{"name": "A", "drawings": [{}]}] * 2),
            "two classes are named 'A'",
        ),
        (
            damaged(query={"strokes": [{"x": [1], "y": [1, 2], "milliseconds": [0],
                                        "pressure": [1]}]}),
            "query.strokes.1: x, y, milliseconds and pressure",
        ),
        (
            damaged(query={"strokes": [{"x": [1e9], "y": [1], "milliseconds": [0],
                                        "pressure": [1]}]}),
            "query.strokes.1.x.1",
        ),
        (damaged(query={"picture": "AAAA"}), "the picture has 3 pixels"),
        (damaged(query={"picture": "no base64!"}), "is not base64"),
    ],
)  # fmt: skip
def test_a_damaged_file_gets_a_clear_message(text: str, message: str) -> None:
    with pytest.raises(DataError) as raised:
        from_json(text, "mine.json")
    assert message in str(raised.value)
    assert "mine.json" in str(raised.value)
    assert len(str(raised.value)) < 300


def test_what_is_no_text_and_what_is_not_there_get_a_message(tmp_path: Path) -> None:
    (tmp_path / "noise.json").write_bytes(bytes(range(128, 256)))
    with pytest.raises(DataError, match="is no sketch session"):
        load(tmp_path / "noise.json")
    with pytest.raises(DataError, match=r"Cannot read none\.json"):
        load(tmp_path / "none.json")


def test_classes_are_added_moved_and_removed() -> None:
    sketch = Sketch.blank(3)
    assert sketch.new_name() == "D"
    moved = sketch.moved_class(0, 2)
    assert [each.name for each in moved.classes] == ["B", "C", "A"]
    assert [each.name for each in moved.without_class(1).classes] == ["B", "A"]
    assert [each.name for each in sketch.classes] == ["A", "B", "C"]


def test_a_new_class_takes_the_letter_of_its_place_whatever_others_are_called() -> None:
    renamed = Sketch.blank(5).with_class(1, SketchClass(name="horse"))
    assert renamed.new_name() == "F"
    assert renamed.without_class(0).new_name() == "F"
    assert Sketch.blank(4).with_class(0, SketchClass(name="E")).new_name() == "F"


def test_an_answer_makes_room_for_the_next_query() -> None:
    drawing = EMPTY.with_stroke(a_stroke())
    sketch = Sketch.blank(2).changed(query=drawing)
    judged = sketch.with_answer(Answer(drawing=drawing, right="A"))
    assert judged.query.is_empty
    assert judged.answers[0].drawing == drawing


def test_invented_examples_are_one_alphabet_in_several_hands() -> None:
    import numpy as np

    found = GlyphExamples().characters(4, 3, np.random.default_rng(0))
    assert [len(drawings) for drawings in found] == [3] * 4
    assert len({drawing for drawings in found for drawing in drawings}) == 12


def test_values_are_compared_also_after_they_were_rendered() -> None:
    import numpy as np

    for one in (
        Drawing.of_picture(np.zeros((28, 28), np.uint8)),
        EMPTY.with_stroke(a_stroke()),
    ):
        other = Drawing.model_validate(one.model_dump())
        assert all(stroke.rendered.points.any() for stroke in one.strokes)
        assert one.pixels is other.pixels
        assert one == other
        assert hash(one) == hash(other)
