"""Names that are drawn one by one are told apart as soon as all were drawn."""

from __future__ import annotations

import pytest

from tests.gui.graphs.test_short_names import ALIKE, OTHERS, SWEPT
from workbench.gui.graphs import drawn_names
from workbench.gui.graphs.drawn_names import DrawnNames
from workbench.gui.graphs.short_names import Shared, cut_name, short_names

TRIALS = [f"my first trial with {word} rate" for word in ("beta", "zeta", "eta")]


class Screen:
    """Draws names in letters of width 1, and again where that is asked for.

    What stands for letters that are left out is wider, as it is in most fonts.
    """

    def __init__(self, names: list[str]) -> None:
        self.names, self.times = names, 0
        self.drawn = DrawnNames(self.letter, Shared.of(names, 2), self.ask)
        self.is_asked = False

    def letter(self, text: str) -> float:
        return 2.0 if text == "…" else 1.0

    def ask(self) -> None:
        self.is_asked = True

    def draw(self, room: int) -> list[str]:
        self.is_asked = True
        while self.is_asked:
            self.is_asked = False
            self.times += 1
            texts = [self.drawn.cut(name, room) for name in self.names]
        return texts


@pytest.mark.parametrize("room", range(14, 50))
def test_no_two_names_are_drawn_alike_nor_wider_than_there_is_room(room: int) -> None:
    for names in (ALIKE, SWEPT, TRIALS, [*ALIKE, *SWEPT, *OTHERS, *TRIALS]):
        texts = Screen(names).draw(room)
        assert len({*texts}) == len(names)
        assert max(map(len, texts)) <= room


def test_names_that_differ_in_the_middle_show_it() -> None:
    for room in range(4, 30):
        for text, word in zip(
            Screen(TRIALS).draw(room), ("beta", "zeta", "eta"), strict=True
        ):
            assert word in text


def test_names_that_look_alike_are_drawn_once_more_and_others_are_not() -> None:
    screen = Screen(TRIALS)
    screen.draw(10)
    assert screen.times == 2
    screen.draw(10)
    assert screen.times == 3
    screen = Screen(ALIKE)
    screen.draw(40)
    assert screen.times == 1


def test_what_was_drawn_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_names, "_MOST_DRAWN", 4)
    screen = Screen(TRIALS)
    assert len({*screen.draw(10)}) == 3
    screen.names = SWEPT
    assert len({*screen.draw(16)}) == 4


def test_a_name_alone_is_cut_as_among_many_and_then_to_the_room() -> None:
    names = [*ALIKE, *SWEPT, *OTHERS, *TRIALS]
    shared = Shared.of(names, 2)
    for name in names:
        for room in range(1, 60):
            text = cut_name(name, len, room, shared)
            assert len(text) <= room
            (short,) = short_names([name], len, room, shared=shared)
            assert text == short or len(short) > room


def test_names_that_came_and_went_are_shared_as_if_they_always_were_so() -> None:
    shared = Shared.of([*SWEPT, *OTHERS], 2)
    shared.change(ALIKE, OTHERS)
    assert +shared.parts == Shared.of([*SWEPT, *ALIKE], 2).parts
