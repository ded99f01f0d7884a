"""What is left of a long curve looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.gui.graphs.peaks import Peaks

PIXELS = 200


def by_pixel(
    x: np.ndarray, y: np.ndarray, left: float, right: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the highest and the lowest value in each pixel."""
    high, low = np.full(PIXELS, -np.inf), np.full(PIXELS, np.inf)
    inside = (left <= x) & (x < right)
    at = ((x[inside] - left) / (right - left) * PIXELS).astype(int)
    np.maximum.at(high, at, y[inside])
    np.minimum.at(low, at, y[inside])
    return high, low


def near(at: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """Return the extremes of each pixel with its neighbours."""
    padded = np.pad(at, 1, "edge")
    return extreme(extreme(padded[:-2], padded[1:-1]), padded[2:])


@pytest.mark.parametrize("count", [10, 3000, 50_001, 300_000])
@pytest.mark.parametrize("part", [(0.0, 1.0), (0.3, 0.31), (0.5, 0.9), (0.98, 1.2)])
def test_every_peak_is_in_its_pixel_or_the_next(
    count: int, part: tuple[float, float]
) -> None:
    draw = np.random.default_rng(count)
    x = np.arange(1.0, count + 1)
    y = draw.normal(size=count) + 20 * (draw.random(count) < 0.001)
    peaks = Peaks()
    for end in (count // 7, count // 2, count):  # as it grows
        peaks.follow(x[:end], y[:end])
    left, right = part[0] * count, part[1] * count
    seen_x, seen_y = peaks.between(left, right, PIXELS)
    assert np.all(np.diff(seen_x) >= 0)
    assert len(seen_x) <= 2 * 16 * 4 * PIXELS + 100
    true_high, true_low = by_pixel(x, y, left, right)
    high, low = by_pixel(seen_x, seen_y, left, right)
    assert np.all(near(high, np.maximum) >= true_high)
    assert np.all(near(low, np.minimum) <= true_low)
    assert np.all(high <= near(true_high, np.maximum))
    assert np.all(low >= near(true_low, np.minimum))


def test_what_is_no_number_stays_a_gap() -> None:
    x = np.arange(100_000.0)
    y = np.where((x >= 40_000) & (x < 60_000), np.nan, 1.0)
    peaks = Peaks()
    peaks.follow(x, y)
    seen_x, seen_y = peaks.between(0.0, 100_000.0, PIXELS)
    gone = seen_x[np.isnan(seen_y)]
    assert 39_000 < gone.min() < 41_000
    assert 59_000 < gone.max() < 61_000
