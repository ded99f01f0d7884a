"""The Queue panel: what is trained next, one run after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.naming import telling_name
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.queue import Queued, QueueState, RunQueue
from workbench.core.results.own_result import own_result
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.queue import queue_words
from workbench.gui.queue.queue_list import QueueList
from workbench.gui.queue.queue_status import QueueStatus
from workbench.gui.queue.queue_turn import QueueTurn
from workbench.gui.queue.queue_watch import QueueWatch
from workbench.gui.queue.queue_worker import QueueWorker
from workbench.gui.queue.sweep_dialog import SweepDialog
from workbench.gui.queue.tool_row import ToolRow
from workbench.gui.queue.workers_page import WorkersPage
from workbench.gui.shell.actions import Place, command, make_commands
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.shell.twins import ask_about_twin, ask_about_twins
from workbench.gui.shell.wording import sentence

_EMPTY = (
    "Nothing is queued. Add this configuration, or a sweep over seeds and values: they "
    "are trained one after the other, and the queue survives a restart."
)
_IDLE = "It is not being trained"


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
        self._watch = QueueWatch(self._queue, self._worker, self)
        self._worker.started.connect(self._watch.look)
        self._worker.ended.connect(self._on_worker_ended)
        self._turn = QueueTurn(session, self._queue, self._watch, self._worker)
        make_commands(self, self)
        self.list = QueueList()
        self.list.itemSelectionChanged.connect(self._update)
        self.list.run_opened.connect(self._on_run_opened)
        self.hint = QLabel(_EMPTY)
        self.hint.setObjectName("queue.hint")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = ElidedLabel()
        self.sentence.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self.sentence.setObjectName("queue.sentence")
        self.status = QueueStatus(session, self)
        self.workers = WorkersPage(session, self._watch, self)
        self.workers.number.valueChanged.connect(self._worker.set_workers)
        self._worker.set_workers(self.workers.number.value())
        self.workers.run_opened.connect(self._on_run_opened)
        self.workers.jobs.changed.connect(self._show_workers)
        self.tabs = QTabBar()
        self._lay_out()
        self._told = ""
        self._watch.changed.connect(self._show)
        self._watch.looked.connect(self._update)
        self._watch.finished.connect(self._on_watch_finished)
        theme.changes().changed.connect(self._show)
        session.config_changed.connect(self._update)
        session.progress_changed.connect(self._on_session_progress_changed)
        session.queued.connect(self._on_session_queued)
        self._turn.changed.connect(self._update)

    @override
    def open(self) -> None:
        self._watch.begin()
        self.workers.jobs.begin()
        if left := self._watch.left:
            text = f"{queue_words.waiting(left)} in the queue"
            self.session.notify(text, "info", "queue.start")

    @override
    def busy_with(self) -> str:
        return "The queue is being trained." if self._worker.is_running else ""

    @override
    def status_widgets(self) -> Sequence[QWidget]:
        return (self.status,)

    @override
    def stop_work(self) -> None:
        self._turn.give_up()
        self._worker.stop()

    @override
    def shut_down(self) -> None:
        self._turn.give_up()
        self._watch.end()
        self.workers.jobs.end()
        self._worker.shut_down()

    # Building.

    def _lay_out(self) -> None:
        self.tools = ToolRow()
        self.tools.add(self.add, self.sweep, with_text=True)
        self.tools.add(self.start, self.hold, self.pause, self.skip, self.stop)
        self.tools.add_space(theme.SPACE)
        self.tools.add(self.pause_runs, self.up, self.down, self.remove, self.clear)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        for page in (self.hint, self.list, self.workers):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, theme.SPACE, theme.SPACE)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(pages, 1)
        self._show_page()  # or the buttons of both pages ask for room

    def _head(self) -> QHBoxLayout:
        """Return the row of the pages' names, their buttons, and how it stands."""
        self.tabs.setObjectName("queue.pages")
        self.tabs.setAccessibleName("Pages of the queue")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setDocumentMode(True)
        for title, tip in (("Queue", self.help), ("Workers", "Who trains the queue")):
            self.tabs.setTabToolTip(self.tabs.addTab(title), tip)
        self.tabs.currentChanged.connect(self._show_page)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.tabs, self.tools, self.workers.tools):
            row.addWidget(widget)
        row.addSpacing(theme.SPACE)
        row.addWidget(self.sentence, 1)
        return row

    # What the person asks for.

    @command(
        "queue.add", "Add to &queue", icon="mdi6.tray-plus", place=Place("Run", 400)
    )
    def add(self) -> None:
        """Train this configuration after what is queued before it."""
        if (draft := self._draft()) is None:
            return
        name, config = draft
        if chosen := ask_about_twin(self.session, config, "Queue", self):
            self._enqueue([(name, chosen)], waits=self._waits)

    @command(
        "queue.sweep", "Queue a s&weep…", icon="mdi6.grid", place=Place("Run", 410)
    )
    def sweep(self) -> None:
        """Queue this configuration over seeds and values of its fields."""
        if (draft := self._draft()) is None:
            return
        name, config = draft
        left = sum(item.runs for item in self._watch.left)
        before = left if self._turn.may_wait else None
        outlook = self._turn.outlook(waits=False) if before is None else ""
        dialog = SweepDialog(config, name, self, before=before, outlook=outlook)
        dialog.accepted.connect(lambda: self._enqueue_sweep(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @command(
        "queue.start", "&Train the queue", icon="mdi6.play", place=Place("Run", 420)
    )
    def start(self) -> None:
        """Train what is queued, one run after the other."""
        self._change(lambda queue: queue.pause(False))
        self._turn.begin_alone()

    @command("queue.hold", "Pause the queue now", icon="mdi6.pause")
    def hold(self) -> None:
        """Let the present run wait after its meta-step, and begin no other."""
        self._change(lambda queue: queue.pause(True, at_once=True))

    @command(
        "queue.pause",
        "Pause the queue after this run",
        icon="mdi6.pause-circle-outline",
        place=Place("Run", 430),
    )
    def pause(self) -> None:
        """Begin no further run; the present one is trained to its end."""
        self._turn.give_up()
        self._change(lambda queue: queue.pause(True))

    @command(
        "queue.skip",
        "S&kip this run of the queue",
        icon="mdi6.debug-step-over",
        place=Place("Run", 440),
    )
    def skip(self) -> None:
        """Stop the present run only, with a checkpoint, and train the next one."""
        if (begun := self._present()) is None:
            return
        if self._change(lambda queue: queue.remove([begun.id])):
            text = f"{begun.title} is skipped: it stays in Runs, and can be continued"
            then = ". The queue stays paused" if self._watch.state.paused else ""
            self.session.notify(text + then)

    @command(
        "queue.pause_runs", "Pause the selected runs", icon="mdi6.motion-pause-outline"
    )
    def pause_runs(self) -> None:
        """Let the selected runs wait, or go on, while those beside them are trained."""
        chosen = self._chosen_runs()
        paused = not all(item.is_paused for item in chosen)
        ids = [item.id for item in chosen]
        self._change(lambda queue: queue.pause_runs(ids, paused))

    @command("queue.stop", "Stop the queue", icon="mdi6.stop")
    def stop(self) -> None:
        """Stop the present run with a checkpoint; the queue goes on from there."""
        self.stop_work()  # first, or what is held went on until it hears of it
        self._change(lambda queue: queue.pause(True))

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

    def _chosen_runs(self) -> list[Queued]:
        """Return what is selected of that which is being trained."""
        chosen = self.list.chosen()
        return [item for item in self._watch.trained if item.id in chosen]

    def _present(self) -> Queued | None:
        """Return what is being trained, and selected if there are several."""
        trained = self._watch.trained if self._watch.is_mine else ()
        return next(iter((*self._chosen_runs(), *trained)), None)

    def _draft(self) -> tuple[str, RunConfig] | None:
        """Return what to call the present configuration, and it."""
        config = self.session.config
        if config is None:
            return None
        return telling_name(config, self.session.preset), config

    @property
    def _waits(self) -> bool:
        """Whether a single run waits for what trains now: it is trained from here."""
        return bool(self.session.run_state) or self._turn.is_next

    def _enqueue_sweep(self, dialog: SweepDialog) -> None:
        """Queue what was planned, but what the person does not want twice."""
        if dialog.search is not None:
            self._enqueue_search(dialog.search, waits=dialog.waits)
            return
        planned, waits = dialog.runs(), dialog.waits
        if runs := ask_about_twins(self.session, planned, self):
            self._enqueue(runs, waits=waits)

    def _enqueue_search(self, item: Queued, *, waits: bool) -> None:
        item = item.model_copy(update={"preset": self.session.preset})
        outlook = self._turn.outlook(waits=waits)
        if self._change(lambda queue: queue.append([item])):
            self._begin_with(item.name, outlook, waits=waits)

    def _enqueue(self, runs: list[tuple[str, RunConfig]], *, waits: bool) -> None:
        """Add to the queue, and have it begin: now, or when nothing else trains."""
        outlook = self._turn.outlook(waits=waits)
        if self._change(lambda queue: queue.add(runs, self.session.preset)):
            what = runs[0][0] if len(runs) == 1 else f"{len(runs):,} runs"
            self._begin_with(what, outlook, waits=waits)

    def _begin_with(self, what: str, outlook: str, *, waits: bool) -> None:
        """Have what was added trained, unless the queue is paused."""
        self.session.show_panel(self.title)
        if self._watch.state.paused:
            text = f"{what}: added to the queue, which is paused"
            self.session.notify(text, "info", "queue.start")
        elif self._turn.may_wait and waits:
            self._turn.wait()
            text = f"{what}: to be trained when what trains now has ended"
            self.session.notify(text, "good")
        else:
            self._turn.begin_alone()
            self.session.notify(f"{what}: added to the queue. {outlook}", "good")

    def _move(self, places: int) -> None:
        chosen = self.list.chosen()
        if len(chosen) == 1:
            self._change(lambda queue: queue.move(chosen[0], places))

    def _change(self, change: Callable[[RunQueue], object]) -> bool:
        """Change the queue for every window on it; return whether that went well."""
        try:
            change(self._queue)
        except (OSError, RunError) as error:
            self.session.fail("The queue cannot be changed.", sentence(error))
            return False
        finally:
            self._watch.look()
        return True

    def _on_run_opened(self, run: str) -> None:
        folder = RunFolder(self.session.runs / run)
        if folder.path.is_dir():
            self.session.set_run(folder)
            self.session.show_panel("Training")
        else:
            self.session.notify(f"{run} is no longer among the runs", "warning")

    # What happens.

    def _on_session_queued(self, what: str) -> None:
        outlook = self._turn.outlook(waits=False)
        self._watch.look()
        self._begin_with(what, outlook, waits=False)

    def _on_worker_ended(self, complaint: str) -> None:
        self._watch.look()
        if complaint:
            self.session.fail("The queue had a failure.", complaint)
            self.session.tell_end("Queue", "it had a failure", is_well=False)
        elif not self._watch.state.waiting:
            batch = self._watch.batch
            done = f"done: {queue_words.tally(batch)}"
            self.session.notify(f"The queue is {done}", "good")
            if len(batch) > 1:
                self.session.tell_end("Queue", done)
        elif self._watch.state.paused:
            self.session.notify(
                queue_words.rest(self._watch.left), "info", "queue.start"
            )
        elif not self._watch.left and self._watch.others:
            where = queue_words.places(self._watch.others)
            self.session.notify(f"Nothing waits: what is left is trained {where}")
        self._turn.go_on()

    def _on_watch_finished(self, item: Queued) -> None:
        is_done = item.state == "done"
        result = own_result(self.session.runs / item.run) if is_done else item.message
        how = "given up" if item.state == "pruned" else item.state
        text = ", ".join(filter(None, [how, result]))
        self.session.tell_end(item.name, text, is_well=item.state != "failed")

    def _show(self) -> None:
        state = self._watch.state
        if state.notice not in ("", self._told):
            self.session.notify(state.notice, "error")
        self._told = state.notice
        self.list.show_queue(state, self._watch.at_work)
        self._show_page()

    def _show_page(self, *_index: int) -> None:
        """Show what the person chose: the queue or its workers."""
        is_queue = self.tabs.currentIndex() == 0
        self.tools.setVisible(is_queue)
        self.workers.tools.setVisible(not is_queue)
        page = 1 if self._watch.state.items else 0
        self._pages.setCurrentIndex(page if is_queue else 2)
        self._show_workers()

    def _show_workers(self) -> None:
        number = len(self._watch.workers) + len(self.workers.open_jobs)
        self.tabs.setTabText(1, f"Workers {number:,}" if number else "Workers")
        if self.tabs.currentIndex() == 1:
            self.workers.refresh()

    def _update(self, *_news: object) -> None:
        state = self._watch.state
        has_config = self.session.config is not None
        selected = len(self.list.selectedItems())
        wrong = "The configuration is not complete"
        self.add.set_tip(
            f"Queue this configuration. {self._turn.outlook(waits=self._waits)}"
        )
        self.add.allow(has_config, wrong)
        self.sweep.allow(has_config, wrong)
        self._allow_start(state)
        self._allow_ends(state)
        for action in (self.up, self.down):
            action.allow(selected == 1, "Select one line first")
        self.remove.allow(selected > 0, "Select a line first")
        self.clear.allow(bool(state.finished), "Nothing is done yet")
        is_stopping, is_next = self._worker.is_stopping, self._turn.is_next
        self.sentence.show_text(
            queue_words.standing(self._watch, is_stopping=is_stopping, is_next=is_next)
        )
        self._show_workers()
        self._tell_news()

    def _allow_start(self, state: QueueState) -> None:
        """Let the queue be trained here, also while other machines do."""
        others, here = self._watch.others, self._watch.is_busy_here
        tip = "Train what is queued, one run after the other"
        if self._turn.may_wait:
            tip = "Train what is queued now, beside what is being trained"
        elif others and not here:
            where = queue_words.places(others)
            tip = f"Train the queue here too: it is trained {where}"
        self.start.set_tip(tip)
        mine = "It is being trained"
        by_others = "Another process of this machine trains it"
        why_not = "Nothing waits in the queue"
        if here:
            why_not = mine if self._watch.is_mine else by_others
        goes_on = state.paused and bool(state.waiting)
        self.start.allow(goes_on or (bool(self._watch.left) and not here), why_not)

    def _allow_ends(self, state: QueueState) -> None:
        """Let the queue be paused and stopped, and the present run skipped."""
        busy, mine = self._watch.is_busy, self._watch.is_mine
        may_pause = (busy or self._turn.is_next) and (not state.paused or state.is_held)
        several = len(self._watch.trained) > 1
        these = "these runs" if several else "this run"
        after = f" after {these}" if busy else ""
        self.pause.setText(f"Pause the queue{after}")
        self.pause.allow(may_pause, _IDLE)
        ends = mine and not self._worker.is_stopping
        why_not = "Another process trains it: stop it there, or as one of the workers"
        why_not = why_not if self._watch.is_elsewhere else _IDLE
        self.hold.allow(ends and not state.is_held, "It is paused" if ends else why_not)
        self.stop.allow(ends, why_not)
        present, chosen = self._present(), self._chosen_runs()
        is_next = len(state.waiting) > 1
        then = "stay paused" if state.paused else "train the next one"
        which = present.title if present and several else "the present run"
        then = "train the others on" if several else then
        self.skip.set_tip(f"Stop {which} only, with a checkpoint, and {then}")
        waits = bool(chosen) and all(item.is_paused for item in chosen)
        self.pause_runs.setText(f"{'Resume' if waits else 'Pause'} the selected runs")
        select = "Select a run that is trained side by side with others"
        self.pause_runs.allow(several and bool(chosen), select)
        nothing = "Nothing waits after it: stop the queue instead"
        can_skip = present is not None and not self._worker.is_stopping
        self.skip.allow(can_skip and is_next, nothing if can_skip else why_not)

    def _on_session_progress_changed(self) -> None:
        self._watch.take_in(self.session.progress)
        self._tell_news()

    def _tell_news(self) -> None:
        news = self._watch.news(is_next=self._turn.is_next)
        self.session.beside.set_queue(news)
