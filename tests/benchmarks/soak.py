"""The real window, used for hours as a person would, and what it comes to hold.

    python -m tests.benchmarks.soak --hours 8 [--folder DIR]

Runs are started, paused, resumed, stopped and continued, looked at, compared, judged,
queued and thrown away; characters are drawn; the theme changes now and then. Each
minute adds a line to DIR/soak.tsv, and a second call with the same folder goes on
adding. What failed is in DIR/failures.txt, and the exit code is 1 where anything did.
``--hours 0`` only prints the summary.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMessageBox,
    QTabBar,
)

from tests.benchmarks import soak_diary
from workbench.core.base.folders import data_folder
from workbench.core.config.holdings import missing_data
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import Outcome
from workbench.gui.app.command_palette import CommandPalette
from workbench.gui.app.main_window import MainWindow
from workbench.gui.measuring import stage
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.runs_panel import RunsPanel
from workbench.gui.sketch.sketch_panel import SketchPanel
from workbench.gui.training.plot_board import PlotCell
from workbench.gui.training.run_state import RunState

KEPT_RUNS = 12
"""The table holds no more: what is older is thrown away, as a tidy person does."""

_LIGHT = {
    "training.iterations": 400,
    "training.checkpoint_every": 100,
    "evaluation.every": 50,
    "evaluation.validation_tasks": 20,
    "evaluation.tasks": 40,
}
_HEAVY = _LIGHT | {
    "task.ways": 5,
    "training.iterations": 12,
    "training.checkpoint_every": 6,
    "evaluation.every": 6,
    "evaluation.validation_tasks": 4,
    "evaluation.tasks": 8,
}
_PICTURES = ("glyphs-quick", "omniglot-quick")
_LEARNERS = ("maml", "fomaml", "reptile", "meta-sgd", "anil")


class Person:
    """Uses a window. Each act waits for what it brings about, and may take a while."""

    def __init__(self, window: MainWindow, seed: int, complaints: Path) -> None:
        self.act, self.runs, self.failures = "", 0, 0
        self._complaints = complaints
        self._window, self._session = window, window.session
        self._random = random.Random(seed)
        self._seeds = itertools.count(seed)
        self._training = stage.training_of(window)
        self._training.ended.connect(self._on_training_ended)
        self._table = window.findChild(RunsPanel)
        self._queue = window.findChild(QueuePanel)
        self._sketch = window.findChild(SketchPanel)
        self._session.failed.connect(self.complain)

    def do(self, act: Callable[[], None]) -> None:
        """Do one act; what goes wrong is written down, and the next is done."""
        self.act = act.__name__
        try:
            act()
        except Exception:  # whatever it is, it is counted as a failure
            self.complain(self.act, traceback.format_exc())
            self.calm_down()

    def complain(self, what: str, details: str) -> None:
        """Write down what went wrong."""
        self.failures += 1
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        with self._complaints.open("a", encoding="utf-8") as file:
            file.write(f"{now}  {what}\n{details}\n")

    def acts(self) -> list[Callable[[], None]]:
        """Return what is done in a round, in no order of importance."""
        often = [self.train, self.train_and_stop, self.look, self.compare, self.draw]
        rarely = [
            *(self.queue_two, self.evaluate, self.change_theme, self.open_and_close),
            *(self.train_pictures, self.browse, self.resume),
        ]
        return [*often, *self._random.sample(rarely, 3), self.tidy]

    # Runs.

    def train(self) -> None:
        """Train a light run to its end, with a pause."""
        self._start(self._light())
        self._until_steps(20)
        self._do("run.pause")
        self._until(lambda: self._training.state is not RunState.PAUSING)
        self._turn_plots()
        if self._training.state is RunState.PAUSED:
            self._do("run.pause")
        self._until_idle()

    def train_and_stop(self) -> None:
        """Stop a light run before its end."""
        self._start(self._light())
        self._until_steps(self._random.randint(1, 150))
        self._do("run.stop")
        self._until_idle()

    def resume(self) -> None:
        """Go on with the run just stopped."""
        self.train_and_stop()
        if self._training.state is RunState.STOPPED:
            self._do("run.continue")
            self._until_idle()

    def train_pictures(self) -> None:
        """Train a few meta-steps on pictures, and watch the task."""
        name = self._random.choice(_PICTURES)
        config = RunConfig.from_dict(find_preset(name).config).replace(_HEAVY)
        if missing_data(config, data_folder()) is None:
            self._start(self._seeded(config))
            self._until_idle()
            self._turn_plots()

    def look(self) -> None:
        """Select other runs in the table."""
        for name in self._some_runs(3):
            self._table.table.select([name])
            self._until(lambda name=name: self._is_shown(name))
            stage.serve(0.3)

    def compare(self) -> None:
        """Put three runs beside each other, and take them away again."""
        chosen = self._some_runs(3)
        if len(chosen) < 2:
            return
        self._table.table.select(chosen)
        self._do("runs.compare")
        stage.serve(1.0)
        self._session.show_panel("Training")
        stage.serve(1.0)
        self._table.model.check_only([])
        stage.serve(0.2)

    def evaluate(self) -> None:
        """Evaluate a run that completed."""
        if self._select_one("completed"):
            self._do("runs.evaluate")
            dialog = self._window.findChild(EvaluateDialog)
            dialog.start.click()
            self._until(dialog.start.isEnabled)
            dialog.close()
            stage.serve(0.1)

    def queue_two(self) -> None:
        """Queue two runs, wait for the process that trains them, and clear."""
        for _ in range(2):
            self._session.load_config(self._light())
            self._do("queue.add")
            stage.serve(0.2)
        if self._queue.start.isEnabled():
            self._do("queue.start")
        self._until(lambda: not self._queue.busy_with())
        self.runs += 2
        self._do("queue.clear")

    def tidy(self) -> None:
        """Throw the oldest runs away, and bring one back now and then."""
        rows = sorted(self._idle_rows(), key=lambda row: row.created)
        old = [row.folder for row in rows[:-KEPT_RUNS]]
        if not old:
            return
        self._table.table.select(old)
        _answer("trash_question", "Move to trash")
        self._do("runs.trash")
        self._until(lambda: not self._table.commands.together.bar.doing)
        self._until(lambda: not set(old) & set(self._table.model.rows))
        if self._random.random() < 0.2:
            self._do("runs.put_back")

    # The rest of the window.

    def draw(self) -> None:
        """Draw a few characters and say what they were."""
        self._session.show_panel("Sketch")
        self._until_answered()
        for _ in range(3):
            self._sketch.desk.clear()
            self._until_answered()
            for _ in range(self._random.randint(1, 3)):
                self._draw_a_stroke()
                self._until_answered()
            self._sketch.view.scoreboard.right_button.click()
        self._sketch.new_task()
        self._until_answered()
        self._session.show_panel("Training")

    def browse(self) -> None:
        """Look at the data and at episodes."""
        for name in ("data.sets", "data.classes", "data.episodes"):
            self._do(name)
            stage.serve(1.0)
        for title in ("Sweeps", "Published", "Training", "Log", "Runs"):
            self._session.show_panel(title)
            stage.serve(0.3)

    def change_theme(self) -> None:
        """Go over to the dark theme and back."""
        for theme in ("dark", "light"):
            self._do(f"view.theme_{theme}")
            stage.serve(0.5)

    def open_and_close(self) -> None:
        """Open what stands beside the window, and close it."""
        self._table.table.select(self._some_runs(2))
        for name in ("runs.difference", "help.shortcuts", "help.about", "help.palette"):
            self._do(name)
            stage.serve(0.2)
            self.close_dialogs()

    def close_dialogs(self) -> None:
        """Close whatever is open."""
        for kind in (QDialog, CommandPalette):
            for dialog in self._window.findChildren(kind):
                if dialog.isVisible():
                    dialog.close()
        stage.serve(0.1)

    def calm_down(self) -> None:
        """After something went wrong: stop what goes on."""
        self.close_dialogs()
        if self._training.state.is_busy:
            self._training.stop()
            self._until_idle()
        self._session.show_panel("Training")

    # Parts of acts.

    def _light(self) -> RunConfig:
        config = RunConfig.from_dict(find_preset("sinusoid-quick").config)
        kind = self._random.choice(_LEARNERS)
        return self._seeded(config.replace({**_LIGHT, "algorithm.kind": kind}))

    def _seeded(self, config: RunConfig) -> RunConfig:
        return config.replace({"training.seed": next(self._seeds)})

    def _start(self, config: RunConfig) -> None:
        self._until(lambda: not self._session.beside.queue.is_trained)
        self._session.load_config(config)
        self._do("run.start")
        self._session.show_panel("Training")

    def _turn_plots(self) -> None:
        """Bring each plot to the front for a moment."""
        for cell in self._window.findChildren(PlotCell):
            bar = cell.findChild(QTabBar)
            for index in reversed(range(bar.count())):
                if bar.isTabVisible(index):
                    bar.setCurrentIndex(index)
                    stage.serve(0.1)

    def _idle_rows(self) -> list:
        return [row for row in self._table.model.rows.values() if not row.is_alive]

    def _some_runs(self, count: int) -> list[str]:
        names = sorted(row.folder for row in self._idle_rows() if row.is_run)
        return self._random.sample(names, min(count, len(names)))

    def _select_one(self, state: str) -> bool:
        names = [row.folder for row in self._idle_rows() if row.state == state]
        if names:
            name = self._random.choice(names)
            self._table.table.select([name])
            self._until(lambda: self._is_shown(name))
        return bool(names)

    def _is_shown(self, name: str) -> bool:
        run = self._session.run
        return run is not None and run.path.name == name

    def _draw_a_stroke(self) -> None:
        pad = self._sketch.desk.query
        paper = pad.paper().toRect().adjusted(20, 20, -20, -20)
        at = [
            paper.topLeft()
            + QPoint(
                self._random.randint(0, paper.width()),
                self._random.randint(0, paper.height()),
            )
            for _ in range(4)
        ]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=at[0])
        for place in at[1:]:
            QTest.mouseMove(pad, place)
            stage.serve(0.02)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=at[-1])

    def _until_answered(self) -> None:
        def is_answered() -> bool:
            shown, newest = self._sketch.view.answers, self._sketch.document.sketch
            return (
                shown is not None and not shown.live and shown.question.sketch == newest
            )

        self._until(is_answered)

    def _until_steps(self, steps: int) -> None:
        training = self._training
        self._until(
            lambda: stage.steps_of(training) >= steps or not training.state.is_busy
        )

    def _until_idle(self) -> None:
        self._until(lambda: not self._training.state.is_busy)

    def _until(self, condition: Callable[[], bool]) -> None:
        stage.serve_until(condition)

    def _do(self, action: str) -> None:
        self._session.actions.trigger(action)

    def _on_training_ended(self, _outcome: Outcome, _history: object) -> None:
        self.runs += 1


def _answer(name: str, text: str) -> None:
    """Press a button of the question that is about to be asked."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box.objectName() == name:
            next(each for each in box.buttons() if text in each.text()).click()

    QTimer.singleShot(50, press)


def soak(folder: Path, hours: float) -> None:
    """Use the window for so many hours."""
    table = folder / "soak.tsv"
    done = len(soak_diary.read(table)) if table.exists() else 0
    config = RunConfig.from_dict(find_preset("sinusoid-quick").config)
    with stage.stage(config.replace(_LIGHT), folder) as window:
        person = Person(window, 1000 * done, folder / "failures.txt")
        diary = soak_diary.Diary(table, window, person)
        diary.begin()
        while diary.minutes < 60 * hours:
            for act in person.acts():
                if diary.minutes < 60 * hours:
                    person.do(act)
        diary.write()
        diary.end()
        print("\n".join(["more than when it had settled:", *diary.gained()]))


def main() -> int:
    """Soak, then say what the table says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, help="kept, and gone on with (else new)")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.absolute()
    print(f"in {folder}", flush=True)
    os.environ["XDG_DATA_HOME"] = str(folder / "home")
    if arguments.hours > 0:
        soak(folder, arguments.hours)
    diary = soak_diary.read(folder / "soak.tsv")
    print("\n".join(soak_diary.summary(diary)))
    return int(any(entry.failures for entry in diary))


if __name__ == "__main__":
    sys.exit(main())
