"""The box beside an episode: which run to ask, the inner step, and what it says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.answers import Answers
from workbench.gui import theme
from workbench.gui.data.charts import AdaptationChart, ConfusionMatrix
from workbench.gui.data.episode_desk import Learner
from workbench.gui.data.run_list import AskableRun

_PLAY_MS = 500
_MOST_STEPS = 100


class LearnerBox(QWidget):
    """Chooses the run and the inner step, and shows curve and confusions.

    Signals:
        learner_changed(Learner | None): another run, or another number of steps.
        step_changed(int): another inner step is to be shown.
    """

    learner_changed = Signal(object)
    step_changed = Signal(int)

    def __init__(self, hardest: QWidget) -> None:
        super().__init__()
        self.setObjectName("learner_box")
        self._hardest = hardest
        self.runs: tuple[AskableRun, ...] = ()
        self.combo = self._make_combo()
        self.steps = self._make_steps()
        self.slider = self._make_slider()
        self.play = self._make_play()
        self._step_label = QLabel("step 0")
        self._step_label.setFont(theme.tabular(self._step_label.font()))
        self._step_label.setMinimumWidth(80)
        self.chart = AdaptationChart()
        self.confusion = ConfusionMatrix()
        self._headings = [_heading(""), _heading("Confusions")]
        self.hint = _hint()
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._answers: Answers | None = None
        self._lay_out()
        self._paint_colours()
        self.show_answers(None, ())
        theme.changes().changed.connect(self._paint_colours)

    @property
    def learner(self) -> Learner | None:
        """The run chosen, and how many steps it makes."""
        path = self.combo.currentData()
        return None if path is None else Learner(Path(path), self.steps.value())

    @property
    def step(self) -> int:
        """The inner step that is shown."""
        return self.slider.value()

    def show_runs(self, runs: tuple[AskableRun, ...]) -> None:
        """Offer these runs; the one chosen stays chosen if it is there."""
        if runs == self.runs:
            return
        self.runs = runs
        before = self.combo.currentData()
        self.combo.blockSignals(True)
        self.combo.clear()
        self.combo.addItem("No run: pictures only", None)
        for run in runs:
            self.combo.addItem(run.title, str(run.path))
            self.combo.setItemData(
                self.combo.count() - 1, str(run.path), Qt.ItemDataRole.ToolTipRole
            )
        self.combo.setCurrentIndex(max(0, self.combo.findData(before)))
        self.combo.blockSignals(False)
        self.combo.setEnabled(bool(runs))
        self._show_hint()
        if before is not None and self.combo.currentData() is None:
            self.learner_changed.emit(None)

    def choose(self, path: Path) -> None:
        """Choose a run, if it is offered."""
        index = self.combo.findData(str(path))
        if index >= 0 and index != self.combo.currentIndex():
            self.combo.setCurrentIndex(index)

    def show_answers(self, answers: Answers | None, names: tuple[str, ...]) -> None:
        """Show curve and confusions of these answers, or none."""
        self._answers, self._names = answers, names
        is_there = answers is not None
        classifies = answers is not None and answers.classifies
        for widget in (self.slider, self.play):
            widget.setEnabled(is_there)
        self.chart.setVisible(is_there)
        self._headings[0].setVisible(is_there)
        self.confusion.setVisible(classifies)
        self._headings[1].setVisible(classifies)
        self.hint.setVisible(not is_there)
        if answers is None:
            self._timer.stop()
            return
        at_end = self.slider.value() == self.slider.maximum()
        self.slider.setMaximum(answers.steps)
        if at_end:
            self.slider.setValue(answers.steps)
        self._show_step()

    def show_problem(self, text: str) -> None:
        """Say why there are no answers."""
        self.show_answers(None, ())
        self.hint.setText(text)

    def _show_step(self) -> None:
        step, answers = self.slider.value(), self._answers
        self._step_label.setText(f"step {step} of {self.slider.maximum()}")
        self.chart.show_answers(answers, step)
        if answers is not None and answers.classifies:
            counts = answers.confusion(min(step, answers.steps))
            self.confusion.show_counts(counts, self._names)

    def _make_combo(self) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName("learner.run")
        combo.setAccessibleName("Trained run")
        combo.setToolTip("The run whose parameters solve the episode")
        combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        combo.addItem("No run: pictures only", None)
        combo.setEnabled(False)
        combo.currentIndexChanged.connect(self._on_combo_changed)
        return combo

    def _make_steps(self) -> QSpinBox:
        steps = QSpinBox()
        steps.setObjectName("learner.steps")
        steps.setAccessibleName("Inner steps")
        steps.setToolTip("How many inner steps K the run makes on the support set")
        steps.setPrefix("K = ")
        steps.setRange(1, _MOST_STEPS)
        steps.setValue(10)
        steps.setKeyboardTracking(False)
        steps.valueChanged.connect(self._on_steps_changed)
        return steps

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("learner.step")
        slider.setAccessibleName("Inner step shown")
        slider.setToolTip("Inner step shown: 0 is before learning from the support")
        slider.setPageStep(1)
        slider.setMaximum(0)
        slider.valueChanged.connect(self._on_slider_changed)
        return slider

    def _make_play(self) -> QToolButton:
        play = QToolButton()
        play.setObjectName("learner.play")
        play.setAutoRaise(True)
        play.setAccessibleName("Play the inner steps")
        play.setToolTip("Play the inner steps from 0 to K")
        play.clicked.connect(self._on_play_clicked)
        return play

    def _lay_out(self) -> None:
        top, line = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.combo, 1)
        top.addWidget(self.steps)
        line.addWidget(self.play)
        line.addWidget(self.slider, 1)
        line.addWidget(self._step_label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(top)
        column.addLayout(line)
        column.addWidget(self._make_tabs(), 1)

    def _make_tabs(self) -> QTabWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(self.hint)
        column.addWidget(self._headings[0])
        column.addWidget(self.chart, 2)
        column.addWidget(self._headings[1])
        column.addWidget(self.confusion, 2)
        column.addStretch(0)
        tabs = QTabWidget()
        tabs.setObjectName("learner.tabs")
        tabs.setAccessibleName("What to ask the run")
        tabs.setDocumentMode(True)
        tabs.addTab(page, "This episode")
        tabs.addTab(self._hardest, "Hardest")
        tabs.setTabToolTip(0, "How the run solves the episode shown")
        tabs.setTabToolTip(1, "The episodes and classes it gets most wrong")
        return tabs

    def _show_hint(self) -> None:
        self.hint.setText(
            "Choose a run to see how it solves this episode, inner step by inner step."
            if self.runs
            else "A trained run can solve this episode here. There is none with a "
            "checkpoint yet: press Start to train one."
        )

    def _paint_colours(self) -> None:
        name = "pause" if self._timer.isActive() else "play"
        self.play.setIcon(theme.icon(f"mdi6.{name}"))
        shown = theme.colours()
        self._headings[0].setText(
            f'Loss of <span style="color: {shown.support}">support</span> and '
            f'<span style="color: {shown.query}">query</span>'
        )

    def _on_combo_changed(self, _index: int) -> None:
        chosen = self.combo.currentData()
        run = next((run for run in self.runs if str(run.path) == chosen), None)
        if run is not None:
            self.steps.blockSignals(True)
            self.steps.setValue(run.steps)
            self.steps.blockSignals(False)
        self.slider.setMaximum(self.steps.value())
        self.slider.setValue(self.slider.maximum())
        self._show_hint()
        self.show_answers(None, ())
        self.learner_changed.emit(self.learner)

    def _on_steps_changed(self, _steps: int) -> None:
        if self.learner is not None:
            self.learner_changed.emit(self.learner)

    def _on_slider_changed(self, step: int) -> None:
        self._show_step()
        self.step_changed.emit(step)

    def _on_play_clicked(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        else:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        self._paint_colours()

    def _on_timer_timeout(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self._timer.stop()
            self._paint_colours()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _hint() -> QLabel:
    label = QLabel()
    label.setObjectName("learner.hint")
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label
