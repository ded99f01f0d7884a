"""How much room the screen has, and what fits into it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)
"""What the system draws around a window, at most."""


def room() -> QSize:
    """Return how large the screen is, less what the system has of it."""
    screen = QGuiApplication.primaryScreen()
    return QSize(1366, 768) if screen is None else screen.availableSize()


def resize_within(widget: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, or what the screen has room for."""
    widget.resize(QSize(width, height).boundedTo(room() - _FRAME))
