"""Sessions are kept, renamed, deleted and brought back, and never written over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.core.base.errors import DataError
from workbench.core.sketch.session import Sketch, load
from workbench.core.sketch.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "sessions")


def at(folder: Path, seconds: int, name: str) -> None:
    os.utime(folder / "sessions" / f"{name}.json", (seconds, seconds))


def test_what_was_kept_is_there_for_the_next_shelf(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert shelf.names() == []
    assert shelf.keep("Runes", Sketch.blank(3)) == "Runes"
    assert shelf.keep("Runes", Sketch.blank(4)) == "Runes"
    again = Shelf(tmp_path / "sessions")
    assert again.names() == ["Runes"]
    assert again.open("Runes") == Sketch.blank(4)


def test_the_newest_is_the_one_worked_on_last(shelf: Shelf, tmp_path: Path) -> None:
    for seconds, name in enumerate(("a", "B", "c")):
        shelf.keep(name, Sketch.blank(2))
        at(tmp_path, seconds + 1, name)
    assert shelf.names() == ["a", "B", "c"]
    assert shelf.by_age() == ["c", "B", "a"]
    shelf.open("B")
    assert shelf.by_age() == ["B", "c", "a"]


def test_names_are_free_and_fit_a_file(shelf: Shelf) -> None:
    assert shelf.free_name() == "Sketch 1"
    shelf.keep("Sketch 1", Sketch.blank(2))
    assert shelf.free_name() == "Sketch 2"
    assert shelf.free_name("SKETCH 1") == "SKETCH 2"
    assert shelf.free_name("a/b") == "a_b"
    assert shelf.rename("Sketch 1", "..") == "unnamed"
    assert shelf.rename("unnamed", " ") == "unnamed"


def test_what_another_window_wrote_is_not_written_over(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.keep("Runes", Sketch.blank(2))
    other = Shelf(tmp_path / "sessions")
    other.open("Runes")
    other.keep("Runes", Sketch.blank(7))
    assert shelf.keep("Runes", Sketch.blank(3)) == "Runes 2"
    assert load(tmp_path / "sessions" / "Runes.json") == Sketch.blank(7)
    assert shelf.open("Runes 2") == Sketch.blank(3)


def test_a_session_that_cannot_be_read_is_put_aside_as_it_is(
    shelf: Shelf, tmp_path: Path
) -> None:
    folder = tmp_path / "sessions"
    shelf.keep("Runes", Sketch.blank(2))
    torn = (folder / "Runes.json").read_bytes()[:50]
    for _ in range(2):
        (folder / "Runes.json").write_bytes(torn)
        with pytest.raises(DataError, match=r"is damaged: .*It is kept aside as "):
            shelf.open("Runes")
    assert shelf.names() == []
    kept = sorted((folder / "aside").iterdir())
    assert [path.read_bytes() for path in kept] == [torn, torn]


def test_a_deleted_session_is_brought_back(shelf: Shelf) -> None:
    shelf.keep("Runes", Sketch.blank(3))
    thrown = shelf.delete("Runes")
    assert thrown is not None
    assert shelf.deleted() == [thrown]
    assert shelf.names() == []
    shelf.keep("Runes", Sketch.blank(4))
    assert shelf.bring_back(thrown) == "Runes 2"
    assert shelf.open("Runes 2") == Sketch.blank(3)
    assert shelf.delete("never kept") is None


def test_a_renamed_session_is_written_under_its_new_name(shelf: Shelf) -> None:
    shelf.keep("a", Sketch.blank(2))
    shelf.keep("b", Sketch.blank(3))
    assert shelf.rename("a", "b") == "b 2"
    assert shelf.keep("b 2", Sketch.blank(5)) == "b 2"
    assert shelf.rename("b", "B") == "B"
    assert shelf.names() == ["B", "b 2"]


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"Cannot write Runes\.json"):
        Shelf(tmp_path / "file").keep("Runes", Sketch.blank(2))
