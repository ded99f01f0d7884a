"""What a soak writes down each minute, and what its table says in the end."""

from __future__ import annotations

import csv
import gc
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, qInstallMessageHandler

from workbench.gui.app.main_window import MainWindow
from workbench.gui.measuring.memory import held_mb

SETTLING_MINUTES = 10.0
_MINUTE_MS = 60_000
_TICK_MS = 16
_TEXTS = ("start", "worst_act")
_ERRORS = 3.0
"""A slope counts from so many of its standard errors on."""


class Sample(NamedTuple):
    """One line of the table; ``start`` is when the process that wrote it began.

    ``worst_busy_ms`` is what the window's thread computed at most between two firings
    of the timer, in ``worst_act``: what other work on the machine takes does not count.
    """

    start: str
    minute: float
    rss_mb: float
    objects: int
    handles: int
    threads: int
    qobjects: int
    worst_ms: float
    p99_ms: float
    worst_busy_ms: float
    runs: int
    failures: int
    worst_act: str


TOLERATED = {
    "rss_mb": 12.0,
    "objects": 6000.0,
    "handles": 1.0,
    "threads": 1.0,
    "qobjects": 40.0,
    "worst_ms": 150.0,
    "p99_ms": 15.0,
    "worst_busy_ms": 100.0,
}
"""What a measure may gain in an hour before it is said to grow."""


class Slope(NamedTuple):
    """What a measure gains in an hour, by least squares, and its standard error."""

    measure: str
    first: float
    last: float
    per_hour: float
    error: float

    @property
    def grows(self) -> bool:
        """Whether it gains more than is tolerated, and not by chance."""
        most = max(TOLERATED[self.measure], _ERRORS * self.error)
        return self.per_hour > most

    def __str__(self) -> str:
        """Return it as a line."""
        return (
            f"{self.measure:<12} {self.first:>12,.1f} -> {self.last:>12,.1f}   "
            f"{self.per_hour:>+12,.2f} ± {self.error:,.2f} an hour"
            f"{'   GROWS' if self.grows else ''}"
        )


class Person(Protocol):
    """Who uses the window: what is being done, and what came of it so far."""

    act: str
    runs: int
    failures: int


class Beat(QObject):
    """A timer of 16 ms in the window's thread, and what passes between its firings."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self._person = person
        self._moments: list[tuple[float, float]] = []
        self._acts: list[str] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def begin(self) -> None:
        """Watch from now on."""
        self._moments, self._acts = [], []
        self._on_timer_timeout()
        self._timer.start()

    def end(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Return the milliseconds passed each time, those computed, and the acts."""
        self._timer.stop()
        self._on_timer_timeout()
        passed, busy = 1000 * np.diff(np.array(self._moments), axis=0).T
        return passed, busy, self._acts[1:]

    def _on_timer_timeout(self) -> None:
        self._moments.append((time.perf_counter(), time.thread_time()))
        self._acts.append(self._person.act)


class Diary(QObject):
    """Adds a line to the table each minute, while the window lives."""

    def __init__(self, file: Path, window: MainWindow, person: Person) -> None:
        super().__init__()
        self._file, self._window, self._person = file, window, person
        self._begun = time.monotonic()
        self._start = time.strftime("%Y-%m-%dT%H:%M:%S")
        self._kinds: Counter[str] | None = None
        self._beat = Beat(person)
        self._timer = QTimer(self)
        self._timer.setInterval(_MINUTE_MS)
        self._timer.timeout.connect(self.write)

    def begin(self) -> None:
        """Write from now on."""
        if not self._file.exists():
            self._add(Sample._fields)
        self._beat.begin()
        self._timer.start()

    def end(self) -> None:
        """Write no more."""
        self._timer.stop()
        self._beat.end()

    @property
    def minutes(self) -> float:
        """How long it has been written."""
        return (time.monotonic() - self._begun) / 60

    def write(self) -> None:
        """Add what there is now; between two lines the beat rests."""
        passed, busy, acts = self._beat.end()
        if self._kinds is None and self.minutes >= SETTLING_MINUTES:
            self._kinds = kinds(self._window)
        self._add(
            Sample(
                self._start,
                round(self.minutes, 3),
                round(held_mb(), 2),
                sys.getallocatedblocks(),
                len(os.listdir("/proc/self/fd")) - 1,
                len(os.listdir("/proc/self/task")),
                len(class_names(self._window)),
                round(float(passed.max()), 1),
                round(float(np.quantile(passed, 0.99)), 1),
                round(float(busy.max()), 1),
                self._person.runs,
                self._person.failures,
                acts[int(busy.argmax())],
            )
        )
        self._beat.begin()

    def gained(self, most: int = 25) -> Iterator[str]:
        """Yield what there is more of than when the window had settled."""
        if self._kinds is not None:
            more = kinds(self._window)
            more.subtract(self._kinds)
            for kind, count in more.most_common(most):
                if count > 0:
                    yield f"{count:>+8,}  {kind}"

    def _add(self, row: tuple[object, ...]) -> None:
        with self._file.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter="\t").writerow(row)


