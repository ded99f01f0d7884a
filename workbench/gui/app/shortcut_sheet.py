"""All shortcuts on one sheet."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import close_button
from workbench.gui.look.screen import resize_within
from workbench.gui.shell.actions import MENUS, Action


class ShortcutSheet(QDialog):
    """Lists the actions that have a shortcut, menu by menu."""

    def __init__(
        self, actions: Iterable[Action], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("shortcut_sheet")
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        resize_within(self, 440, 520)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(2 * theme.SPACE,) * 4)
        area = QScrollArea()
        area.setObjectName("shortcut_sheet.area")
        area.setAccessibleName("Shortcuts")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(_table([action for action in actions if action.keys]))
        layout.addWidget(area)
        layout.addWidget(close_button(self))


def _table(actions: list[Action]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setHorizontalSpacing(3 * theme.SPACE)
    grid.setColumnStretch(0, 1)
    for menu in (*MENUS, ""):
        chosen = [action for action in actions if action.place.menu == menu]
        if not chosen:
            continue
        heading = QLabel(menu or "Elsewhere")
        heading.setProperty("role", "heading")
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for action in sorted(chosen, key=lambda action: action.place.order):
            line = grid.rowCount()
            grid.addWidget(QLabel(action.plain_text), line, 0)
            keys = QLabel(action.keys)
            keys.setFont(theme.monospace())
            grid.addWidget(keys, line, 1, Qt.AlignmentFlag.AlignRight)
    grid.setRowStretch(grid.rowCount(), 1)
    return table
