"""Keeps the configuration being edited, so that a crash loses a moment of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from workbench.gui.look import preferences
from workbench.gui.shell.session import Session

_MOMENT_MS = 1000


class DraftKeeper(QObject):
    """Writes the session's draft a moment after the first edit since it last did."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MOMENT_MS)
        self._timer.timeout.connect(self.keep)
        session.draft_changed.connect(self._on_session_draft_changed)

    def keep(self) -> None:
        """Write the draft now."""
        self._timer.stop()
        preferences.remember_draft(self._session.draft, self._session.preset)

    def _on_session_draft_changed(self) -> None:
        # Begun anew at each edit, it would never end for who goes on typing.
        if not self._timer.isActive():
            self._timer.start()
