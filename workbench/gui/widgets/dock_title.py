"""The title of a dock, with buttons that follow the theme and say what they do."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from workbench.gui import theme

_FLOAT, _BACK = "mdi6.dock-window", "mdi6.dock-left"


class DockTitle(QWidget):
    """Shows a dock's title; dragging it moves the dock, a double click floats it."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        name = dock.windowTitle()
        self._float = _button(f"{dock.objectName()}.float", f"Float {name}, or dock it")
        self._close = _button(f"{dock.objectName()}.close", f"Hide {name}")
        label = QLabel(name)
        label.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 2, 4, 2)
        row.setSpacing(0)
        row.addWidget(label, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        self._float.clicked.connect(self._on_float_clicked)
        self._close.clicked.connect(dock.close)
        dock.topLevelChanged.connect(self._refresh_icons)
        theme.changes().changed.connect(self._refresh_icons)
        self._refresh_icons()

    def _on_float_clicked(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _refresh_icons(self, _floats: bool = False) -> None:
        self._float.setIcon(theme.icon(_BACK if self._dock.isFloating() else _FLOAT))
        self._close.setIcon(theme.icon("mdi6.close"))


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    return button
