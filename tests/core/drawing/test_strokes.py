"""Pen strokes are drawn as Omniglot's pictures are."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from workbench.core.drawing.strokes import (
    PEN_OFFSET,
    PEN_RADIUS,
    SIZE,
    Picture,
    Stroke,
    fitted,
    likeness,
    read_strokes,
    reduce,
    render,
    render_all,
)


def stroke(*points: tuple[float, float], pressure: float | None = None) -> Stroke:
    return Stroke(
        np.array(points, float),
        np.arange(len(points)) * 10.0,
        None if pressure is None else np.full(len(points), pressure),
    )


def distances(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The distance of every pixel's centre to a segment, [105, 105]."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    pixels = np.stack([x - PEN_OFFSET[0], y - PEN_OFFSET[1]], axis=-1)
    along = ((pixels - start) @ (end - start)) / ((end - start) ** 2).sum()
    nearest = start + along.clip(0, 1)[..., None] * (end - start)
    return np.linalg.norm(pixels - nearest, axis=-1)


@given(st.lists(st.floats(0, 105), min_size=4, max_size=4))
def test_a_line_is_the_pixels_within_the_pens_radius(ends: list[float]) -> None:
    start, end = np.array(ends[:2]), np.array(ends[2:]) + 0.01
    far = distances(start, end)
    picture = render([stroke(tuple(start), tuple(end))])
    assert (picture[far < PEN_RADIUS - 0.25] == 255).all()
    assert (picture[far > PEN_RADIUS + 0.25] == 0).all()


def test_a_dot_is_a_disc() -> None:
    assert 18 <= (render([stroke((50, 50))]) > 0).sum() <= 22


def test_ink_is_black_or_white() -> None:
    picture = render([stroke((10, 10), (90, 80), (20, 70))])
    assert set(np.unique(picture)) == {0, 255}
    assert picture.dtype == np.uint8


def test_strokes_are_not_joined() -> None:
    picture = render([stroke((20, 20), (20, 30)), stroke((80, 20), (80, 30))])
    assert not picture[:, 30:70].any()


def test_an_empty_drawing_is_blank() -> None:
    assert not render([]).any()
    pictures = render_all([[], [stroke((50, 50))], []])
    assert [bool(picture.any()) for picture in pictures] == [False, True, False]


def test_strokes_beyond_the_edge_leave_no_ink_inside() -> None:
    assert not render([stroke((-300, 50), (-50, 900))]).any()
    assert not render([stroke((115, 20), (115, 60))]).any()


def test_many_drawings_are_drawn_as_each_alone() -> None:
    rng = np.random.default_rng(0)
    drawings = [
        [
            Stroke(rng.uniform(0, SIZE, (rng.integers(1, 6), 2)), np.zeros(1))
            for _ in range(rng.integers(0, 4))
        ]
        for _ in range(300)
    ]
    pictures = render_all(drawings)
    assert all(
        np.array_equal(render(d), p) for d, p in zip(drawings, pictures, strict=True)
    )


def test_pressure_widens_the_line() -> None:
    light, usual, heavy = (
        (render([stroke((20, 50), (80, 50), pressure=p)]) > 0).sum()
        for p in (0.5, 1, 1.3)
    )
    plain = (render([stroke((20, 50), (80, 50))]) > 0).sum()
    assert light < usual == plain < heavy


def test_reduction_is_pillows_to_the_bit() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (20, SIZE, SIZE)).astype(np.uint8)
    inks = render_all([[stroke(*rng.uniform(0, SIZE, (5, 2)))] for _ in range(20)])
    for pictures in (noise, inks):
        for picture, small, larger in zip(
            pictures, reduce(pictures), reduce(pictures, 48), strict=True
        ):
            pillow = Image.fromarray(picture).resize((48, 48), Image.Resampling.LANCZOS)
            assert np.array_equal(larger, np.asarray(pillow))
            pillow = Image.fromarray(picture).resize((28, 28), Image.Resampling.LANCZOS)
            assert np.array_equal(small, np.asarray(pillow))


def test_likeness_is_the_correlation_of_pixels() -> None:
    rng = np.random.default_rng(3)
    one, two = rng.integers(0, 256, (2, 4, 28, 28)).astype(np.uint8)
    expected = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(one, two, strict=True)
    ]
    assert likeness(one, two) == pytest.approx(expected)
    assert likeness(one, one) == pytest.approx(np.ones(4))


def test_fitting_moves_a_small_drawing_from_its_corner() -> None:
    (moved,) = fitted([stroke((5, 5), (25, 10))])
    assert moved.points.min(axis=0) + moved.points.max(axis=0) == pytest.approx(
        [101.2] * 2
    )
    assert np.ptp(moved.points, axis=0) == pytest.approx([46, 11.5])


def test_fitting_keeps_the_usual_size_and_does_not_blow_up_dots() -> None:
    (kept,) = fitted([stroke((10, 10), (10, 70))])
    assert np.ptp(kept.points, axis=0) == pytest.approx([0, 60])
    (dot,) = fitted([stroke((90, 90), (91, 90))])
    assert np.ptp(dot.points, axis=0) == pytest.approx([4, 0])
    assert fitted([]) == []


def test_omniglots_text_is_read() -> None:
    first, second = read_strokes("START\n1,-2,0\n3.5,-4,12\nBREAK\n9,-9,20\nBREAK\n")
    assert first.points.tolist() == [[1, 2], [3.5, 4]]
    assert first.times.tolist() == [0, 12]
    assert second.points.tolist() == [[9, 9]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("START\n1,2\nBREAK", "line 2: '1,2' is not x,y,milliseconds"),
        ("START\n1,nan,0\nBREAK", "line 2: '1,nan,0' is out of range"),
        ("START\n1,1e9,0\nBREAK", "line 2: '1,1e9,0' is out of range"),
        ("START\n1,2,3\n", "the last stroke has no BREAK after it"),
    ],
)
def test_a_damaged_text_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_strokes(text)


def recorded(data: Path, every: int) -> tuple[list[list[Stroke]], Picture]:
    """Omniglot's own strokes and the pictures published of them."""
    strokes_zip = zipfile.ZipFile(data / "strokes_background_small2.zip")
    images_zip = zipfile.ZipFile(data / "images_background_small2.zip")
    drawings, pictures = [], []
    with strokes_zip, images_zip:
        names = [n for n in images_zip.namelist() if n.endswith(".png")]
        for name in sorted(n for n in names if "MACOSX" not in n)[::every]:
            text = name.replace("images_", "strokes_").replace(".png", ".txt")
            drawings.append(read_strokes(strokes_zip.read(text).decode()))
            with Image.open(io.BytesIO(images_zip.read(name))) as image:
                pictures.append(np.where(np.asarray(image), 0, 255).astype(np.uint8))
    return drawings, np.stack(pictures)


def needed(name: str) -> Path:
    folder = os.environ.get("FEWSHOT_DATA")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip(f"needs {name} in FEWSHOT_DATA")
    return Path(folder)


def test_recorded_strokes_look_as_published() -> None:
    data = needed("strokes_background_small2.zip")
    drawings, published = recorded(data, every=10)
    correlations = likeness(reduce(render_all(drawings)), reduce(published))
    assert np.mean(correlations) >= 0.98
    assert np.median(correlations) >= 0.99
