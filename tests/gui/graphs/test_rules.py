"""Straight lines over a graph: as heavy on every screen as they are said to be."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.graphs.axes import Axis
from workbench.gui.graphs.rule import Rule
from workbench.gui.look.colours import pen

RATIOS = pytest.mark.parametrize(
    ("ratio", "pixels"), [(1, 1), (1.5, 2), (2, 2), (3, 3)]
)


def ink(view: pg.PlotWidget, ratio: float) -> np.ndarray:
    """Return where there is ink, as [row, column], on a screen of this ratio."""
    image = QImage(view.size() * ratio, QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(ratio)
    QWidget.render(view, image, QPoint())
    rows = np.frombuffer(image.constBits(), np.uint8)
    inside = rows.reshape(image.height(), image.bytesPerLine())[9:-9, 9:-9]
    return inside < 250


def view_of(qtbot: QtBot, **axes: Axis) -> pg.PlotWidget:
    view = pg.PlotWidget(background="w", axisItems=axes)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
    return view


@RATIOS
@pytest.mark.parametrize("angle", [0, 90])
def test_a_rule_is_as_wide_in_logical_pixels(
    qtbot: QtBot, ratio: float, pixels: int, angle: int
) -> None:
    view = view_of(qtbot)
    view.hideAxis("left")
    view.hideAxis("bottom")
    view.addItem(Rule(0.5, angle=angle, pen=pen(QColor("black"))))
    drawn = ink(view, ratio)
    across = drawn.sum(axis=1 if angle else 0)
    assert np.median(across) == pixels


@RATIOS
def test_the_lines_of_a_grid_are_all_of_one_width(
    qtbot: QtBot, ratio: float, pixels: int
) -> None:
    view = view_of(qtbot, left=Axis("left"), bottom=Axis("bottom"))
    view.showGrid(x=True, y=False, alpha=1)
    for name in ("left", "bottom"):
        view.getAxis(name).setPen(pen(QColor("black")))
        view.getAxis(name).setTextPen(pen(QColor("white")))
    row = ink(view, ratio)[round(100 * ratio)].astype(int)
    edges = np.flatnonzero(np.diff(row))
    # The first lies beside the axis itself, and the last may be cut off.
    widths = edges[3:-2:2] - edges[2:-3:2]
    assert len(widths) > 3
    assert {*widths} == {pixels}
