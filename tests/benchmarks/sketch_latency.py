"""How long from lifting the pen to the answer, with training on and off.

    python -m tests.benchmarks.sketch_latency [--ways 5] [--strokes 100] [--runs 1]

Strokes are drawn on the query's paper with mouse events; the time is from the event
that lifts the pen to the end of the slot that has painted bars, curve and cards anew.
With training on, conv4 is trained on glyphs: by the window's own run thread, and then
by a process beside it, each on as many cores as there are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import Event, StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.session import Sketch
from workbench.gui.app.application import make_application
from workbench.gui.look import theme
from workbench.gui.shell.run_picker import bundled_model
from workbench.gui.shell.session import Session
from workbench.gui.sketch.sketch_panel import SketchPanel
from workbench.gui.training.run_thread import RunThread


def main() -> None:
    """Measure and print the median and the 99th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", type=int, default=5)
    parser.add_argument("--strokes", type=int, default=100)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--off", action="store_true", help="without training beside it")
    arguments = parser.parse_args()
    application = make_application()
    theme.start(application)
    with tempfile.TemporaryDirectory() as folder:
        panel = _studio(Path(folder), arguments.ways, arguments.runs)
        _report("training off", _latencies(panel, arguments.strokes), arguments)
        if not arguments.off:
            _measure_while_training(panel, Path(folder), arguments)
            _measure_beside_training(panel, Path(folder), arguments)
        panel.shut_down()


def _measure_while_training(
    panel: SketchPanel, folder: Path, arguments: argparse.Namespace
) -> None:
    preset = RunConfig.from_dict(find_preset("glyphs-quick").config)
    config = preset.replace({"training.iterations": 10**6})
    thread = RunThread(RunFolder.create(folder / "runs", config), folder / "data")
    loop = QEventLoop()

    def take(events: list[Event]) -> None:
        thread.outbox.taken()
        if any(isinstance(event, StepEvent) for event in events):
            loop.quit()

    thread.events_ready.connect(take)
    thread.ended.connect(loop.quit)
    thread.start()
    try:
        loop.exec()
        _report(
            "training in the window", _latencies(panel, arguments.strokes), arguments
        )
    finally:
        thread.stop()
        thread.wait()


def _measure_beside_training(
    panel: SketchPanel, folder: Path, arguments: argparse.Namespace
) -> None:
    loop = _loop(folder)
    try:
        _wait_until_it_trains(loop)
        _report("training beside it", _latencies(panel, arguments.strokes), arguments)
    finally:
        loop.terminate()
        loop.wait()


def _studio(folder: Path, ways: int, runs: int) -> SketchPanel:
    # Sketches are kept as they are drawn: not among the user's own.
    os.environ["XDG_DATA_HOME"] = str(folder)
    session = Session(folder / "data", folder / "runs")
    panel = SketchPanel(session)
    panel.open()
    panel.resize(1100, 700)
    panel.view.picker.choose([bundled_model()] * runs)
    panel.document.apply("measure", Sketch.blank(ways))
    panel.new_task("glyphs")
    panel.show()
    _wait_for_answer(panel)
    return panel


def _latencies(panel: SketchPanel, strokes: int) -> np.ndarray:
    random, taken = np.random.default_rng(0), []
    side = panel.desk.query.paper().toRect()
    for stroke in range(strokes + 3):
        if stroke % 4 == 0:
            panel.desk.clear()
            _wait_for_answer(panel)
        start, end = (
            side.topLeft() + QPoint(*random.integers(20, side.width() - 20, 2).tolist())
            for _ in range(2)
        )
        QTest.mousePress(panel.desk.query, Qt.MouseButton.LeftButton, pos=start)
        for share in np.linspace(0.1, 1, 10):
            QTest.mouseMove(panel.desk.query, start + (end - start) * float(share))
        begun = time.perf_counter(), time.process_time()
        QTest.mouseRelease(panel.desk.query, Qt.MouseButton.LeftButton, pos=end)
        _wait_for_answer(panel)
        ended = time.perf_counter(), time.process_time()
        taken.append([ended[0] - begun[0], ended[1] - begun[1]])
    return np.array(taken[3:])


def _wait_for_answer(panel: SketchPanel) -> None:
    """Serve events until the newest question has been answered and painted."""
    loop = QEventLoop()
    panel.answering.answered.connect(loop.quit)
    while True:
        shown, newest = panel.view.answers, panel.document.sketch
        final = shown is not None and not shown.live
        if shown is not None and final and shown.question.sketch == newest:
            break
        loop.exec()
    panel.answering.answered.disconnect(loop.quit)
    for widget in (panel.view.bars, panel.view.curve, *panel.cards.cards):
        widget.repaint()
    QApplication.sendPostedEvents()


def _loop(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "main.py", "train", "glyphs-quick", "--json"]
    command += ["--set", "training.iterations=1000000", "--runs", str(folder / "t")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {}
    )


def _wait_until_it_trains(loop: subprocess.Popen[str]) -> None:
    assert loop.stdout is not None
    for line in loop.stdout:
        if '"step"' in line and '"loss"' in line:
            return
    raise RuntimeError("the training process ended before its first meta-step")


def _report(what: str, taken: np.ndarray, arguments: argparse.Namespace) -> None:
    milliseconds, computing = 1000 * taken.T
    median, worst = np.quantile(milliseconds, [0.5, 0.99])
    print(
        f"{what}: {arguments.ways} ways, {arguments.runs} runs, {len(taken)} strokes: "
        f"median {median:.1f} ms, p99 {worst:.1f} ms, of which computing (all threads) "
        f"{np.median(computing):.1f} ms"
    )


if __name__ == "__main__":
    main()
