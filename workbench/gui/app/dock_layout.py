"""Window and docks: where they are at first, and where the person left them."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from workbench.gui.look import preferences
from workbench.gui.look.dock_title import DockTitle
from workbench.gui.look.screen import room

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_SMALL_SCREEN, _LOW_SCREEN = 1500, 600


class DockLayout:
    """The docks of a window, at the left and at the bottom of it.

    ``docks`` are by title. What is there when ``begin`` is called is what ``reset``
    comes back to.
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._default = QByteArray()
        self._at: dict[str, list[QDockWidget]] = {place: [] for place in _AREAS}
        self.docks: dict[str, QDockWidget] = {}
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, _AREAS["left"])

    def add(self, title: str, widget: QWidget, place: str) -> None:
        """Put a widget into a dock of its own, behind the others of its place."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock.{title.lower()}")
        dock.setWidget(widget)
        dock.setTitleBarWidget(DockTitle(dock))
        # Qt leaves a dock behind another one's tab visible, and so in the tab order.
        dock.visibilityChanged.connect(dock.setEnabled)
        neighbours = self._at[place]
        self._window.addDockWidget(_AREAS[place], dock)
        if neighbours:
            self._window.tabifyDockWidget(neighbours[-1], dock)
            neighbours[0].raise_()
        neighbours.append(dock)
        self.docks[title] = dock

    def begin(self) -> None:
        """Put window and docks where they were, if that is on a screen."""
        window = self._window
        self._default = window.saveState(preferences.layout_version())
        window.resize(*_first_size())
        # Only now is the window as large as the docks' shares are of.
        self._show_as_at_first()
        stored = preferences.layout()
        if stored is not None:
            geometry, state = stored
            window.restoreGeometry(geometry)
            window.restoreState(state, preferences.layout_version())
        for dock in self.docks.values():
            if dock.isFloating() and not _is_on_screen(dock):
                dock.setFloating(False)

    def reset(self) -> None:
        """Put docks and sizes back to what they are on the first start."""
        preferences.forget_layout()
        self._window.restoreState(self._default, preferences.layout_version())
        self._show_as_at_first()

    def remember(self) -> None:
        """Keep for the next start where everything is."""
        state = self._window.saveState(preferences.layout_version())
        preferences.remember_layout(self._window.saveGeometry(), state)

    def _show_as_at_first(self) -> None:
        """Give the docks their shares; none below where the tabs would be too low."""
        for place, share, side in (
            ("left", 0.27, Qt.Orientation.Horizontal),
            ("bottom", 0.3, Qt.Orientation.Vertical),
        ):
            docks, window = self._at[place], self._window
            length = window.width() if place == "left" else window.height()
            size = round(min(max(share * length, 160), 420))
            window.resizeDocks(docks, [size] * len(docks), side)
        for dock in self._at["bottom"]:
            dock.setVisible(room().height() >= _LOW_SCREEN)


def is_small_screen() -> bool:
    """Return whether tabs that need much room begin without docks on this screen."""
    return room().width() < _SMALL_SCREEN


def _first_size() -> tuple[int, int]:
    most = room()
    return min(round(most.width() * 0.94), 1800), min(round(most.height() * 0.92), 1100)


def _is_on_screen(widget: QWidget) -> bool:
    frame = widget.frameGeometry()
    return any(
        screen.availableGeometry().intersects(frame)
        for screen in QGuiApplication.screens()
    )
