"""Invented alphabets: the same every time, varied, and drawn by people who differ."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.drawing.glyph_alphabets import Alphabet, alphabet
from workbench.core.drawing.glyph_programs import (
    STROKE_POINTS,
    Character,
    Drawings,
    Part,
    Pen,
    Points,
    Relation,
    draw,
    hands,
)
from workbench.core.drawing.strokes import SIZE, reduce, render

LINE = Pen(0.0, np.array([[1.0, 0.0, 0.0]]))
DOWN = Pen(np.pi / 2, np.array([[1.0, 0.0, 0.0]]))
LOOP = Pen(0.0, np.array([[2.0, 2 * np.pi, 0.0]]))


def drawings(character: Character, drawers: int = 20, seed: int = 0) -> Drawings:
    random = np.random.default_rng(seed)
    return draw(character, hands(drawers, random), random)


def program(*parts: Part) -> Points:
    """What the program alone draws, [strokes, points]."""
    return drawings(Character(parts, 60.0, 1.0), drawers=0).points[0]


def same(first: Alphabet, second: Alphabet) -> bool:
    return all(
        np.array_equal(drawings(a).points, drawings(b).points)
        for a, b in zip(first.characters, second.characters, strict=False)
    )


def test_an_alphabet_is_a_pure_function_of_seed_and_index() -> None:
    assert same(alphabet(3, 5, 6), alphabet(3, 5, 6))
    assert not same(alphabet(3, 5, 6), alphabet(3, 6, 6))
    assert not same(alphabet(3, 5, 6), alphabet(4, 5, 6))


def test_a_longer_alphabet_begins_with_the_same_characters() -> None:
    assert same(alphabet(0, 0, 4), alphabet(0, 0, 9))


@settings(max_examples=20)
@given(st.integers(0, 2**31 - 1), st.integers(0, 300_000))
def test_every_character_is_drawn_with_ink_by_everyone(seed: int, index: int) -> None:
    for character in alphabet(seed, index, 3).characters:
        made = drawings(character)
        assert np.isfinite(made.points).all()
        assert made.pictures().any(axis=(1, 2)).all()


def test_an_alphabets_characters_differ() -> None:
    for index in range(5):
        programs = np.stack(
            [
                reduce(render(drawings(character, drawers=0).strokes(0))).ravel()
                for character in alphabet(0, index, 20).characters
            ]
        )
        alike = np.corrcoef(programs.astype(float)) - np.eye(20)
        assert np.mean(alike > 0.95) < 0.05


def test_an_alphabet_shares_strokes() -> None:
    pens = [
        {id(part.pen) for part in character.parts}
        for character in alphabet(0, 1, 30).characters
    ]
    assert any(a & b for a, b in itertools.combinations(pens, 2))


def test_a_line_goes_where_its_pen_heads() -> None:
    (path,) = program(Part(LINE))
    assert path.imag == pytest.approx(np.full(STROKE_POINTS, path[0].imag))
    assert path[-1] - path[0] == pytest.approx(60)


def test_a_full_turn_closes() -> None:
    (path,) = program(Part(LOOP))
    assert path[-1] == pytest.approx(path[0])
    assert np.ptp(path.real) == pytest.approx(60, rel=0.01)


@pytest.mark.parametrize(
    ("relation", "own"),
    [
        (Relation.BEGINS, 0),
        (Relation.CROSSES, STROKE_POINTS // 2),
        (Relation.ENDS, STROKE_POINTS - 1),
    ],
)
def test_strokes_meet_as_their_relation_says(relation: Relation, own: int) -> None:
    stem, second = program(Part(LINE), Part(DOWN, relation, (0, 0), (0.75, 0)))
    assert second[own] == pytest.approx(stem[round(0.75 * (STROKE_POINTS - 1))])


def test_a_joining_stroke_ends_on_both() -> None:
    first, second, joining = program(
        Part(LINE),
        Part(DOWN, Relation.BEGINS, (0, 0), (0, 0)),
        Part(LINE, Relation.JOINS, (0, 1), (1.0, 1.0)),
    )
    assert joining[[0, -1]] == pytest.approx(np.array([first[-1], second[-1]]))


def test_a_character_has_its_size_in_the_middle() -> None:
    for character in alphabet(0, 2, 10).characters:
        path = drawings(character, drawers=0).points[0]
        x, y = np.ptp(path.real), np.ptp(path.imag)
        assert max(x, y) <= character.size + 1e-9
        assert (path.real.min() + path.real.max()) / 2 == pytest.approx(SIZE / 2, abs=3)


def test_drawers_differ_less_than_characters() -> None:
    made = np.stack(
        [
            drawings(c).pictures()
            for i in range(4)
            for c in alphabet(0, i, 10).characters
        ]
    )
    rows = made.reshape(len(made), 20, -1).astype(float)
    rows -= rows.mean(-1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
    alike = np.einsum("cik,djk->cdij", rows[:, :10], rows[:, 10:]).mean((2, 3))
    own = np.eye(len(made), dtype=bool)
    assert 0.2 < alike[own].mean() < 0.35
    assert alike[~own].mean() < 0.2


def test_the_strokes_shown_are_those_drawn() -> None:
    made = drawings(alphabet(0, 3, 1).characters[0])
    strokes = made.strokes(4)
    assert np.array_equal(reduce(render(strokes)), made.pictures()[3])
    times = np.concatenate([stroke.times for stroke in strokes])
    assert (np.diff(times) > 0).all()
