"""The page of a tab."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget
from typing_extensions import override

_LEAST = QSize(320, 160)


class Page(QScrollArea):
    """Holds a tab's panel, and scrolls where that has less room than it needs at least.

    No panel then makes the window larger than the screen, seen or behind another. Qt's
    own way of resizing would take the room that a panel likes for what it needs.
    """

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self.setWidget(panel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @override
    def minimumSizeHint(self) -> QSize:
        return _LEAST

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._panel and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Give the panel all the room there is, less what bars take of it."""
        panel, room = self._panel, self.maximumViewportSize()
        least = panel.minimumSizeHint().expandedTo(panel.minimumSize())
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        if least.width() > room.width():
            room.setHeight(room.height() - across.sizeHint().height())
        if least.height() > room.height():
            room.setWidth(room.width() - down.sizeHint().width())
        panel.resize(room.expandedTo(least))
