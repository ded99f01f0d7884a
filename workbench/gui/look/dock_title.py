"""The title of a dock, with buttons that follow the theme and say what they do."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget
from typing_extensions import override

from workbench.gui.look import theme

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

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        QTimer.singleShot(0, self._keep_on_screen)

    def _on_float_clicked(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())
        QTimer.singleShot(0, self._keep_on_screen)

    def _keep_on_screen(self) -> None:
        """Bring the dock back that Qt floats as large as it was, where it stood now."""
        if self._dock.isFloating():
            keep_on_screen(self._dock)

    def _refresh_icons(self, _floats: bool = False) -> None:
        self._float.setIcon(theme.icon(_BACK if self._dock.isFloating() else _FLOAT))
        self._close.setIcon(theme.icon("mdi6.close"))


def keep_on_screen(widget: QWidget) -> None:
    """Move a window so that all of it is seen, made smaller if it must be."""
    screen = QGuiApplication.screenAt(widget.frameGeometry().center())
    screen = screen or widget.screen() or QGuiApplication.primaryScreen()
    if screen is None:
        return
    room, now = screen.availableGeometry(), widget.geometry()
    frame = widget.frameGeometry().size() - now.size()
    now.setSize(now.size().boundedTo(room.size() - frame))
    left, top = widget.frameGeometry().left(), widget.frameGeometry().top()
    widget.resize(now.size())
    widget.move(
        max(room.left(), min(left, room.right() + 1 - now.width() - frame.width())),
        max(room.top(), min(top, room.bottom() + 1 - now.height() - frame.height())),
    )


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    return button
