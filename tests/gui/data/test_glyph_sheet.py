"""Sheets of glyphs: what the task itself draws, and the pen at work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from workbench.gui.data.data_panel import DataPanel
from workbench.gui.data.glyph_sheet import GlyphsView
from workbench.gui.look.atlas import to_array
from workbench.tasks.glyphs import Glyphs

Opener = Callable[..., DataPanel]


def show_sheet(qtbot: QtBot, panel: DataPanel) -> GlyphsView:
    panel.show_page("Glyphs")
    qtbot.waitUntil(lambda: panel.glyphs.view.sheet is not None, timeout=30_000)
    return panel.glyphs


def press(qtbot: QtBot, view: GlyphsView, name: str) -> None:
    button = view.findChild(QAbstractButton, name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def ink(view: GlyphsView) -> int:
    """How many pixels of the first character's box are as dark as ink."""
    box = view.view.place(0)
    image = to_array(view.view.grab().toImage())
    return int((image[box.top() : box.top() + 110, 1:110] < 80).all(-1).sum())


def test_the_sheet_is_the_alphabet_that_the_task_trains_on(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, "glyphs", task__characters=6, task__alphabet_seed=3)
    view = show_sheet(qtbot, panel)
    expected = Glyphs(characters=6, alphabet_seed=3).sheet(0)
    sheet = view.view.sheet
    assert sheet.names == tuple(character.name for character in expected)
    for number, character in enumerate(expected):
        place = number * sheet.drawers + 4
        picture = to_array(sheet.dark.picture(place))[..., 0]
        np.testing.assert_array_equal(picture, character.pictures[4])
    title = view.findChild(QLabel, "glyphs.title").text()
    assert title == panel.session.config.task.alphabet_name(0)


def test_the_next_alphabet_is_another(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_sheet(qtbot, open_panel(omniglot, "sinusoid"))
    first = view.view.sheet
    press(qtbot, view, "glyphs.next")
    qtbot.waitUntil(lambda: view.view.sheet is not first, timeout=30_000)
    assert view.view.sheet.names[0].startswith(Glyphs().alphabet_name(1))


def test_the_pen_draws_the_strokes_in_order(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_sheet(qtbot, open_panel(omniglot, "sinusoid"))
    whole = ink(view)
    inked = []
    for share in (0.0, 0.3, 0.6, 1.0):
        view.view.show_share(share)
        inked.append(ink(view))
    assert inked == sorted(inked)
    assert inked[0] < inked[1] < inked[-1] == whole
    press(qtbot, view, "glyphs.play")
    assert view.view.share < 1
    qtbot.waitUntil(lambda: view.view.share == 1, timeout=10_000)
    press(qtbot, view, "glyphs.strokes")
    assert ink(view) < whole  # in colour now
