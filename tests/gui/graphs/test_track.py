"""The ground that a body runs on."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.gui.made_gaits import POLE, SECONDS, STEPS, a_gait
from workbench.core.episodes.gaits import Gaits
from workbench.gui.graphs.track import Lane, paint_lane
from workbench.gui.look.colours import colours

WIDE, HIGH = 500, 135


def ground(velocity: float, step: int) -> QImage:
    """Paint a lane, seen from who has run so far."""
    gaits = Gaits(1.0, "1.00 m/s", False, POLE, SECONDS, (a_gait(velocity),))
    picture = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
    picture.fill(colours().background)
    painter = QPainter(picture)
    area = QRectF(0, 0, WIDE, HIGH)
    lane = Lane(gaits, 0, step * SECONDS)
    paint_lane(painter, area, lane, colours(), colours().run(0))
    painter.end()
    return picture


def test_no_number_of_metres_is_cut_off_at_an_edge(qtbot: QtBot) -> None:
    labels = range(HIGH - 16, HIGH - 4)
    for velocity, step in np.ndindex(12, STEPS):
        picture = ground(float(velocity), step)
        for edge in (0, WIDE - 1):
            seen = {picture.pixelColor(edge, y).name() for y in labels}
            assert len(seen) == 1, (velocity, step, edge)


def pole_and_words(high: int) -> tuple[QRectF, QRectF]:
    """Return where a pole of a trajectory that is tall is, and where the words are."""
    tall = replace(a_gait(0.0), tallest=1.8)
    stretched = replace(tall, poses=tall.poses + np.array([0.0, 0.8, 0.0]))
    gaits = Gaits(math.inf, "forwards", True, POLE, SECONDS, (stretched,))
    picture = QImage(WIDE, high, QImage.Format.Format_RGB32)
    picture.fill(colours().background)
    painter = QPainter(picture)
    lane = Lane(gaits, 0, 0.0, "After 3 updates: return -45.5, 0.51 m/s")
    area = QRectF(0, 0, WIDE, high)
    paint_lane(painter, area, lane, colours(), colours().run(0))
    painter.end()
    return seen(picture, colours().run(0)), seen(picture, colours().text)


def seen(picture: QImage, colour: QColor) -> QRectF:
    places = [
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y) == colour
    ]
    along, down = zip(*places, strict=True)
    return QRectF(min(along), min(down), np.ptp(along) + 1, np.ptp(down) + 1)


@pytest.mark.parametrize("high", [60, 80, 112, 135, 300])
def test_a_body_on_end_is_in_its_lane_and_not_under_the_words(
    qtbot: QtBot, high: int
) -> None:
    pole, words = pole_and_words(high)
    assert pole.top() >= 1, "it leaves its lane"
    assert not pole.intersects(words)
    assert pole.height() >= 0.3 * high
