"""Legends shorten what names have in common, and never let two look alike."""

from __future__ import annotations

import pytest

from workbench.gui.graphs.short_names import short_names

ALIKE = [
    "MAML, Omniglot 5-way 1-shot, inner lr 0.02",
    "MAML, Omniglot 5-way 1-shot, inner lr 0.04",
    "MAML, Omniglot 5-way 1-shot, inner lr 0.4",
]


def test_names_that_fit_are_whole() -> None:
    assert short_names(ALIKE, len, 50) == ALIKE


def test_what_is_common_loses_its_middle_first() -> None:
    assert short_names(ALIKE, len, 30) == [
        "MAML, Om…1-shot, inner lr 0.02",
        "MAML, Om…1-shot, inner lr 0.04",
        "MAML, Om…1-shot, inner lr 0.4",
    ]
    assert short_names(ALIKE, len, 16)[0] == "…, inner lr 0.02"


@pytest.mark.parametrize("room", range(1, 45))
def test_no_two_names_look_alike_however_narrow_it_is(room: int) -> None:
    different = [*ALIKE, "Reptile, sinusoid", "Reptile, sinusoid, seed 1"]
    for names in (ALIKE, different, different[3:]):
        assert len({*short_names(names, len, room)}) == len(names)


def test_a_single_name_loses_its_middle() -> None:
    assert short_names(["the only one there is"], len, 9) == ["the…e is"]
    assert short_names([], len, 9) == []
