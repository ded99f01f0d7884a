"""What is too tall for its place goes up and down, and not aside."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.look.vertical_area import VerticalArea


def test_what_is_brought_into_view_is_not_moved_aside(qtbot: QtBot) -> None:
    content = QWidget()
    content.setMinimumSize(304, 900)
    button = QPushButton("Here", content)
    button.setGeometry(200, 800, 104, 26)
    area = VerticalArea(content)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    area.ensureWidgetVisible(button)
    assert content.y() < 0
    assert content.x() == 0
