"""Plots as SVG have marks where numbers can be."""

from __future__ import annotations

import re

from workbench.core.drawing.svg_plot import Line, svg_plot


def across(*points: tuple[float, float]) -> list[str]:
    plot = svg_plot("title", [Line("a", points)], "across", "up")
    return re.findall(r'class="x">([\d.]+)</text>', plot)


def test_hours_have_marks_between_whole_ones() -> None:
    assert across((0.0, 1.0), (0.9, 2.0)) == ["0", "0.2", "0.4", "0.6", "0.8"]


def test_steps_have_marks_at_whole_ones_alone() -> None:
    assert across((0.0, 1.0), (2.0, 2.0)) == ["0", "1", "2"]
