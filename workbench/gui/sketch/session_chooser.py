"""The button that says which sketch session is shown, with a menu of them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QSizePolicy, QToolButton

from workbench.gui.shell.actions import Action
from workbench.gui.sketch.sessions import Sessions

_WIDEST = 170
_MOST_LISTED = 12
_MARK = 40


class SessionChooser(QToolButton):
    """Shows the session's name; its menu switches, and offers what else there is."""

    def __init__(self, sessions: Sessions, actions: Mapping[str, Action]) -> None:
        super().__init__()
        self._sessions, self._actions = sessions, actions
        self.setObjectName("sketch.sessions")
        self.setAccessibleName("Sketch session")
        self.setToolTip("The sketch session, kept as you draw: click for the others")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAutoRaise(True)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setMaximumWidth(_WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.sessions_menu = QMenu(self)
        self.sessions_menu.setObjectName("menu.sketch_sessions")
        self.sessions_menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.setMenu(self.sessions_menu)
        sessions.changed.connect(self._on_sessions_changed)
        self._on_sessions_changed()

    def ask_for_name(self) -> None:
        """Ask what the session is to be called."""
        dialog = QInputDialog(self)
        dialog.setObjectName("sketch.rename_dialog")
        dialog.setWindowTitle("Rename the sketch session")
        dialog.setLabelText("Name")
        dialog.setTextValue(self._sessions.name)
        dialog.textValueSelected.connect(self._sessions.rename)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        field = dialog.findChild(QLineEdit)
        if field is not None:
            field.selectAll()

    def _on_sessions_changed(self) -> None:
        name = self._sessions.name
        room = _WIDEST - _MARK
        elided = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room)
        self.setText(f"{elided.replace('&', '&&')} ▾")
        self.setAccessibleDescription(name)

    def _on_menu_about_to_show(self) -> None:
        menu, sessions = self.sessions_menu, self._sessions
        menu.clear()
        for name in sessions.names():
            entry = menu.addAction(name.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(name == sessions.name)
            entry.triggered.connect(partial(self._on_name_triggered, name))
        menu.addSeparator()
        for each in ("new_session", "rename_session", "delete_session"):
            menu.addAction(self._actions[each])
        deleted = sessions.deleted()[:_MOST_LISTED]
        if deleted:
            back = menu.addMenu("Bring back")
            for path in deleted:
                entry = back.addAction(path.stem.replace("&", "&&"))
                entry.triggered.connect(partial(self._on_deleted_triggered, path))

    def _on_name_triggered(self, name: str, _checked: bool = False) -> None:
        if name != self._sessions.name:
            self._sessions.switch(name)

    def _on_deleted_triggered(self, path: Path, _checked: bool = False) -> None:
        self._sessions.bring_back(path)
