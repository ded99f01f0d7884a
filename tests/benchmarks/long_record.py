"""How the window takes a run with a very long record: its stalls, and its memory.

    python -m tests.benchmarks.long_record [--lines 2000000]

The run is opened in the real window while a timer of 16 ms watches; then every plot is
brought to the front once. Beside the time by the clock stands what the window's thread
computed between two firings of the timer: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QTabBar

from tests.made_stores import add_run, configuration
from workbench.core.runs.events import StepEvent, to_json
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.measuring import stage
from workbench.gui.measuring.jitter import Ticker
from workbench.gui.shell.opening import open_path
from workbench.gui.training.plot_board import PlotCell

_STEP, _LOSS = 987654321, 0.123456789
"""What stands in a line for the step's number and its loss."""


class Computing(QObject):
    """Watches the thread's processor time from one firing of a timer to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._used: list[float] = []
        self._timer = QTimer(self)
        self._timer.setInterval(16)
        self._timer.timeout.connect(lambda: self._used.append(time.thread_time()))

    def begin(self) -> None:
        """Watch from now on."""
        self._used = [time.thread_time()]
        self._timer.start()

    def end(self) -> np.ndarray:
        """Return the milliseconds that the window's thread computed each time."""
        self._timer.stop()
        return 1000 * np.diff(self._used)


def main() -> None:
    """Write the record, open the window, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as place:
        folder = recorded(Path(place) / "runs", lines)
        with stage.stage(configuration(), Path(place)) as window:
            training, before = stage.training_of(window), memory_mb()
            ticker, computing = Ticker(), Computing()
            ticker.begin()
            computing.begin()
            began = time.perf_counter()
            open_path(window.session, folder.path)
            stage.serve_until(lambda: stage.steps_of(training) == lines)
            seconds = time.perf_counter() - began
            stage.serve(2)
            print(
                f"opened {lines:,} lines in {seconds:.1f} s, {told(ticker, computing)}"
            )
            for title, bring_forward in plots_of(window):
                ticker.begin()
                computing.begin()
                bring_forward()
                stage.serve(1)
                print(f"{title}: {told(ticker, computing)}")
            print(f"memory {before:.0f} -> {memory_mb():.0f} MB")


def plots_of(window: MainWindow) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the plots' titles, and what brings each to the front."""
    for cell in window.findChildren(PlotCell):
        for tabs in cell.findChildren(QTabBar):
            for index in filter(tabs.isTabVisible, range(tabs.count())):
                yield tabs.tabText(index), partial(tabs.setCurrentIndex, index)


def recorded(runs: Path, lines: int) -> RunFolder:
    """Return a completed run with a line of metrics for each of its steps."""
    config = configuration(training__iterations=lines)
    folder = add_run(runs, config, state="completed", step=lines)
    line = to_json(StepEvent(_STEP, _LOSS, None, 0.5, 0.001))
    with (folder.path / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for step in range(1, lines + 1):
            loss = f"{1 + 1000 / (1000 + step) + step % 7 / 10:.6f}"
            said = line.replace(str(_STEP), str(step)).replace(str(_LOSS), loss)
            file.write(said + "\n")
    return folder


def told(ticker: Ticker, computing: Computing) -> str:
    """Return the worst that was seen, by the clock and by the processor."""
    clock, used = ticker.end(), computing.end()
    return f"worst {clock.max():.0f} ms by the clock, {used.max():.0f} ms of computing"


def memory_mb() -> float:
    """Return what the process has in memory."""
    return psutil.Process().memory_info().rss / 2**20


if __name__ == "__main__":
    main()
