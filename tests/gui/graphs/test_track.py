"""The ground that a body runs on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
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