def kinds(window: MainWindow) -> Counter[str]:
    """Count Python's objects and Qt's by their kinds, once garbage is gone."""
    gc.collect()
    found = Counter(
        f"{type(o).__module__}.{type(o).__name__}" for o in gc.get_objects()
    )
    found.update(f"Qt {name}" for name in class_names(window))
    return found


def class_names(window: MainWindow) -> list[str]:
    """Return the class of every object below a window.

    Qt writes them down itself: asked for its objects, PySide would make a wrapper for
    each, also for those that Qt takes away again without telling.
    """
    lines: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _where, text: lines.append(text))
    window.dumpObjectTree()
    qInstallMessageHandler(before)
    return [line.strip().partition("::")[0] for line in lines]


def read(file: Path) -> list[Sample]:
    """Return the lines of a table."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [
            Sample(**{n: t if n in _TEXTS else float(t) for n, t in row.items()})
            for row in rows
        ]


def slopes(samples: list[Sample]) -> list[Slope]:
    """Return each measure's slope over the settled minutes of every start.

    Starts may be on other levels: what they have in common is the slope.
    """
    settled = [each for each in samples if each.minute > SETTLING_MINUTES]
    starts: dict[str, list[Sample]] = defaultdict(list)
    for each in settled:
        starts[each.start].append(each)
    if len(settled) < len(starts) + 3:
        return []
    return [_slope(name, list(starts.values())) for name in TOLERATED]


def _slope(measure: str, starts: list[list[Sample]]) -> Slope:
    hours, values = [], []
    for samples in starts:
        x = np.array([each.minute / 60 for each in samples])
        y = np.array([float(getattr(each, measure)) for each in samples])
        hours.append(x - x.mean())
        values.append(y - y.mean())
    x, y = np.concatenate(hours), np.concatenate(values)
    spread = float(x @ x)
    slope = float(x @ y) / spread
    left = y - slope * x
    error = float(np.sqrt(left @ left / (len(x) - len(starts) - 1) / spread))
    first, last = starts[0][0], starts[-1][-1]
    return Slope(measure, getattr(first, measure), getattr(last, measure), slope, error)


def summary(samples: list[Sample]) -> Iterator[str]:
    """Yield what a table says: how long, how many runs, and what grows."""
    starts = list(dict.fromkeys(each.start for each in samples))
    last = {each.start: each for each in samples}
    hours = sum(each.minute for each in last.values()) / 60
    runs, failures = (
        int(sum(getattr(each, name) for each in last.values()))
        for name in ("runs", "failures")
    )
    yield (
        f"a soak of {hours:.2f} h in {len(starts)} starts: {runs:,} runs trained, "
        f"{failures:,} acts that failed"
    )
    found = slopes(samples)
    if not found:
        yield f"too short to judge: {SETTLING_MINUTES:g} minutes are left out"
        return
    yield from map(str, found)
    grows = [each.measure for each in found if each.grows]
    yield f"grows: {', '.join(grows)}" if grows else "nothing grows"
