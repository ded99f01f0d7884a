"""The tabs of the window: their pages in the middle, their bar above all docks."""

from __future__ import annotations

from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence
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
    so it stays where it is when docks come and go beside the pages. What is ``free`` of
    it is after the last tab.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("centre")
        self.bar = QTabBar()
        self.bar.setObjectName("centre.tabs")
        self.bar.setAccessibleName("Views")
        self.bar.setDocumentMode(True)
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.free = QWidget()
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

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_NEXT) or event.matches(_PREVIOUS):
            step = 1 if event.matches(_NEXT) else -1
            self.setCurrentIndex((self.currentIndex() + step) % self.count())
        else:
            super().keyPressEvent(event)

    def _make_strip(self) -> QToolBar:
        strip = QToolBar("Views")
        strip.setObjectName("tabs")
        strip.setMovable(False)
        strip.toggleViewAction().setVisible(False)
        inside = QWidget()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.bar)
        self._row.addWidget(self.free, 1)
        inside.setLayout(self._row)
        strip.addWidget(inside)
        strip.setContentsMargins(0, 2, 4, 0)
        return strip
