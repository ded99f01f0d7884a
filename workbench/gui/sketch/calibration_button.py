"""Says whether the answers are calibrated, and shows how well when it is clicked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from workbench.core.base.phrases import counted, percent
from workbench.gui.sketch.answering import SketchAnswers

if TYPE_CHECKING:
    from workbench.core.sketch.answers import Question, RunAnswer

_AROUND = 6
_NONE = "Not calibrated"
_ABOUT_NONE = (
    "Not calibrated: the order of the classes can be believed, how sure the run is of "
    "it cannot"
)


class CalibrationButton(QToolButton):
    """A word on how far percentages can be believed; a click shows the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers: SketchAnswers | None = None
        self._progress: dict[Path, str] = {}
        self.setObjectName("sketch.calibration")
        self.setAutoRaise(True)
        self.setProperty("role", "link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMaximumHeight(self.fontMetrics().height() + _AROUND)
        self.setToolTip(_ABOUT_NONE)
        self.hide()
        self.setAccessibleName("Calibration")
        self.clicked.connect(self._on_clicked)

    def show_answers(self, answers: SketchAnswers) -> None:
        """Say of these answers whether they are calibrated."""
        self._answers = answers
        self._refresh()

    def show_progress(self, folder: Path, text: str) -> None:
        """Say how far the calibration of a run is, or why there is none."""
        self._progress[folder] = text
        self._refresh()

    def _refresh(self) -> None:
        every = self._answers.runs if self._answers is not None else ()
        runs = [run for run in every if not run.problem]
        self.setVisible(bool(runs))
        if self._answers is None or not runs:
            return
        question = self._answers.question
        texts = {self._text(run, question): None for run in runs}
        self.setText(next(iter(texts)) if len(texts) == 1 else "Partly calibrated")
        about = [self._about(run, question) for run in runs]
        self.setToolTip(
            about[0]
            if len(runs) == 1
            else "\n".join(
                f"{run.choice.title}: {text}"
                for run, text in zip(runs, about, strict=True)
            )
        )
        self.setAccessibleDescription(self.toolTip())

    def _text(self, run: RunAnswer, question: Question) -> str:
        if run.calibration is None:
            return self._progress.get(run.choice.folder, _NONE).partition(":")[0]
        return f"Calibrated{_apart_from(run, question)}"

    def _about(self, run: RunAnswer, question: Question) -> str:
        if run.calibration is None:
            return self._progress.get(run.choice.folder, _ABOUT_NONE)
        size = run.calibration.nearest(max(len(run.names), 2), question.shots or 1)
        return (
            f"On {size.tasks} validation tasks ({size.ways} ways, "
            f"{counted(size.shots, 'shot')}):\n"
            f"the percentages were {percent(size.error, 1)} off on average, "
            f"{percent(size.error_before, 1)} uncalibrated;\ntaken for none of these "
            f"were {percent(size.refused)} of the classes' own drawings and "
            f"{percent(size.caught)} of others.\nClick for all figures"
        )

    def _on_clicked(self) -> None:
        from workbench.gui.sketch.reliability_dialog import ReliabilityDialog

        if self._answers is not None:
            dialog = ReliabilityDialog(self._answers, self)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()


def _apart_from(run: RunAnswer, question: Question) -> str:
    """Return under which settings it was calibrated, where others are asked with."""
    assert run.calibration is not None
    steps, views = run.calibration.inner_steps, run.calibration.views
    others = []
    if question.steps != steps:
        others.append(counted(steps, "step"))
    if run.views != views:
        others.append(counted(views, "view"))
    if others:
        return f" for {', '.join(others)}"
    return " one at a time" if question.transductive else ""
