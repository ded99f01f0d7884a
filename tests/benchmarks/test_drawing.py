"""How long a drawing takes to become a picture: it is made while the pen moves."""

from __future__ import annotations

import time

import numpy as np
import pytest

from workbench.core.drawing.strokes import Stroke, reduce, render

pytestmark = pytest.mark.slow


def test_drawing_keeps_up_with_the_pen() -> None:
    rng = np.random.default_rng(2)
    drawing = [
        Stroke(points, np.arange(len(points)) * 10.0)
        for points in rng.uniform(10, 95, (3, 60, 2))
    ]
    reduce(render(drawing))
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        reduce(render(drawing))
        taken.append(time.perf_counter() - start)
    print(f"a drawing of 180 points: {1000 * np.median(taken):.1f} ms")
    assert np.median(taken) < 0.02
