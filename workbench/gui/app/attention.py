"""Calls a person who looks elsewhere when what took long has ended."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from workbench.gui.look import preferences, theme
from workbench.gui.shell.session import Ending, Session

_MILLISECONDS = 10_000


class Attention(QObject):
    """Marks the window's entry in the taskbar, and shows a message of the system.

    The icon that a message needs in the tray is there from the first message until the
    window is in front again.
    """

    def __init__(self, session: Session, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        session.ended.connect(self._on_session_ended)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._on_focus_window_changed)

    def bring_to_front(self, *_how: object) -> None:
        """Show the window, as a click on the message asks for."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def shut_down(self) -> None:
        """Take the icon out of the tray."""
        if self._tray is not None:
            self._tray.hide()

    def _on_session_ended(self, ending: Ending) -> None:
        if QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if preferences.notifies() and QSystemTrayIcon.isSystemTrayAvailable():
            self._show_message(ending)

    def _show_message(self, ending: Ending) -> None:
        if self._tray is None:
            icon = self._window.windowIcon()
            shown = theme.icon("mdi6.bell-outline") if icon.isNull() else icon
            self._tray = QSystemTrayIcon(shown, self)
            self._tray.messageClicked.connect(self.bring_to_front)
            self._tray.activated.connect(self.bring_to_front)
        kinds = QSystemTrayIcon.MessageIcon
        kind = kinds.Information if ending.is_well else kinds.Warning
        self._tray.setToolTip(f"{ending.title}: {ending.text}")
        self._tray.show()
        self._tray.showMessage(ending.title, ending.text, kind, _MILLISECONDS)

    def _on_focus_window_changed(self, _window: object) -> None:
        if QApplication.activeWindow() is not None:
            self.shut_down()
