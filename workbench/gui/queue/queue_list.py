"""The list of what is queued: a line for each run, in the order of training."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from workbench.core.queue.queue import Queued, QueueState
from workbench.gui.graphs.run_marks import state_icon
from workbench.gui.shell.wording import told

_ID, _RUN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ICONS = {
    "waiting": "created",
    "done": "completed",
    "failed": "failed",
}
_WORDS = {"interrupted": "begun, goes on where it stopped", "paused": "paused"}


class QueueList(QListWidget):
    """Shows the queue; what is selected stays so when it changes.

    Signals:
        run_opened(str): a double click on what has begun: the name of its run's folder.
    """

    run_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("queue.list")
        self.setAccessibleName("Queue")
        self.setIconSize(QSize(16, 16))
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.itemActivated.connect(self._on_item_activated)
        self._next = ""

    def show_queue(self, state: QueueState, *, is_worked_off: bool) -> None:
        """Show this; what has begun was left behind if nobody works the queue off.

        What is trained next comes into view when it is another; else nothing moves.
        """
        selected, place = set(self.chosen()), self.verticalScrollBar().value()
        begun = "paused" if state.is_held else "running"
        icons = _ICONS | {"running": begun if is_worked_off else "interrupted"}
        self.clear()
        for queued in state.items:
            waits = is_worked_off and queued.state == "running" and queued.is_paused
            icon = "paused" if waits else icons[queued.state]
            item = QListWidgetItem(state_icon(icon), _text(queued, icon))
            item.setData(_ID, queued.id)
            item.setData(_RUN, queued.run)
            item.setToolTip(_why(queued) or queued.run or "Waiting")
            self.addItem(item)
            item.setSelected(queued.id in selected)
        self.verticalScrollBar().setValue(place)
        self._bring_into_view(next((item.id for item in state.waiting), ""))

    def chosen(self) -> list[str]:
        """Return the ids of what is selected."""
        return [str(item.data(_ID)) for item in self.selectedItems()]

    def _bring_into_view(self, id: str) -> None:
        """Scroll to what is trained next, if that is another than before."""
        before, self._next = self._next, id
        if id != before:
            for row in range(self.count()):
                if (item := self.item(row)).data(_ID) == id:
                    self.scrollToItem(item)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        if run := item.data(_RUN):
            self.run_opened.emit(run)


def _text(queued: Queued, icon: str) -> str:
    message = f": {_why(queued)}" if queued.message else ""
    return f"{queued.title}   {_WORDS.get(icon, queued.state)}{message}"


def _why(queued: Queued) -> str:
    return told(queued.problem) if queued.message else ""
