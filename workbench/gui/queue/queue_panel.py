"""The Queue panel: what is trained next, one run after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.naming import telling_name
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.queue import QueueState, RunQueue
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.queue.queue_list import QueueList
from workbench.gui.queue.queue_worker import QueueWorker
from workbench.gui.queue.sweep_dialog import SweepDialog
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import Place, command, make_commands
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence

_EMPTY = (
    "Nothing is queued. Add this configuration, or a sweep over seeds and values: they "
    "are trained one after the other, and the queue survives a restart."
)
_LOOK_MS = 1000


class QueuePanel(Panel):
    """Shows the queue of the session's runs, and has it worked off by a process."""

    title = "Queue"
    order = 150
    place = "bottom"
    icon = "mdi6.tray-full"
    help = "What is trained next, one run after the other"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("queue_panel")
        self._queue = RunQueue(session.runs)
        self._worker = QueueWorker(session.data, session.runs, self)
        self._worker.started.connect(self._look)
        self._worker.ended.connect(self._on_worker_ended)
        self._shown = QueueState()
        self._stamp = (0, 0)
        self._is_mine = self._is_elsewhere = self._is_asked_again = False
        make_commands(self, self)
        self.list = QueueList()
        self.list.itemSelectionChanged.connect(self._update)
        self.list.run_opened.connect(self._on_run_opened)
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
        session.config_changed.connect(self._update)

    @override
    def open(self) -> None:
        self._timer.start()
        self._look()
        left = len(self._shown.waiting)
        if left:
            runs = "run waits" if left == 1 else "runs wait"
            text = f"{left:,} {runs} in the queue"
            self.session.notify(text, "info", "queue.start")

    @override
    def busy_with(self) -> str:
        return "The queue is being trained." if self._worker.is_running else ""

    @override
    def stop_work(self) -> None:
        self._worker.stop()

    @override
    def shut_down(self) -> None:
        self._timer.stop()
        self._worker.shut_down()

    # Building.

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for action in (self.add, self.sweep):
            row.addWidget(tool_button(action, with_text=True))
        for action in (self.start, self.pause, self.stop):
            row.addWidget(tool_button(action))
        row.addSpacing(theme.SPACE)
        for action in (self.up, self.down, self.remove, self.clear):
            row.addWidget(tool_button(action))
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

    # What the person asks for.

    @command(
        "queue.add", "Add to &queue", icon="mdi6.tray-plus", place=Place("Run", 400)
    )
    def add(self) -> None:
        """Train this configuration after what is queued before it."""
        if (draft := self._draft()) is not None:
            self._enqueue([draft])

    @command(
        "queue.sweep", "Queue a s&weep…", icon="mdi6.grid", place=Place("Run", 410)
    )
    def sweep(self) -> None:
        """Queue this configuration over seeds and values of its fields."""
        if (draft := self._draft()) is None:
            return
        name, config = draft
        dialog = SweepDialog(config, name, self)
        dialog.accepted.connect(lambda: self._enqueue(dialog.runs()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @command(
        "queue.start", "&Train the queue", icon="mdi6.play", place=Place("Run", 420)
    )
    def start(self) -> None:
        """Train what is queued, one run after the other."""
        self._change(lambda queue: queue.pause(False))
        self._train()

    @command(
        "queue.pause", "Pause the queue", icon="mdi6.pause", place=Place("Run", 430)
    )
    def pause(self) -> None:
        """Begin no further run; the present one is trained to its end."""
        self._change(lambda queue: queue.pause(True))

    @command("queue.stop", "Stop the queue", icon="mdi6.stop")
    def stop(self) -> None:
        """Stop the present run with a checkpoint; it goes on next time."""
        self._change(lambda queue: queue.pause(True))
        self.stop_work()

    @command("queue.up", "Move up", icon="mdi6.arrow-up")
    def up(self) -> None:
        """Train it earlier."""
        self._move(-1)

    @command("queue.down", "Move down", icon="mdi6.arrow-down")
    def down(self) -> None:
        """Train it later."""
        self._move(1)

    @command("queue.remove", "Remove from the queue", icon="mdi6.close")
    def remove(self) -> None:
        """Take it out of the queue; a run that was begun stays in Runs."""
        chosen = self.list.chosen()
        self._change(lambda queue: queue.remove(chosen))

    @command("queue.clear", "Clear finished", icon="mdi6.broom")
    def clear(self) -> None:
        """Take out of the queue what is done or failed."""
        self._change(lambda queue: queue.remove_finished())

    def _draft(self) -> tuple[str, RunConfig] | None:
        """Return what to call the present configuration, and it."""
        config = self.session.config
        if config is None:
            return None
        return telling_name(config, self.session.preset), config

    def _enqueue(self, runs: list[tuple[str, RunConfig]]) -> None:
        self._change(lambda queue: queue.add(runs, self.session.preset))
        self.session.show_panel(self.title)
        if not self._shown.paused:
            self._train()

    def _train(self) -> None:
        """Have what waits trained: now, or when the process that ends has ended."""
        if self._worker.is_running:
            # It may have had its last look at the queue already.
            self._is_asked_again = True
        elif self._shown.waiting and not self._queue.is_worked_off():
            self._worker.start()
        self._look()

    def _move(self, places: int) -> None:
        chosen = self.list.chosen()
        if len(chosen) == 1:
            self._change(lambda queue: queue.move(chosen[0], places))

    def _change(self, change: Callable[[RunQueue], object]) -> None:
        """Change the queue, for this and every other window on it."""
        try:
            change(self._queue)
        except (OSError, RunError) as error:
            self.session.fail("The queue cannot be changed.", sentence(error))
        self._look()

    def _on_run_opened(self, run: str) -> None:
        folder = RunFolder(self.session.runs / run)
        if folder.path.is_dir():
            self.session.set_run(folder)
            self.session.show_panel("Training")
        else:
            self.session.notify(f"{run} is no longer among the runs", "warning")

    # What happens.

    def _on_worker_ended(self, complaint: str) -> None:
        self._look()
        if complaint:
            self.session.fail("The queue had a failure.", complaint)
        elif not self._shown.waiting:
            self.session.notify("The queue is done", "good")
        again, self._is_asked_again = self._is_asked_again, False
        if again and self._shown.waiting and not self._shown.paused:
            self._train()

    def _on_theme_changed(self) -> None:
        self._show()

    def _look(self) -> None:
        """See how the queue stands: this or another process works on it."""
        before = (self._shown, self._is_mine, self._is_elsewhere)
        stamp = _stamp(self._queue.file)
        if stamp != self._stamp:
            self._stamp = stamp
            self._shown = self._queue.read()
        begun = any(queued.state == "running" for queued in self._shown.items)
        self._is_mine = self._worker.is_running
        # Asking takes the lock for a moment: not without need.
        self._is_elsewhere = begun and not self._is_mine and self._queue.is_worked_off()
        if before != (self._shown, self._is_mine, self._is_elsewhere):
            self._show()
        self._update()

    def _show(self) -> None:
        state = self._shown
        busy = self._is_mine or self._is_elsewhere
        self.list.show_queue(state, is_worked_off=busy)
        self._pages.setCurrentIndex(1 if state.items else 0)
        self._update()

    def _update(self, *_news: object) -> None:
        state = self._shown
        has_config = self.session.config is not None
        busy = self._is_mine or self._is_elsewhere
        selected = len(self.list.selectedItems())
        wrong = "The configuration is not complete"
        self.add.allow(has_config, wrong)
        self.sweep.allow(has_config, wrong)
        self.start.allow(
            bool(state.waiting) and (state.paused or not busy),
            "It is being trained" if busy else "Nothing waits in the queue",
        )
        self.pause.allow(busy and not state.paused, "It is not being trained")
        self.stop.allow(
            self._is_mine,
            "Another process trains it: pause it, or stop it there"
            if self._is_elsewhere
            else "It is not being trained",
        )
        for action in (self.up, self.down):
            action.allow(selected == 1, "Select one line first")
        self.remove.allow(selected > 0, "Select a line first")
        self.clear.allow(bool(state.finished), "Nothing is done yet")
        self.sentence.setText(self._sentence())

    def _sentence(self) -> str:
        waiting = len(self._shown.waiting)
        words = [f"{waiting:,} to train"] if waiting else []
        words += ["paused"] if self._shown.paused and waiting else []
        words += ["training"] if self._is_mine else []
        words += ["another process trains"] if self._is_elsewhere else []
        return ", ".join(words)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
