"""The list of what is queued: a line for each run, in the order of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from workbench.core.queue.queue import Queued, QueueState
from workbench.core.queue.workers import WorkerRecord
from workbench.gui.graphs.run_marks import state_icon
from workbench.gui.look import theme
from workbench.gui.queue.queue_words import where
from workbench.gui.shell.wording import told

_ID, _RUN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ICONS = {"waiting": "created", "done": "completed"}
_WORDS = {
    "created": "waiting",
    "interrupted": "begun, goes on where it stopped",
    "completed": "done",
    "pruned": "given up",
    "search": "a search",
}


class _Line(NamedTuple):
    """What a line of the list shows."""

    id: str
    run: str
    icon: str
    text: str
    tip: str


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
        self._lines: list[_Line] = []
        self._is_dark = theme.is_dark()
        self._next = ""

    def show_queue(
        self, state: QueueState, at_work: Mapping[str, WorkerRecord]
    ) -> None:
        """Show this; what has begun was left behind if nobody is ``at_work`` on it.

        What is trained next comes into view when it is another; else nothing moves.
        """
        lines = [
            _line(item, at_work.get(item.id), is_held=state.is_held)
            for item in state.items
        ]
        if [line.id for line in lines] != [line.id for line in self._lines]:
            self._lay_out(lines)
        # Of a thousand lines few are other than before.
        is_other_theme = self._is_dark != theme.is_dark()
        for row, (line, before) in enumerate(zip(lines, self._lines, strict=True)):
            if line != before or is_other_theme:
                _write(self.item(row), line)
        self._lines, self._is_dark = lines, theme.is_dark()
        self._bring_into_view(next((item.id for item in state.waiting), ""))

    def chosen(self) -> list[str]:
        """Return the ids of what is selected."""
        return [str(item.data(_ID)) for item in self.selectedItems()]

    def _lay_out(self, lines: list[_Line]) -> None:
        """Make the lines anew, with what is selected and in view as it was."""
        selected, place = set(self.chosen()), self.verticalScrollBar().value()
        self.clear()
        for line in lines:
            item = QListWidgetItem()
            _write(item, line)
            self.addItem(item)
            item.setSelected(line.id in selected)
        self._lines = lines
        self.verticalScrollBar().setValue(place)

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


def _write(item: QListWidgetItem, line: _Line) -> None:
    item.setIcon(state_icon(line.icon))
    item.setText(line.text)
    item.setToolTip(line.tip)
    item.setData(_ID, line.id)
    item.setData(_RUN, line.run)


def _line(queued: Queued, worker: WorkerRecord | None, *, is_held: bool) -> _Line:
    """Return how an item is shown that this worker trains, or nobody."""
    icon = _icon(queued, is_trained=worker is not None, is_held=is_held)
    words = _WORDS.get(icon, icon)
    why = told(queued.problem) if queued.message else ""
    if worker is not None and (place := where(worker)):
        words = f"{words} {place}"
    message = f": {why}" if why else ""
    text = f"{queued.title}   {words}{message}"
    return _Line(queued.id, queued.run, icon, text, why or _tip(queued))


def _icon(queued: Queued, *, is_trained: bool, is_held: bool) -> str:
    if queued.search is not None and queued.state == "waiting":
        return "search"
    if queued.state == "running" and not is_trained:
        return "interrupted"
    if queued.state == "running":
        return "paused" if is_held or queued.is_paused else "running"
    return _ICONS.get(queued.state, queued.state)


def _tip(queued: Queued) -> str:
    if queued.search is not None:
        return f"Searches {', '.join(queued.search.space)}"
    return queued.run or "Waiting"
