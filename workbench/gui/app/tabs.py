"""The tabs of the window: their pages in the middle, their bar above all docks."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QWidget,
)
from typing_extensions import override

_NEXT, _PREVIOUS = (
    QKeySequence.StandardKey.NextChild,
    QKeySequence.StandardKey.PreviousChild,
)


class Tabs(QStackedWidget):
    """Shows the page of the tab in front.

    Their bar is in ``strip``, a toolbar of its own over the whole width of the window:
    so it stays where it is when docks come and go beside the pages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("centre")
        self.bar = QTabBar()
        self.bar.setObjectName("centre.tabs")
        self.bar.setAccessibleName("Views")
        self.bar.setDocumentMode(True)
        self.bar.setExpanding(False)
        self._row = QHBoxLayout()
        self.strip = self._make_strip()
        self.bar.currentChanged.connect(self.setCurrentIndex)
        self.currentChanged.connect(self.bar.setCurrentIndex)

    def add(self, page: QWidget, title: str, help: str) -> None:
        """Add a tab at the end; ``help`` is its tooltip."""
        self.addWidget(page)
        index = self.bar.addTab(title)
        self.bar.setTabToolTip(index, help)
        self.bar.setTabWhatsThis(index, help)

    def set_icon(self, index: int, icon: QIcon) -> None:
        """Show an icon before a tab's title."""
        self.bar.setTabIcon(index, icon)

    def set_corner(self, widget: QWidget) -> None:
        """Put a widget at the end of the bar's line."""
        self._row.addWidget(widget)

    def free(self) -> QRect:
        """Return where the bar has no tabs, as the window has it."""
        last = self.bar.tabRect(self.bar.count() - 1)
        place = self.bar.rect().adjusted(last.right() + 1, 0, 0, 0)
        return QRect(self.bar.mapTo(self.window(), place.topLeft()), place.size())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_NEXT) or event.matches(_PREVIOUS):
            step = 1 if event.matches(_NEXT) else -1
            self.setCurrentIndex((self.currentIndex() + step) % self.count())
        else:
            super().keyPressEvent(event)

    def _make_strip(self) -> QToolBar:
        strip = _Strip("Views")
        strip.setObjectName("tabs")
        strip.setMovable(False)
        strip.toggleViewAction().setVisible(False)
        inside = QWidget()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.bar, 1)
        inside.setLayout(self._row)
        strip.addWidget(inside)
        return strip


class _Strip(QToolBar):
    """Has no frame: the line below it is that of the tabs, open at the one in front."""

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        pass
