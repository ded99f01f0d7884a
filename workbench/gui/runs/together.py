"""What is done with several runs at once: in the background, below one bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.core.base.phrases import one_line
from workbench.core.results.score_text import score_text
from workbench.core.runs.evaluations import KeptEvaluation
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.core.training.requested import Request, evaluated
from workbench.gui.runs.batch import BatchBar, Report, Step
from workbench.gui.runs.trash import Thrown, throw_away
from workbench.gui.shell.jobs import JobOutcome
from workbench.gui.shell.session import Session

_MOST_TOLD = 20
_MOST_FIGURES = 3


class _Words(NamedTuple):
    """What is being done, what was done, and what could not be."""

    doing: str
    done: str
    could_not_be: str


_EVALUATE = _Words("Evaluating", "Evaluated", "evaluated")
_EXPORT = _Words("Exporting", "Exported", "exported")
_LABEL = _Words("Writing on", "Wrote on", "written on")
_THROW = _Words("Moving to the trash", "", "moved to the trash")


class Together(QObject):
    """Evaluates, exports, labels or throws away several runs, one kind at a time.

    Signals:
        changed(): folders of runs are other than before.
        thrown(list): a row, and what became of its folder, for each thrown away.
    """

    changed = Signal()
    thrown = Signal(object)

    def __init__(self, session: Session, host: QWidget) -> None:
        super().__init__(host)
        self._session = session
        self._finish: Callable[[list[Any]], None] = self._tell
        self._words = _EVALUATE
        self.bar = BatchBar(host)
        self.bar.ended.connect(self._on_bar_ended)

    def evaluate(self, rows: Sequence[RunRow]) -> None:
        """Test each of these runs as its own configuration says."""
        steps = [Step(row.name, partial(self._evaluate, row)) for row in rows]
        self._begin(_EVALUATE, steps, self._on_evaluated)

    def export(self, steps: Sequence[Step]) -> None:
        """Write these runs' files."""
        if steps:
            self._begin(_EXPORT, steps, self._tell)

    def label(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Change what is written on these runs, by the names of their folders."""
        runs = self._session.runs
        steps = [
            Step(folder, partial(_label, runs / folder, fields))
            for folder, fields in changes.items()
        ]
        self._begin(_LABEL, steps, self._tell)

    def throw_away(self, rows: Sequence[RunRow]) -> None:
        """Move the folders of these runs to the trash."""
        runs = self._session.runs
        steps = [
            Step(row.name, partial(_throw_away, row, runs / row.folder)) for row in rows
        ]
        self._begin(_THROW, steps, self.thrown.emit)

    def _begin(
        self,
        words: _Words,
        steps: Sequence[Step],
        finish: Callable[[list[Any]], None],
    ) -> None:
        if self.bar.doing:
            text = f"{self.bar.doing} several runs is not done yet: wait, or cancel it"
            self._session.notify(text, "warning")
            return
        self._words, self._finish = words, finish
        self.bar.begin(words.doing, steps)

    def _evaluate(self, row: RunRow, report: Report) -> object:
        folder = RunFolder(self._session.runs / row.folder)
        return row.name, evaluated(Request(folder), self._session.data, report)

    def _on_bar_ended(self, outcomes: list[JobOutcome]) -> None:
        failed = [each for each in outcomes if each.error]
        self._finish([each.value for each in outcomes if not each.error])
        self.changed.emit()
        if failed:
            told = [f"{each.request.name}: {each.error}" for each in failed]
            more = [f"and {len(told) - _MOST_TOLD:,} more"] * (len(told) > _MOST_TOLD)
            which = f"{len(failed):,} of {_runs(len(outcomes))}"
            text = f"{which} could not be {self._words.could_not_be}."
            self._session.fail(text, "\n".join([*told[:_MOST_TOLD], *more]))

    def _tell(self, values: list[Any]) -> None:
        self._session.notify(f"{self._words.done} {_runs(len(values))}", "good")

    def _on_evaluated(self, kept: list[tuple[str, KeptEvaluation]]) -> None:
        text = f"Evaluated {_runs(len(kept))}"
        told = [figure_text(*each) for each in kept[:_MOST_FIGURES]]
        if len(kept) > _MOST_FIGURES:
            told.append("Evaluate… of each run has the others")
        self._session.notify(": ".join(filter(None, [text, "; ".join(told)])), "good")
        self._session.tell_end("Evaluation", f"{_runs(len(kept))} evaluated")
        if kept:
            self._session.evaluated.emit(kept[-1][1])


def figure_text(name: str, kept: KeptEvaluation) -> str:
    """Return what came of evaluating a run, in words."""
    score = score_text(kept.score, kept.ci95, kept.measure)
    return f"{one_line(name, 60)}, {kept.measure} {score}"


def _runs(count: int) -> str:
    return f"{count:,} {'run' if count == 1 else 'runs'}"


def _label(path: Path, fields: Mapping[str, Any], _report: Report) -> None:
    RunFolder(path).update(**fields)


def _throw_away(row: RunRow, path: Path, _report: Report) -> tuple[RunRow, Thrown]:
    return row, throw_away(path)
