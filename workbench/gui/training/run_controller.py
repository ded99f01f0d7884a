"""Starts, pauses, stops, continues and follows runs; the window's side of training."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.base.errors import Problem
from workbench.core.runs.events import AlertEvent, Event, Outcome
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.training.histories import Histories
from workbench.gui.training.run_state import RunState, state_of
from workbench.gui.training.run_thread import RunThread

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig
    from workbench.core.runs.errors import RunError
    from workbench.core.runs.store import RunFolder, RunInfo

_log = logging.getLogger("workbench.run")
_EARLY_MS = 1000


class Failure(NamedTuple):
    """Why a run failed, details, and what it was: its configuration and its name."""

    problem: Problem
    details: str
    config: RunConfig
    name: str


class RunController(QObject):
    """Owns the threads that train and follow, and the histories they fill.

    Signals:
        state_changed(RunState): ``state`` is another.
        shown_changed(tuple): the ``ShownRun``s that plots show are others.
        updated(): events arrived; the histories of the shown runs have grown.
        alerted(list): the run that trains here told these ``AlertEvent``s just now.
        info_changed(RunInfo): the first run's folder says something new.
        snapshot_ready(Trained): what ``ask_for_snapshot`` asked for.
        ended(Outcome, RunHistory): training of this run, which need not be the one
            shown, ended here; exactly once for every start.
        failed(Failure): it ended as FAILED.
    """

    state_changed = Signal(object)
    shown_changed = Signal(object)
    updated = Signal()
    alerted = Signal(list)
    info_changed = Signal(object)
    snapshot_ready = Signal(object)
    ended = Signal(object, object)
    failed = Signal(object)

    def __init__(self, data: Path, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.IDLE
        self.folder: RunFolder | None = None
        self.history: RunHistory | None = None
        self.info: RunInfo | None = None
        self._data = data
        self._runs = runs
        self._thread: RunThread | None = None
        self._taken = 0
        self._histories = Histories(self)
        self._histories.updated.connect(self.updated)
        self._histories.info_changed.connect(self._take_info)
        self._overlaid: tuple[Path, ...] = ()
        # Before its first events a run writes down how it stands.
        self._early = QTimer(self)
        self._early.setInterval(_EARLY_MS)
        self._early.timeout.connect(self._on_early_timeout)

    # Training.

    def start(self, config: RunConfig, preset: str = "") -> RunFolder:
        """Train a configuration in a new folder; RunError if that cannot be made."""
        from workbench.core.runs.new_run import new_run

        folder = new_run(self._runs, config, preset=preset)
        self._train(folder)
        return folder

    def continue_run(self, folder: RunFolder, iterations: int | None = None) -> None:
        """Train a run further from its latest checkpoint, perhaps to more steps."""
        from workbench.core.runs.new_run import train_further

        if iterations is not None:
            config = folder.config().replace({"training.iterations": iterations})
            train_further(folder, config)
        self._train(folder)

    def trained_name(self) -> str:
        """Return what the run that trains is called by now."""
        from workbench.core.runs.errors import RunError

        if self._thread is None:
            return ""
        folder = self._thread.folder
        try:
            return folder.info().name
        except RunError:
            return folder.path.name

    def pause(self) -> None:
        """Wait after the present meta-step."""
        if self._thread is not None and self.state in (
            RunState.STARTING,
            RunState.RUNNING,
        ):
            self._set_state(RunState.PAUSING)
            self._thread.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._thread is not None and self.state in (
            RunState.PAUSED,
            RunState.PAUSING,
        ):
            self._set_state(RunState.RUNNING)
            self._thread.resume()

    def stop(self) -> None:
        """End with a checkpoint after the present meta-step."""
        if self._thread is not None and self.state is not RunState.STOPPING:
            self._set_state(RunState.STOPPING)
            self._thread.stop()

    def ask_for_snapshot(self) -> bool:
        """Ask for the meta-parameters of the run that trains; False if none does."""
        if self._thread is None or not self.is_training_shown:
            return False
        self._thread.ask_for_snapshot()
        return True

    @property
    def at_hand(self) -> RunHistory | None:
        """The run that ``state`` is of: the one that trains, else the one shown."""
        if self._thread is None:
            return self.history
        return self._histories[self._thread.folder.path]

    @property
    def trained(self) -> RunFolder | None:
        """The run that trains here; None if none does."""
        return None if self._thread is None else self._thread.folder

    @property
    def is_training_shown(self) -> bool:
        """Whether the run shown first is the one that trains here."""
        thread = self._thread
        return thread is not None and thread.folder.path == _path(self.folder)

    # Showing.

    def show(self, folder: RunFolder | None) -> None:
        """Show a run first, whoever writes it; None for none."""
        if _path(folder) == _path(self.folder):
            return
        self.folder = folder
        self.info = None
        self.history = None
        self._let_go()
        if folder is not None:
            self._histories.follow(folder)
        self._settle()
        if folder is not None:
            self._read_info(folder)

    def overlay(self, folders: list[RunFolder]) -> list[RunError]:
        """Show these runs as well, beside the first; return why some cannot be."""
        from workbench.core.runs.errors import RunError

        shown: list[Path] = []
        problems: list[RunError] = []
        self._overlaid = tuple(folder.path for folder in folders)
        self._let_go()
        for folder in folders:
            try:
                self._histories.follow(folder)
                shown.append(folder.path)
            except RunError as error:
                problems.append(error)
        self._overlaid = tuple(shown)
        self._settle()
        return problems

    def rename(self, path: Path, name: str) -> None:
        """Call a run by another name, if it is shown or trained here."""
        if self._histories.rename(path, name):
            self.shown_changed.emit(self.shown())

    def shown(self) -> tuple[ShownRun, ...]:
        """Return the runs that plots show; the first is the one that matters."""
        return self._histories.shown((_path(self.folder), *self._overlaid))

    def shut_down(self) -> None:
        """Stop and wait: training writes its checkpoint before this returns."""
        if self._thread is not None:
            self.stop()
            self._thread.leave()
            self._thread.wait()
            if self._thread.result is not None:
                self._on_thread_ended(*self._thread.result)
        self._histories.shut_down()

    # What happens in the threads.

    def _on_thread_events_ready(self, events: list[Event]) -> None:
        thread = self._thread
        if thread is None:
            return
        thread.outbox.taken()
        self._histories[thread.folder.path].add(events)
        news = events[max(0, thread.past - self._taken) :]
        self._taken += len(events)
        alerts = [event for event in news if isinstance(event, AlertEvent)]
        for alert in alerts:
            _log.warning("step %s: %s", f"{alert.step:,}", alert.message)
        if alerts:
            self.alerted.emit(alerts)
        self.updated.emit()

    def _on_thread_began(self) -> None:
        if self._thread is not None:
            self._read_info(self._thread.folder)
            if self.state is RunState.STARTING:
                self._set_state(RunState.RUNNING)

    def _on_early_timeout(self) -> None:
        thread = self._thread
        if thread is None or self._histories[thread.folder.path].step:
            self._early.stop()
        else:
            self._read_info(thread.folder)

    def _on_thread_paused(self) -> None:
        if self.state is RunState.PAUSING:
            self._set_state(RunState.PAUSED)
            _log.info("paused")

    def _on_thread_ended(
        self, outcome: Outcome, problem: Problem, details: str
    ) -> None:
        if self._thread is None:
            return
        folder = self._thread.folder
        self._finish_thread()
        _log.log(
            logging.ERROR if outcome is Outcome.FAILED else logging.INFO,
            "%s %s%s",
            folder.path.name,
            outcome.value,
            f": {problem.text}" if problem.text else "",
        )
        history = self._histories[folder.path]
        history.is_over = True
        self._read_info(folder)
        if folder.path == _path(self.folder):
            self._set_state(RunState(outcome.value))
        else:
            self._set_state(RunState.IDLE if self.info is None else state_of(self.info))
        self.updated.emit()
        self.ended.emit(outcome, history)
        if outcome is Outcome.FAILED:
            self.failed.emit(Failure(problem, details, history.config, history.title))

    # Housekeeping.

    def _train(self, folder: RunFolder) -> None:
        if self._thread is not None:
            raise RuntimeError("a run is being trained already")
        self._histories.begin(folder)  # RunError where the folder is damaged by now
        thread = RunThread(folder, self._data, parent=self)
        self._thread, self._taken = thread, 0
        thread.began.connect(self._on_thread_began)
        thread.events_ready.connect(self._on_thread_events_ready)
        thread.paused.connect(self._on_thread_paused)
        thread.snapshot_ready.connect(self.snapshot_ready)
        thread.ended.connect(self._on_thread_ended)
        self.folder, self.history = folder, self._histories[folder.path]
        self._set_state(RunState.STARTING)
        self._settle()
        _log.info("%s starts", folder.path.name)
        thread.start()
        self._early.start()

    def _finish_thread(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()

    def _read_info(self, folder: RunFolder) -> None:
        from workbench.core.runs.errors import RunError

        with contextlib.suppress(RunError):
            self._take_info(folder.path, folder.info())

    def _take_info(self, path: Path, info: RunInfo) -> None:
        """Take in how a run stands; the state is that of the run shown."""
        self.rename(path, info.name)
        if path != _path(self.folder):
            return
        self.info = info
        if not self.state.is_busy:
            self._set_state(state_of(info))
        self.info_changed.emit(info)

    def _settle(self) -> None:
        """Let go of what is no longer shown, and tell what is."""
        self._let_go()
        if self.folder is not None:
            self.history = self._histories[self.folder.path]
        elif not self.state.is_busy:
            self._set_state(RunState.IDLE)
        self.shown_changed.emit(self.shown())

    def _let_go(self) -> None:
        """Let go of what is no longer shown: its colour is free for a newcomer."""
        wanted = {*self._overlaid, _path(self.folder), _path(self.trained)}
        self._histories.keep_only(wanted)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)


def _path(folder: RunFolder | None) -> Path | None:
    return None if folder is None else folder.path
