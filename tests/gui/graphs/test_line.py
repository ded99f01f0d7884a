"""Lines: as heavy on every screen, dashed, and never with a gap."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.graphs.line import Line, dashes
from workbench.gui.look.colours import pen

STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
Drawer = Callable[..., np.ndarray]


@pytest.fixture
def draw(qtbot: QtBot) -> Drawer:
    view = pg.PlotWidget(background="w")
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.hideAxis("left")
    view.hideAxis("bottom")

    def drawn(x: np.ndarray, y: np.ndarray, ratio: int = 1, **about: object) -> object:
        """Return where there is ink, as [row, column], on a screen of this ratio."""
        line = Line(antialias=False, pen=pen(QColor("black"), **about))
        view.clear()
        view.addItem(line)
        line.setClipToView(True)
        line.setDownsampling(auto=True, method="peak")
        line.setData(x, y, autoDownsampleFactor=1)
        view.setRange(xRange=(x[0], x[-1]), yRange=(-1, 1), padding=0)
        image = QImage(view.size() * ratio, QImage.Format.Format_Grayscale8)
        image.setDevicePixelRatio(ratio)
        QWidget.render(view, image, QPoint())
        rows = np.frombuffer(image.constBits(), np.uint8)
        rows = rows.reshape(image.height(), image.bytesPerLine())
        return rows[:, 20 * ratio : 280 * ratio] < 128

    return drawn


@pytest.mark.parametrize("count", [2, 300, 100_000])
@pytest.mark.parametrize("ratio", [1, 2, 4])
def test_a_line_is_as_wide_in_the_pixels_that_widgets_have(
    draw: Drawer, ratio: int, count: int
) -> None:
    ink = draw(np.linspace(0, 1, count), np.zeros(count), ratio, width=1.5)
    wide = ink.sum(axis=0)
    assert np.all(np.abs(wide / ratio - 1.5) <= 0.5 / ratio)


@pytest.mark.parametrize("count", [40, 400, 50_000])
def test_a_line_has_no_gaps(draw: Drawer, count: int) -> None:
    x = np.linspace(0, 1, count)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, count)
    ink = draw(x, np.sin(20 * x) * 0.8 + noise, width=1.5)
    assert ink.any(axis=0).all()
    rows = [np.flatnonzero(column) for column in ink.T]
    for before, after in itertools.pairwise(rows):
        assert before[0] <= after[-1] + 1
        assert after[0] <= before[-1] + 1


@pytest.mark.parametrize("count", [2, 300, 100_000])
def test_dashes_leave_the_share_of_a_line_that_they_say(
    draw: Drawer, count: int
) -> None:
    x, y = np.linspace(0, 1, count), np.zeros(count)
    shares = [draw(x, y, 2, style=s, width=1.5).any(axis=0).mean() for s in STYLES]
    assert shares[0] == 1
    assert 0.5 < shares[1] < 0.9
    assert 0.25 < shares[2] < 0.75


def test_what_is_out_of_view_is_not_cut_into_dashes() -> None:
    x, y = np.array([-1e9, 1e9]), np.array([0.0, 1.0])
    cut, heights = dashes(x, y, np.array([6.0, 9.0]), (0.0, 90.0))
    assert 10 < len(cut) < 1000
    assert 0 <= cut.min() < cut.max() <= 90
    assert np.allclose(heights, 0.5)
    assert np.all(cut[1::2] % 9 <= 6.5)


def test_what_cannot_be_drawn_leaves_the_rest(draw: Drawer) -> None:
    y = np.zeros(300)
    y[100:200] = np.nan
    for style in STYLES:
        ink = draw(np.linspace(0, 1, 300), y, style=style, width=1.5)
        assert ink[:, :60].any()
        assert ink[:, -60:].any()
        assert not ink[:, 90:170].any()


@pytest.mark.parametrize("style", STYLES)
def test_a_line_reaches_on_when_the_view_grows(
    qtbot: QtBot, style: Qt.PenStyle
) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    line = Line(pen=pen(QColor("black"), style, 1.5))
    view.addItem(line)
    view.resize(300, 100)
    view.show()
    for end in (10, 100):
        line.setData(np.arange(float(end)), np.zeros(end))
        view.setRange(xRange=(0, end), yRange=(-1, 1), padding=0)
        view.grab()
    assert line.curve.viewRect().right() == pytest.approx(100)
