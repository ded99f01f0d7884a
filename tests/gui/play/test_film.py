"""A film says of which run each of its columns is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from workbench.gui.look.colours import colours
from workbench.gui.play.film import GAP, Reel, _painted, titled

pytestmark = pytest.mark.usefixtures("qapp")
WIDE, HIGH = 100, 50
RED = QColor("#ff0000")


def reel(runs: int) -> Reel:
    def paint(painter: QPainter, _number: int) -> None:
        painter.fillRect(0, 0, runs * (WIDE + GAP) - GAP, HIGH, RED)

    size = QSize(runs * (WIDE + GAP) - GAP, HIGH)
    return Reel(size, [40], QColor("#000000"), paint)


def seen(picture: QImage, left: int, strip: int) -> set[str]:
    """Return the colours of a column's title."""
    return {
        picture.pixelColor(x, y).name()
        for x in range(left, left + WIDE)
        for y in range(strip)
    }


def test_each_of_two_runs_has_its_title_in_its_colour_above_it():
    film = titled(reel(2), ["MAML " * 40, "Reptile"])
    strip = film.size.height() - HIGH
    assert strip > 0
    picture = _painted(film, 0)
    for row in (0, 1):
        found = seen(picture, row * (WIDE + GAP), strip)
        assert colours().run(row).name() in found
        assert colours().run(1 - row).name() not in found
        assert RED.name() not in found
    below = picture.pixelColor(5, strip)
    assert below == RED
    assert picture.pixelColor(5, strip + HIGH - 1) == RED


def test_one_run_alone_has_no_title():
    alone = reel(1)
    assert titled(alone, ["MAML"]) is alone
