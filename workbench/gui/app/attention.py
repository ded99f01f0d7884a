"""Calls a person who looks elsewhere when what took long has ended."""

from __future__ import annotations

import html
import shutil
from functools import partial

from PySide6.QtCore import QObject, QProcess, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from workbench.core.base.folders import resource
from workbench.gui.look import preferences, theme
from workbench.gui.shell.session import Ending, Session

_MILLISECONDS = 10_000
_SETTLES = 500
"""Milliseconds after which an icon has its place in the tray: Qt may draw the message
itself, and then it points to there."""

_SENDER = "notify-send"


class Attention(QObject):
    """Marks the window's entry in the taskbar, and shows a message of the system.

    The icon that a message needs in the tray is there from the first message until the
    window is in front again. Where there is no tray, as on GNOME, the desktop's own
    program sends the message.
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
        if not preferences.notifies():
            return
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._show_icon(ending)
        else:
            _send(ending)

    def _show_icon(self, ending: Ending) -> None:
        if self._tray is None:
            icon = self._window.windowIcon()
            shown = theme.icon("mdi6.bell-outline") if icon.isNull() else icon
            self._tray = QSystemTrayIcon(shown, self)
            self._tray.messageClicked.connect(self.bring_to_front)
            self._tray.activated.connect(self.bring_to_front)
        self._tray.setToolTip(f"{ending.title}: {ending.text}")
        settles = 0 if self._tray.isVisible() else _SETTLES
        self._tray.show()
        QTimer.singleShot(settles, self, partial(self._show_message, ending))

    def _show_message(self, ending: Ending) -> None:
        kinds = QSystemTrayIcon.MessageIcon
        kind = kinds.Information if ending.is_well else kinds.Warning
        if self._tray is not None and self._tray.isVisible():
            self._tray.showMessage(ending.title, ending.text, kind, _MILLISECONDS)

    def _on_focus_window_changed(self, _window: object) -> None:
        if QApplication.activeWindow() is not None:
            self.shut_down()


def _send(ending: Ending) -> None:
    is_seen = QGuiApplication.platformName() != "offscreen"
    if is_seen and shutil.which(_SENDER) is not None:
        icon = f"--icon={resource('icons', 'workbench.svg')}"
        name = f"--app-name={QGuiApplication.applicationDisplayName()}"
        text = html.escape(ending.text, quote=False)
        QProcess.startDetached(_SENDER, [name, icon, "--", ending.title, text])
