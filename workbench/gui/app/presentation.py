"""Presentation mode: one tab over the whole screen, written large, for a room."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QToolBar, QWidget

from workbench.gui.app.tab_docks import TabDocks
from workbench.gui.look import theme
from workbench.gui.look.cursor_trail import CursorTrail

_LARGER = 1.4


class Presentation(QObject):
    """Takes away what a room need not see, and puts it back as it was.

    Signals:
        begun(): it is shown large now.
    """

    begun = Signal()

    def __init__(self, window: QMainWindow, docks: TabDocks) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._hidden: list[QWidget] = []
        self._state = Qt.WindowState.WindowNoState
        self._trail: CursorTrail | None = None

    @property
    def is_on(self) -> bool:
        """Whether it is shown large."""
        return self._trail is not None

    def toggle(self) -> None:
        """Begin it, or end it."""
        if self.is_on:
            self.end()
        else:
            self._begin()

    def end(self) -> None:
        """Put everything back; nothing unless it is on."""
        if self._trail is None:
            return
        self._trail.deleteLater()
        self._trail = None
        theme.enlarge(1.0)
        self._window.setWindowState(self._state)
        for bar in self._hidden:
            bar.show()
        self._docks.come_back()

    def _begin(self) -> None:
        window = self._window
        tools = window.findChildren(QToolBar, "toolbar")
        bars = [window.menuBar(), window.statusBar(), *tools]
        self._hidden = [bar for bar in bars if bar.isVisible()]
        for bar in self._hidden:
            bar.hide()
        self._docks.step_aside()
        self._state = window.windowState()
        window.setWindowState(self._state | Qt.WindowState.WindowFullScreen)
        theme.enlarge(_LARGER)
        self._trail = CursorTrail(window)
        self.begun.emit()
