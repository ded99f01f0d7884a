"""What is trained beside the run of this window: by other processes, by the queue."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.core.base import figures
from workbench.core.base.phrases import counted


class Elsewhere(NamedTuple):
    """A run that another process trains; ``host`` is empty if on this machine."""

    folder: Path
    name: str
    host: str = ""

    @property
    def by_whom(self) -> str:
        """Who trains it, as far as can be told."""
        return f"on {self.host}" if self.host else "by another process"


class QueueNews(NamedTuple):
    """How the queue stands, in figures.

    ``waiting`` counts what is to be trained, and with it what is being trained, which
    is ``number`` of ``total``; runs that a search is still to have count as well.
    ``is_next`` says that it begins when what is trained now has ended. ``to_begin`` are
    the sweeps of those not begun, one for each.
    ``runs`` are all that are trained at once, of which ``run`` is the first: side by
    side, or by several ``workers``.
    ``is_mine`` says that this window has it trained, ``is_held`` that the run being
    trained waits as well while the queue is paused.
    """

    waiting: int = 0
    to_begin: tuple[str, ...] = ()
    is_trained: bool = False
    is_mine: bool = False
    is_paused: bool = False
    is_held: bool = False
    is_stopping: bool = False
    is_next: bool = False
    number: int = 0
    total: int = 0
    run: Path | None = None
    runs: tuple[Path, ...] = ()
    workers: int = 0
    name: str = ""
    step: int = 0
    iterations: int = 0
    seconds_left: float | None = None

    def not_begun(self, sweep: str) -> int:
        """Return how many runs of a sweep wait to be begun."""
        return self.to_begin.count(sweep)

    def text(self) -> str:
        """Return which of how many is trained, how far it is, and the time left."""
        if not (self.is_trained and self.total):
            return self._of_those_that_wait()
        what = self.name or "starting" * (not self.is_stopping)
        if len(self.runs) > 1:
            at_once = f"at once by {self.workers:,} workers"
            how = at_once if self.workers > 1 else "side by side"
            what = f"{len(self.runs):,} {how}"
        parts = [self._place(), what]
        if self.iterations:
            step, of = figures.step(self.step), figures.step(self.iterations)
            parts.append(f"{step} of {of}")
        return self._joined([*parts, self._left()])

    def short(self) -> str:
        """Return the same in a few words, without the name."""
        if not (self.is_trained and self.total):
            return f"{self.waiting:,} waiting" if self.waiting else ""
        done = figures.percent_done(self.step, self.iterations)
        share = f"{done} %" if self.iterations else ""
        return self._joined([self._place(), share, self._left()])

    def _of_those_that_wait(self) -> str:
        if not self.waiting:
            return ""
        runs = counted(self.waiting, "run waits", "runs wait")
        if self.is_next:
            return f"{runs} for what is being trained to end"
        return f"{runs}, paused" if self.is_paused else runs

    def _place(self) -> str:
        last = self.number + max(len(self.runs), 1) - 1
        several = f"–{last:,}" if last > self.number else ""
        return f"{self.number:,}{several} of {self.total:,}"

    def _left(self) -> str:
        left = self.seconds_left
        return "" if left is None else f"{figures.duration(left)} left"

    def _joined(self, parts: list[str]) -> str:
        return " · ".join(filter(None, [*parts, self._manner()]))

    def _manner(self) -> str:
        if self.is_stopping:
            return "stopping"
        if self.is_held:
            return "paused"
        return "then paused" if self.is_paused else ""


class Beside(QObject):
    """What panels tell each other of training that is not this window's own run.

    Signals:
        elsewhere_changed(): other processes train other runs than before.
        queue_changed(): the queue stands otherwise.
    """

    elsewhere_changed = Signal()
    queue_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.elsewhere: tuple[Elsewhere, ...] = ()
        self.queue = QueueNews()

    def set_elsewhere(self, runs: tuple[Elsewhere, ...]) -> None:
        """Say which runs other processes train, the newest first."""
        if runs != self.elsewhere:
            self.elsewhere = runs
            self.elsewhere_changed.emit()

    def set_queue(self, news: QueueNews) -> None:
        """Say how the queue stands."""
        if news != self.queue:
            self.queue = news
            self.queue_changed.emit()

    def foremost(self) -> Elsewhere | None:
        """Return the run to look at of those elsewhere: the queue's, or the newest."""
        queued = (run for run in self.elsewhere if run.folder == self.queue.run)
        return next(queued, next(iter(self.elsewhere), None))
