"""The Queue panel: what is trained next, one run after the other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.run_config import RunConfig
from workbench.core.run_queue import Queued, QueueState, RunQueue
from workbench.core.run_store import RunError, RunFolder
from workbench.gui import theme
from workbench.gui.actions import Action, Place
from workbench.gui.panel import Panel
from workbench.gui.runs.pictures import state_icon
from workbench.gui.runs.queue_worker import QueueWorker
from workbench.gui.runs.sweep_dialog import SweepDialog
from workbench.gui.session import Session

_EMPTY = (
    "Nothing is queued. Add this configuration, or a sweep over seeds and values: they "
    "are trained one after the other, and the queue survives a restart."
)
_ID, _RUN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_LOOK_MS = 1000
_ICONS = {
    "waiting": "created",
    "running": "running",
    "done": "completed",
    "failed": "failed",
}


class QueuePanel(Panel):
    """Shows the queue of the session's runs, and has it worked off by a process."""

    title = "Queue"
    order = 150
    place = "bottom"
    icon = "mdi6.tray-full"
    help = "What is trained next, one run after the other"

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("queue_panel")
        self._session: Session | None = None
        self._queue: RunQueue | None = None
        self._worker: QueueWorker | None = None
        self._shown = QueueState()
        self._stamp = (0, 0)
        self._make_actions()
        self.list = QListWidget()
        self.list.setObjectName("queue.list")
        self.list.setAccessibleName("Queue")
        self.list.setIconSize(QSize(16, 16))
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.itemSelectionChanged.connect(self._update)
        self.list.itemActivated.connect(self._on_item_activated)
        self.hint = QLabel(_EMPTY)
        self.hint.setObjectName("queue.hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel()
        self.sentence.setObjectName("queue.sentence")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        theme.changes().changed.connect(self._on_theme_changed)

    def open(self, session: Session) -> None:
        """Show the queue beside the session's runs."""
        self._session = session
        self._queue = RunQueue(session.runs)
        self._worker = QueueWorker(session.data, session.runs, self)
        self._worker.started.connect(self._update)
        self._worker.ended.connect(self._on_worker_ended)
        session.config_changed.connect(self._update)
        self._timer.start()
        self._look()
        left = len(self._shown.waiting)
        if left:
            runs = "run waits" if left == 1 else "runs wait"
            session.notify(f"{left} {runs} in the queue", "info", "queue.start")

    def busy_with(self) -> str:
        """Say that the queue is being worked off."""
        is_running = self._worker is not None and self._worker.is_running
        return "The queue is being trained." if is_running else ""

    def stop_work(self) -> None:
        """Ask the process to stop; what is left goes on next time."""
        if self._worker is not None:
            self._worker.stop()

    def shut_down(self) -> None:
        """Stop the process; what is left goes on next time."""
        self._timer.stop()
        if self._worker is not None:
            self._worker.shut_down()

    # Building.

    def _make_actions(self) -> None:
        def action(
            name: str, text: str, perform: object, tip: str, icon: str, order: int
        ) -> Action:
            made = Action(
                f"queue.{name}",
                text,
                perform,  # type: ignore[arg-type]
                tip=tip,
                icon=icon,
                place=Place("Run", order) if order else Place(),
                parent=self,
            )
            self.addAction(made)
            return made

        self.add = action(
            "add",
            "Add to &queue",
            self._on_add,
            "Train this configuration after what is queued before it",
            "mdi6.tray-plus",
            400,
        )
        self.sweep = action(
            "sweep",
            "Queue a s&weep…",
            self._on_sweep,
            "Queue this configuration over seeds and values of its fields",
            "mdi6.grid",
            410,
        )
        self.start = action(
            "start",
            "&Train the queue",
            self._on_start,
            "Train what is queued, one run after the other",
            "mdi6.play",
            420,
        )
        self.pause = action(
            "pause",
            "Pause the queue",
            self._on_pause,
            "Begin no further run; the present one is trained to its end",
            "mdi6.pause",
            430,
        )
        self.stop = action(
            "stop",
            "Stop the queue",
            self._on_stop,
            "Stop the present run with a checkpoint; it goes on next time",
            "mdi6.stop",
            0,
        )
        self.up = action(
            "up", "Move up", self._on_up, "Train it earlier", "mdi6.arrow-up", 0
        )
        self.down = action(
            "down", "Move down", self._on_down, "Train it later", "mdi6.arrow-down", 0
        )
        self.remove = action(
            "remove",
            "Remove from the queue",
            self._on_remove,
            "Take it out of the queue; a run that was begun stays in Runs",
            "mdi6.close",
            0,
        )
        self.clear = action(
            "clear",
            "Remove what is done",
            self._on_clear,
            "Take out of the queue what is done or failed",
            "mdi6.broom",
            0,
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for action in (self.add, self.sweep, self.start, self.pause, self.stop):
            row.addWidget(
                self._button(action, with_text=action in (self.add, self.sweep))
            )
        row.addSpacing(theme.SPACE)
        for action in (self.up, self.down, self.remove, self.clear):
            row.addWidget(self._button(action, with_text=False))
        row.addStretch(1)
        row.addWidget(self.sentence)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.hint)
        self._pages.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, theme.SPACE, theme.SPACE)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(pages, 1)

    def _button(self, action: Action, *, with_text: bool) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(action.id)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        if with_text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    # What the person asks for.

    def _on_add(self) -> None:
        session, queue = self._session, self._queue
        if session is None or queue is None or session.config is None:
            return
        config = session.config
        name = session.preset or f"{config.algorithm.kind}-{config.task.kind}"
        self._enqueue([(name, config)])

    def _on_sweep(self) -> None:
        session = self._session
        if session is None or session.config is None:
            return
        config = session.config
        name = session.preset or f"{config.algorithm.kind}-{config.task.kind}"
        dialog = SweepDialog(config, name, self)
        dialog.accepted.connect(lambda: self._enqueue(dialog.runs()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _enqueue(self, runs: list[tuple[str, RunConfig]]) -> None:
        session, queue = self._session, self._queue
        if session is None or queue is None:
            return
        try:
            queue.add(runs, session.preset)
        except (OSError, RunError) as error:
            session.fail("The queue cannot be written.", str(error))
            return
        self._look()
        session.show_panel(self.title)
        if not self._shown.paused:
            self._on_start()

    def _on_start(self) -> None:
        if self._queue is None or self._worker is None:
            return
        self._queue.pause(False)
        self._look()
        if self._shown.waiting and not self._queue.is_worked_off():
            self._worker.start()
        self._update()

    def _on_pause(self) -> None:
        if self._queue is not None:
            self._queue.pause(True)
            self._look()

    def _on_stop(self) -> None:
        if self._queue is not None and self._worker is not None:
            self._queue.pause(True)
            self._worker.stop()
            self._look()

    def _on_up(self) -> None:
        self._move(-1)

    def _on_down(self) -> None:
        self._move(1)

    def _on_remove(self) -> None:
        if self._queue is not None:
            self._queue.remove(self._selected())
            self._look()

    def _on_clear(self) -> None:
        if self._queue is not None:
            self._queue.remove_finished()
            self._look()

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        run = item.data(_RUN)
        if run and self._session is not None:
            self._session.set_run(RunFolder(self._session.runs / run))
            self._session.show_panel("Training")

    # What happens.

    def _on_worker_ended(self, complaint: str) -> None:
        self._look()
        self._show(self._shown)
        session = self._session
        if session is None:
            return
        if complaint:
            session.fail("The queue had a failure.", complaint)
        elif not self._shown.waiting:
            session.notify("The queue is done", "good")

    def _on_theme_changed(self) -> None:
        self._show(self._shown)

    def _move(self, places: int) -> None:
        selected = self._selected()
        if self._queue is not None and len(selected) == 1:
            self._queue.move(selected[0], places)
            self._look()

    def _selected(self) -> list[str]:
        return [str(item.data(_ID)) for item in self.list.selectedItems()]

    def _look(self) -> None:
        """Read the queue if its file is another: this or another process wrote it."""
        if self._queue is None:
            return
        stamp = _stamp(self._queue.file)
        if stamp != self._stamp or not self.list.count():
            self._stamp = stamp
            state = self._queue.read()
            if state != self._shown or not self._pages.currentIndex():
                self._show(state)

    def _show(self, state: QueueState) -> None:
        selected = set(self._selected())
        self._shown = state
        self.list.clear()
        left_behind = self._left_behind(state)
        for queued in state.items:
            is_left = queued.id in left_behind
            icon = "interrupted" if is_left else _ICONS[queued.state]
            item = QListWidgetItem(state_icon(icon), _text(queued, is_left))
            item.setData(_ID, queued.id)
            item.setData(_RUN, queued.run)
            item.setToolTip(queued.message or queued.run or "Waiting")
            self.list.addItem(item)
            item.setSelected(queued.id in selected)
        self._pages.setCurrentIndex(1 if state.items else 0)
        self._update()

    def _left_behind(self, state: QueueState) -> set[str]:
        """Return what was begun by a process that is gone."""
        begun = {queued.id for queued in state.items if queued.state == "running"}
        mine = self._worker is not None and self._worker.is_running
        if mine or (begun and self._queue is not None and self._queue.is_worked_off()):
            return set()
        return begun

    def _update(self, *_news: object) -> None:
        session, state = self._session, self._shown
        has_config = session is not None and session.config is not None
        running = self._worker is not None and self._worker.is_running
        selected = len(self._selected())
        self.add.setEnabled(has_config)
        self.sweep.setEnabled(has_config)
        self.start.setEnabled(bool(state.waiting) and (state.paused or not running))
        self.pause.setEnabled(running and not state.paused)
        self.stop.setEnabled(running)
        self.up.setEnabled(selected == 1)
        self.down.setEnabled(selected == 1)
        self.remove.setEnabled(selected > 0)
        self.clear.setEnabled(any(i.state in ("done", "failed") for i in state.items))
        waiting = len(state.waiting)
        words = [f"{waiting} to train"] if waiting else []
        words += ["paused"] if state.paused and waiting else []
        words += ["training"] if running else []
        self.sentence.setText(", ".join(words))


def _text(queued: Queued, is_left: bool) -> str:
    message = f": {queued.message}" if queued.message else ""
    state = "begun, goes on where it stopped" if is_left else queued.state
    return f"{queued.title}   {state}{message}"


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
