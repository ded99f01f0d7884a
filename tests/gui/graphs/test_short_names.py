"""Names are shortened in what they have in common, and never look alike."""

from __future__ import annotations

import pytest

from workbench.gui.graphs.short_names import Shared, cut_names, short_names

ALIKE = [
    "MAML, Omniglot 5-way 1-shot, inner lr 0.02",
    "MAML, Omniglot 5-way 1-shot, inner lr 0.04",
    "MAML, Omniglot 5-way 1-shot, inner lr 0.4",
]
SWEPT = [
    f"MAML, sinusoid, inner lr {rate}, iterations 200, seed {seed}"
    for rate in (0.01, 0.02)
    for seed in (0, 1)
]
OTHERS = ["Reptile, sinusoid", "Reptile, sinusoid, seed 1", "mine", "support"]


def test_names_that_fit_are_whole() -> None:
    assert short_names(ALIKE, len, 50) == ALIKE


def test_what_is_common_loses_its_middle_first() -> None:
    assert short_names(ALIKE, len, 30) == [
        "MAML, O…1-shot, inner lr 0.02",
        "MAML, O…1-shot, inner lr 0.04",
        "MAML, O…y 1-shot, inner lr 0.4",
    ]
    assert short_names(ALIKE, len, 16)[0] == "…, inner lr 0.02"


def test_what_differs_is_not_cut_however_narrow_it_is() -> None:
    for room in range(1, 60):
        for name, whole in zip(
            short_names(SWEPT, len, room, tightly=False), SWEPT, strict=True
        ):
            _, _, rate, _, seed = whole.split(", ")
            assert rate in name
            assert name.endswith(seed)
    assert short_names(SWEPT, len, 28)[0] == "…, inner lr 0.01, …, seed 0"


def test_at_the_narrowest_the_values_are_left() -> None:
    assert short_names(SWEPT, len, 1)[3] == "… 0.02, … 1"


def test_names_of_another_kind_do_not_hide_what_the_rest_have_in_common() -> None:
    names = [*SWEPT, "mine", "query ± 95 % CI"]
    assert short_names(names, len, 28)[1] == "…, inner lr 0.01, …, seed 1"
    assert short_names(names, len, 28)[4:] == ["mine", "query ± 95 % CI"]


def test_a_name_in_which_nothing_differs_can_be_read_still() -> None:
    names = ["MAML, sinusoid", "MAML, sinusoid, seed 1"]
    assert short_names(names, len, 10) == ["MAML…usoid", "…d, seed 1"]


def test_beside_many_names_the_commonest_is_shortened_first() -> None:
    shared = Shared.of([*SWEPT, *OTHERS], 2)
    assert short_names([SWEPT[2]], len, 40, shared=shared) == [
        "MAM…soid, inner lr 0.02, ite…200, seed 0"
    ]


@pytest.mark.parametrize("room", range(1, 45))
def test_no_two_names_look_alike_however_narrow_it_is(room: int) -> None:
    for shortened in (short_names, cut_names):
        for names in (ALIKE, SWEPT, OTHERS, [*ALIKE, *SWEPT, *OTHERS]):
            assert len({*shortened(names, len, room)}) == len(names)


def test_a_single_name_loses_its_middle() -> None:
    assert cut_names(["the only one there is"], len, 9) == ["the…re is"]
    assert cut_names([], len, 9) == []
