"""Tests of a row of buttons that does with less room than their texts need."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from workbench.gui.queue.tool_row import ToolRow
from workbench.gui.shell.actions import Action


def test_texts_are_left_out_where_there_is_no_room(qtbot: QtBot) -> None:
    row = ToolRow()
    qtbot.addWidget(row)
    worded = Action("a.worded", "Train it a long while", icon="mdi6.play")
    row.add(worded, with_text=True)
    row.add(Action("a.plain", "Stop", icon="mdi6.stop"))
    row.show()
    button = row.findChild(QToolButton, "a.worded.button")
    wide, narrow = row.sizeHint(), row.minimumSizeHint()
    row.resize(wide)
    assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    row.resize(narrow)
    assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
    assert (row.sizeHint(), row.minimumSizeHint()) == (wide, narrow)
    assert row.layout().totalSizeHint().width() == narrow.width()
    row.resize(wide)
    assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
