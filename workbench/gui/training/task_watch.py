"""Looks at one validation task in the background, again and again, as it is learned."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.task_look import Look, TaskLooker, can_be_looked_at
from workbench.gui.shell.background import Background
from workbench.gui.training.run_controller import RunController

if TYPE_CHECKING:
    from workbench.core.runs.store import RunFolder
    from workbench.core.training.trained import Trained

_PAUSE_SECONDS = 1.0
_SHARE = 0.02
"""Of the time, at most this much is spent on looking."""

_Look: TypeAlias = tuple[float, Look | str]
"""The seconds that a look took, and it, or why there is none."""


class TaskWatch(QObject):
    """Keeps the look at the shown run's task fresh while someone watches.

    The meta-parameters come from the run thread if the run trains here, else from its
    latest checkpoint. Of looks that wait only the newest is made.

    Signals:
        looked(Look): the task with newer meta-parameters, or another.
        failed(str): the task cannot be drawn; one sentence.
    """

    looked = Signal(object)
    failed = Signal(str)

    def __init__(
        self, controller: RunController, data: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.number = 0
        self._controller = controller
        self._background = Background(self)
        self._looker = TaskLooker(data, self._background.is_over)
        self._background.done.connect(self._on_background_done)
        self._seen: tuple[str, int, int] | None = None
        self._waiting = False
        self._turn = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.refresh)
        self._is_watched = False
        controller.snapshot_ready.connect(self._on_snapshot_ready)
        controller.ended.connect(self._start_anew)
        controller.shown_changed.connect(self._start_anew)

    def set_watched(self, watched: bool) -> None:
        """Say whether anyone sees the result."""
        self._is_watched = watched
        if watched:
            self.refresh()

    def show_task(self, number: int) -> None:
        """Look at another task from now on."""
        self.number = number
        self._start_anew()

    def refresh(self) -> None:
        """Look again if there is something new to see, and it is not too soon."""
        history, folder = self._controller.history, self._controller.folder
        if (
            not self._is_watched
            or self._waiting
            or self._rest.isActive()
            or history is None
            or folder is None
            or not can_be_looked_at(history.config)
        ):
            return
        now = self._version(history)
        if now == self._seen:
            return
        self._waiting = True
        self._seen = now
        if not self._controller.ask_for_snapshot():
            self._look(_FromCheckpoint(self._looker, folder, self.number))

    def shut_down(self) -> None:
        """Let the look being made end, and wait for it."""
        self._is_watched = False
        self._rest.stop()
        self._background.shut_down()

    def _start_anew(self, *_: object) -> None:
        """Look at once: what was waited for may never come, and there is news."""
        self._turn += 1
        self._waiting = False
        self._seen = None
        self._rest.stop()
        self.refresh()

    def _version(self, history: RunHistory) -> tuple[str, int, int]:
        """Return what changes when a new look would show something new."""
        if self._controller.is_training_shown:
            return history.run_id, history.step, self.number
        return history.run_id, history.checkpoints, self.number

    def _look(self, job: Callable[[], _Look]) -> None:
        """Have it done; of what is watched no more, nothing is told."""
        turn = self._turn
        self._background.submit("look", lambda: (turn, job()))

    def _on_snapshot_ready(self, trained: Trained) -> None:
        history = self._controller.history
        if history is None or history.config != trained.config:
            self._waiting = False  # it is of the run shown before
            return
        self._look(_FromSnapshot(self._looker, trained, self.number))

    def _on_background_done(self, _key: str, result: tuple[int, _Look]) -> None:
        turn, (seconds, answer) = result
        if turn != self._turn:
            return
        self._waiting = False
        self._rest.start(int(1000 * max(_PAUSE_SECONDS, seconds / _SHARE)))
        if isinstance(answer, str):
            if answer:
                self.failed.emit(answer)
        elif answer.number == self.number:
            self.looked.emit(answer)


class _FromSnapshot:
    """A job: look at a task with these meta-parameters."""

    def __init__(self, looker: TaskLooker, trained: Trained, number: int) -> None:
        self._looker, self._trained, self._number = looker, trained, number

    def __call__(self) -> _Look:
        return _timed(self._looker, self._trained, self._number)


class _FromCheckpoint:
    """A job: look at a task with a run's latest checkpoint, if it has one."""

    def __init__(self, looker: TaskLooker, folder: RunFolder, number: int) -> None:
        self._looker, self._folder, self._number = looker, folder, number

    def __call__(self) -> _Look:
        from workbench.core.runs.errors import RunError
        from workbench.core.training.trained import Trained

        try:
            trained = Trained.load(self._folder, "latest")
        except (RunError, OSError, ValueError):
            # None yet, or being replaced: the next checkpoint asks again.
            return 0.0, ""
        return _timed(self._looker, trained, self._number)


def _timed(looker: TaskLooker, trained: Trained, number: int) -> _Look:
    from workbench.core.base.cancelling import Cancelled
    from workbench.core.base.errors import WorkbenchError

    start = time.monotonic()
    try:
        answer: Look | str = looker.look(trained, number)
    except Cancelled:
        answer = ""
    except (WorkbenchError, OSError, RuntimeError, ValueError) as error:
        answer = f"This task cannot be drawn: {error}"
    return time.monotonic() - start, answer
