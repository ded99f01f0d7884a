"""The box beside an episode: which run to ask, the inner step, and what it says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.answers import Answers
from workbench.gui.episodes.charts import AdaptationChart, ConfusionMatrix
from workbench.gui.episodes.episode_desk import Learner
from workbench.gui.episodes.run_chooser import RunChooser
from workbench.gui.episodes.run_list import AskableRun, RunOffer
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedCombo

_PLAY_MS = 500
_MOST_STEPS = 100
_MOST_LISTED = 50
_NOBODY = "No run: pictures only"
_OTHERS = "others"
"""Stands in the list for all runs that are not in it."""
_STEPS_TIP = "How many inner steps K the run makes on the support set"
_STEP_TIP = "Inner step shown: 0 is before learning from the support"
_PLAY_TIP = "Play the inner steps from 0 to K"
_NO_ANSWERS = "Choose a run that fits first: then its inner steps are shown here"


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
        self._offer = RunOffer()
        self._chosen: AskableRun | None = None
        self._problem = ""
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
        self._answers: Answers | ActedEpisode | None = None
        self._acts = False
        self._lay_out()
        self._paint_colours()
        self.show_answers(None, ())
        theme.changes().changed.connect(self._paint_colours)

    @property
    def learner(self) -> Learner | None:
        """The run chosen, and how many steps it makes."""
        chosen = self._chosen
        return None if chosen is None else Learner(chosen.path, self.steps.value())

    @property
    def runs(self) -> tuple[AskableRun, ...]:
        """The runs that fit the configuration, the newest first."""
        return self._offer.runs

    @property
    def step(self) -> int:
        """The inner step that is shown."""
        return self.slider.value()

    def show_offer(self, offer: RunOffer) -> None:
        """Offer the runs that fit; the one chosen stays chosen, whether it fits."""
        if offer != self._offer:
            self._offer = offer
            self._fill_combo()
            self._show_hint()

    def choose(self, path: Path) -> bool:
        """Choose a run, if it fits; return whether it does."""
        run = next((run for run in self.runs if run.path == path), None)
        if run is not None and run != self._chosen:
            self._choose(run)
        return run is not None

    def suit(self, steps: int, *, acts: bool) -> None:
        """Speak of tasks that are acted in from now on, or of such as are not.

        ``steps`` are what the policy before training makes.
        """
        if acts and self._chosen is None:
            self._take_steps(steps)
        if acts != self._acts:
            self._acts = acts
            self._fill_combo()
            self._show_hint()
            self._paint_colours()

    def show_answers(
        self, answers: Answers | ActedEpisode | None, names: tuple[str, ...]
    ) -> None:
        """Show curve and confusions of these answers, or none."""
        self._answers, self._names, self._problem = answers, names, ""
        self._show_hint()
        is_there = answers is not None
        classifies = isinstance(answers, Answers) and answers.classifies
        self._enable(self.slider, _STEP_TIP, possible=is_there)
        self._enable(self.play, _PLAY_TIP, possible=is_there)
        self._enable(self.steps, _STEPS_TIP, possible=self._chosen is not None)
        self.chart.setVisible(is_there)
        self._headings[0].setVisible(is_there)
        self.confusion.setVisible(classifies)
        self._headings[1].setVisible(classifies)
        self.hint.setVisible(not is_there)
        if answers is None:
            self._timer.stop()
            self._paint_colours()
            return
        at_end = self.slider.value() == self.slider.maximum()
        self.slider.setMaximum(answers.steps)
        if at_end:
            self.slider.setValue(answers.steps)
        self._show_step()

    def show_problem(self, text: str) -> None:
        """Say why there are no answers."""
        self.show_answers(None, ())
        self._problem = text
        self._show_hint()

    def _enable(self, widget: QWidget, tip: str, *, possible: bool) -> None:
        widget.setEnabled(possible)
        widget.setToolTip(tip if possible else _NO_ANSWERS)

    def _show_step(self) -> None:
        step, answers = self.slider.value(), self._answers
        self._step_label.setText(f"step {step} of {self.slider.maximum()}")
        self.chart.show_answers(answers, step)
        if isinstance(answers, Answers) and answers.classifies:
            counts = answers.confusion(min(step, answers.steps))
            self.confusion.show_counts(counts, self._names)

    def _make_combo(self) -> QComboBox:
        combo = ElidedCombo()
        combo.setObjectName("learner.run")
        combo.setAccessibleName("Trained run")
        combo.setToolTip("The run whose parameters solve the episode")
        combo.addItem(_NOBODY, None)
        combo.setEnabled(False)
        combo.currentIndexChanged.connect(self._on_combo_changed)
        return combo

    def _make_steps(self) -> QSpinBox:
        steps = QSpinBox()
        steps.setObjectName("learner.steps")
        steps.setAccessibleName("Inner steps")
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
        slider.setPageStep(1)
        slider.setMaximum(0)
        slider.valueChanged.connect(self._on_slider_changed)
        return slider

    def _make_play(self) -> QToolButton:
        play = QToolButton()
        play.setObjectName("learner.play")
        play.setAutoRaise(True)
        play.setAccessibleName("Play the inner steps")
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
        if self._problem:
            self.hint.setText(self._problem)
            return
        self.hint.setText(
            "Choose a run to see how it solves this episode, inner step by inner step."
            if self.runs
            else "A trained run can solve this episode here, but none fits it: press "
            "Start to train one, or set the experiment to what a run was trained on."
            if self._offer.unfit
            else "A trained run can solve this episode here. There is none with a "
            "checkpoint yet: press Start to train one."
        )

    def _paint_colours(self) -> None:
        name = "pause" if self._timer.isActive() else "play"
        self.play.setIcon(theme.icon(f"mdi6.{name}"))
        shown = theme.colours()
        if self._acts:
            self._headings[0].setText("Return after each inner step")
            return
        self._headings[0].setText(
            f'Loss of <span style="color: {shown.support}">support</span> and '
            f'<span style="color: {shown.query}">query</span>'
        )

    def _fill_combo(self) -> None:
        """List the newest runs that fit, and the one chosen."""
        runs, combo = self.runs, self.combo
        listed = list(runs[:_MOST_LISTED])
        combo.blockSignals(True)
        combo.clear()
        nobody = "No run: the untrained policy" if self._acts else _NOBODY
        combo.addItem(nobody, None)
        for run in listed:
            self._add_run(run, run.title)
        if self._chosen is not None and self._chosen not in listed:
            fits = self._chosen in runs
            self._add_run(
                self._chosen, self._chosen.title + " (does not fit)" * (not fits)
            )
        if len(runs) > len(listed):
            combo.addItem(f"Choose among all {len(runs):,} runs…", _OTHERS)
        if self._offer.unfit:
            self._add_unfit(self._offer)
        chosen = None if self._chosen is None else str(self._chosen.path)
        combo.setCurrentIndex(combo.findData(chosen) if chosen else 0)
        combo.blockSignals(False)
        combo.setEnabled(combo.count() > 1)
        self._describe_combo()

    def _add_run(self, run: AskableRun, text: str) -> None:
        tip = f"{run.title}\n{run.path}"
        self.combo.addItem(text, str(run.path))
        self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def _add_unfit(self, offer: RunOffer) -> None:
        """Say how many runs are not offered, and why, in a line not to be chosen."""
        does = "run does" if offer.unfit == 1 else "runs do"
        self.combo.addItem(f"{offer.unfit:,} {does} not fit the configuration")
        last, model = self.combo.count() - 1, self.combo.model()
        tip = f"Of the newest of them: {offer.why_unfit}"
        self.combo.setItemData(last, tip, Qt.ItemDataRole.ToolTipRole)
        if isinstance(model, QStandardItemModel):
            model.item(last).setEnabled(False)

    def _describe_combo(self) -> None:
        chosen = self._chosen
        self.combo.setToolTip(
            "The run whose parameters solve the episode"
            if chosen is None
            else f"{chosen.title}\n{chosen.path}"
        )

    def _choose(self, run: AskableRun | None) -> None:
        self._chosen, self._problem = run, ""
        self._fill_combo()
        if run is not None:
            self._take_steps(run.steps)
        self.slider.setMaximum(self.steps.value())
        self.slider.setValue(self.slider.maximum())
        self.show_answers(None, ())
        self.learner_changed.emit(self.learner)

    def _take_steps(self, steps: int) -> None:
        self.steps.blockSignals(True)
        self.steps.setValue(steps)
        self.steps.blockSignals(False)

    def _on_combo_changed(self, _index: int) -> None:
        path = self.combo.currentData()
        if path == _OTHERS:
            self._fill_combo()
            dialog = RunChooser(self.runs, self)
            dialog.accepted.connect(self._on_chooser_accepted)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
            return
        if self._chosen is None or str(self._chosen.path) != path:
            run = next((run for run in self.runs if str(run.path) == path), None)
            self._choose(run)

    def _on_chooser_accepted(self) -> None:
        dialog = self.sender()
        if isinstance(dialog, RunChooser) and dialog.chosen is not None:
            self.choose(dialog.chosen)

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
