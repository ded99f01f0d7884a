"""The right side of the studio: runs, bars, score, inner steps and their curve."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.phrases import counted
from workbench.core.config.run_config import ConfigError
from workbench.core.learning.views import MOST_VIEWS
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.session import NONE, Guess, Sketch
from workbench.gui.look import theme
from workbench.gui.look.flow_layout import FlowLayout
from workbench.gui.shell.run_picker import lasting_title_of
from workbench.gui.shell.session import Session
from workbench.gui.sketch.answering import SketchAnswers
from workbench.gui.sketch.bars import BarColumn, Bars, BarsArea
from workbench.gui.sketch.calibration_button import CalibrationButton
from workbench.gui.sketch.episode_curve import EpisodeCurve, RunCurve
from workbench.gui.sketch.scoreboard import Scoreboard
from workbench.gui.sketch.sketch_runs import SketchRuns
from workbench.gui.sketch.stepper import Stepper

_LOADING = 2.0
_VIEWS = (1, 3, 5, 9, MOST_VIEWS)


class AnswerView(QWidget):
    """Shows what the runs say at an inner step, and how they are to adapt.

    Signals:
        asked(): runs or settings changed: ask again.
        step_changed(): another inner step is shown.
        judged(str): which class the query was of.
    """

    asked = Signal()
    step_changed = Signal()
    judged = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers: SketchAnswers | None = None
        self.picker = SketchRuns(session)
        self._stepped: Path | None = None
        self.steps = QSpinBox()
        self.rate = QDoubleSpinBox()
        self.views = QComboBox()
        self.together = QComboBox()
        self.bars = Bars()
        self.stepper = Stepper()
        self.curve = EpisodeCurve()
        self.scoreboard = Scoreboard()
        self.timing = QLabel()
        self.caution = QLabel()
        self.calibration = CalibrationButton()
        self._prepare_settings()
        self._build()
        self._connect()

    def take_steps(self) -> None:
        """Make as many inner steps as the first run does where it is evaluated."""
        first = self.picker.folders[0]
        if first != self._stepped:
            self._stepped = first
            with contextlib.suppress(RunError, ConfigError), QSignalBlocker(self.steps):
                self.steps.setValue(RunFolder(first).config().evaluation.steps)

    def show_answers(self, answers: SketchAnswers) -> None:
        """Show what was said."""
        self.answers = answers
        steps = max((len(run.support_loss) - 1 for run in answers.runs), default=0)
        if steps > 0:
            self.stepper.set_steps(steps)
        self.curve.show_curves([_curve(run) for run in answers.runs])
        self.refresh()
        if not answers.live:
            self._show_timing(answers)
            self._show_caution(answers)
            self.calibration.show_answers(answers)

    def show_score(self, sketch: Sketch) -> None:
        """Show how often the runs that answer were right in this session."""
        titles = [lasting_title_of(folder) for folder in self.picker.folders]
        self.scoreboard.show_score(sketch, titles)

    def refresh(self) -> None:
        """Show the inner step that the slider is at."""
        answers = self.answers
        if answers is None:
            return
        columns = self.columns()
        names = answers.question.names
        self.curve.show_step(self.stepper.step)
        problems = {column.problem for column in columns}
        has_query = not answers.question.sketch.query.is_empty
        if len(names) < 2:
            self.bars.show_hint("Draw at least two classes, then a query")
        elif len(problems) == 1 and "" not in problems:
            self.bars.show_hint(next(iter(problems)))
        elif not has_query:
            self.bars.show_hint("Now draw one of the classes on the large paper")
        else:
            self.bars.show_hint("")
        can_be_none = any(run.calibration for run in answers.runs)
        self.bars.show_columns((*names, NONE) if can_be_none else names, columns)
        guess = self.winner()
        self.scoreboard.show_question(
            guess[0] if guess and not answers.live else None, names
        )
        self.step_changed.emit()

    def columns(self) -> tuple[BarColumn, ...]:
        """Return what each run says at the inner step shown."""
        runs = self.answers.runs if self.answers is not None else ()
        step = self.stepper.step
        return tuple(
            BarColumn(
                dict(
                    zip(
                        run.names,
                        run.probabilities[min(step, len(run.probabilities) - 1)],
                        strict=True,
                    )
                )
                if run.probabilities
                else {},
                run.problem,
                run.is_none,
            )
            for run in runs
        )

    def winner(self) -> tuple[str, float] | None:
        """Return what the first run that answers says, at the inner step shown."""
        runs = self.answers.runs if self.answers is not None else ()
        found = (run.verdict(self.stepper.step) for run in runs)
        return next((best for best in found if best is not None), None)

    def guesses(self) -> tuple[Guess, ...]:
        """Return what every run says at the inner step shown, to be kept."""
        runs = self.answers.runs if self.answers is not None else ()
        return tuple(
            Guess(
                run=lasting_title_of(run.choice.folder),
                name=best[0],
                probability=min(best[1], 1.0),
            )
            for run in runs
            if (best := run.verdict(self.stepper.step)) is not None
        )

    @property
    def is_transductive(self) -> bool:
        """Whether queries share a batch."""
        return self.together.currentIndex() == 1

    # Building.

    def _prepare_settings(self) -> None:
        self.steps.setRange(1, 50)
        self.steps.setValue(5)
        self.steps.setSuffix(" steps")
        self.steps.setObjectName("sketch.steps")
        self.steps.setAccessibleName("Inner steps")
        self.steps.setToolTip("Inner steps K: how long to learn from the drawings")
        self.rate.setRange(0.05, 20.0)
        self.rate.setValue(1.0)
        self.rate.setDecimals(2)
        self.rate.setSingleStep(0.25)
        self.rate.setSuffix(" × α")
        self.rate.setObjectName("sketch.rate")
        self.rate.setAccessibleName("Inner learning rate")
        self.rate.setToolTip("Times the inner learning rate that the run trained with")
        self.rate.setKeyboardTracking(False)
        self.steps.setKeyboardTracking(False)
        self.views.addItem("Run's views", None)
        for number in _VIEWS:
            self.views.addItem(counted(number, "view"), number)
        self.views.setObjectName("sketch.views")
        self.views.setAccessibleName("Views of a drawing")
        self.views.setToolTip(
            "Slightly moved, turned and scaled views of each drawing whose mean "
            "feature counts: fewer wrong answers, at as many times the cost.\n"
            "Run's views: as many as a run is evaluated with"
        )
        self.together.addItems(["One at a time", "Transductive"])
        self.together.setObjectName("sketch.together")
        self.together.setAccessibleName("How queries are classified")
        self.together.setToolTip(
            "Classify each query alone beside the support set, or together with those "
            "judged before, sharing batch statistics (where the norm is batch)"
        )
        for widget in (self.steps, self.rate):
            widget.setFont(theme.tabular(widget.font()))
            widget.setMinimumHeight(self.together.sizeHint().height())

    def _build(self) -> None:
        settings = FlowLayout(space=theme.SPACE // 2)
        for widget in (self.steps, self.rate, self.views, self.together):
            settings.addWidget(widget)
        self.timing.setObjectName("sketch.timing")
        self.timing.setProperty("role", "muted")
        self.timing.setFont(theme.tabular(self.timing.font()))
        self.caution.setObjectName("sketch.caution")
        self.caution.setProperty("role", "warning")
        self.caution.setWordWrap(True)
        self.caution.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.picker)
        column.addLayout(settings)
        column.addWidget(self.caution)
        column.addWidget(BarsArea(self.bars), 3)
        column.addWidget(self.scoreboard)
        column.addWidget(self.stepper)
        column.addWidget(self.curve, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.timing, 1)
        foot.addWidget(self.calibration)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.picker.chosen.connect(self._on_picker_chosen)
        self.steps.valueChanged.connect(self.asked)
        self.rate.valueChanged.connect(self.asked)
        self.views.currentIndexChanged.connect(self.asked)
        self.together.currentIndexChanged.connect(self.asked)
        self.stepper.step_changed.connect(self._on_stepper_step_changed)
        self.curve.step_chosen.connect(self.stepper.go_to)
        self.bars.chosen.connect(self.judged)
        self.scoreboard.judged.connect(self.judged)

    def _on_picker_chosen(self) -> None:
        self.take_steps()
        self.asked.emit()

    def _on_stepper_step_changed(self, _step: int) -> None:
        self.refresh()

    def _show_caution(self, answers: SketchAnswers) -> None:
        rate = answers.question.rate
        warned = [
            (run, text)
            for run in answers.runs
            if run.calibration and (text := run.calibration.caution(rate))
        ]
        self.caution.setText(
            "\n".join(
                text if len(answers.runs) == 1 else f"{run.choice.title}: {text}"
                for run, text in warned
            )
        )
        self.caution.setToolTip(
            "\n".join(
                f"{run.choice.title}: measured on validation tasks with "
                f"{run.calibration.rates_ways} ways"
                for run, _ in warned
                if run.calibration
            )
        )
        self.caution.setVisible(bool(warned))

    def _show_timing(self, answers: SketchAnswers) -> None:
        said = [run for run in answers.runs if run.probabilities]
        seconds = sum(run.seconds for run in said)
        steps = (f"{run.choice.title} as of meta-step {run.step:,}" for run in said)
        self.timing.setToolTip("\n".join(steps))
        # The first answer waits for torch itself, which says nothing of the others.
        taken = f" in {1000 * seconds:.0f} ms" if seconds < _LOADING else ""
        views = max((run.views for run in said), default=1)
        several = f", {views} views" if views > 1 else ""
        self.timing.setText(f"Answered{taken}{several}" if said else "")


def _curve(run: object) -> RunCurve:
    from workbench.core.sketch.answers import RunAnswer

    assert isinstance(run, RunAnswer)
    winner = run.best(len(run.probabilities) - 1)
    if winner is None or run.is_none:
        return RunCurve(run.support_loss, ())
    row = run.names.index(winner[0])
    return RunCurve(run.support_loss, tuple(each[row] for each in run.probabilities))
