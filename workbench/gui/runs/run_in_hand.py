"""The line selected in the table is the run in hand, and the other way round."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QTimer

from workbench.core.runs.store import RunFolder
from workbench.gui.runs.tree_view import RunTree
from workbench.gui.shell.session import Session

_REST_MS = 120
"""Lines that the arrow keys only pass are not opened."""


class RunInHand(QObject):
    """Lets the session be about the run selected, and selects that which it is about.

    Where several are selected the session stays with its run, if it is one of them.
    """

    def __init__(self, session: Session, table: RunTree) -> None:
        super().__init__(table)
        self._session, self._table = session, table
        self._awaited = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.settle)
        table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        table.runs.rearranged.connect(self._on_table_rearranged)
        table.pressed.connect(self._on_table_pressed)
        session.run_changed.connect(self._on_session_run_changed)

    def settle(self) -> None:
        """Take the selected run in hand now."""
        self._rest.stop()
        selected = self._table.selected_runs()
        if selected and self._name not in {row.folder for row in selected}:
            current = self._table.current_folder()
            names = [row.folder for row in selected]
            chosen = current if current in names else names[0]
            self._session.set_run(RunFolder(self._session.runs / chosen))

    @property
    def _name(self) -> str:
        """The name of the folder of the session's run, if it is one of the table's."""
        run = self._session.run
        is_ours = run is not None and run.path.parent == self._session.runs
        return run.path.name if run is not None and is_ours else ""

    def _on_selection_changed(self, *_changes: object) -> None:
        selected = self._table.selected_folders()
        if selected and self._name not in selected:
            self._session.is_picked = True  # nothing else comes before it is opened
        self._rest.start()

    def _on_table_pressed(self, index: QModelIndex) -> None:
        """Let a run stay that was clicked, though it was in hand before."""
        pressed = {*self._table.runs.folders(index)}
        if not pressed.isdisjoint(self._table.selected_folders()):
            self._session.is_picked = True

    def _on_session_run_changed(self, _run: object) -> None:
        self._rest.stop()
        self._table.in_hand = self._awaited = self._name
        if self._name in self._table.selected_folders():
            self._awaited = ""
        else:
            self._table.clearSelection()
            self._on_table_rearranged()

    def _on_table_rearranged(self) -> None:
        """Select a run that came into hand before it was listed."""
        if self._awaited and self._table.runs.index_of(self._awaited).isValid():
            self._table.select([self._awaited])
            self._table.scrollTo(self._table.currentIndex())
            self._awaited = ""
