"""A film, as it is written."""

from __future__ import annotations

import gc
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter
from pytestqt.qtbot import QtBot

from workbench.gui.play.film import Films, Reel
from workbench.gui.play.play_panel import PlayPanel

PICTURES = 12


def test_of_a_long_film_few_pictures_are_there_at_once(
    qtbot: QtBot, empty: PlayPanel, tmp_path: Path
) -> None:
    there: list[int] = []

    def paint(painter: QPainter, number: int) -> None:
        painter.fillRect(number, 0, 2, 8, QColor("red"))
        there.append(sum(_is_in_true_colours(each) for each in gc.get_objects()))

    films, film = Films(empty), tmp_path / "film.gif"
    reel = Reel(QSize(20, 8), [40] * PICTURES, QColor("white"), paint)
    with qtbot.waitSignal(films.saved, timeout=60_000):
        films.save(film, reel)
    films.shut_down()
    assert max(there) <= 1
    with Image.open(film) as written:
        assert getattr(written, "n_frames", 1) == PICTURES


def _is_in_true_colours(each: object) -> bool:
    return type(each) is Image.Image and each.mode == "RGB"
