"""The Sweeps panel: what a sweep found, while it is trained and afterwards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.core.planning.sweep import MOST
from workbench.core.results.sweep_results import Judge, SweepResults, sweep_results
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.core.runs.sweeps import find_sweeps
from workbench.gui.look import theme
from workbench.gui.shell.action_button import ActionButton
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.sweeps.heat_plot import HeatPlot
from workbench.gui.sweeps.parallel_plot import ParallelPlot
from workbench.gui.sweeps.sweep_chooser import SweepChooser
from workbench.gui.sweeps.sweep_plot import SweepPlot
from workbench.gui.sweeps.values_table import ValuesTable
from workbench.gui.sweeps.wording import listed, over_its_seeds, score_name, written

_EMPTY = (
    "A sweep trains one configuration over seeds and values of its fields. Here it is "
    "seen which values are best, and how sure that is, while it is trained and "
    "afterwards.\nQueue a sweep to begin, or choose runs by a filter above."
)
_ONE_LEFT = "One run of it is left: two are needed."
_JUDGES: dict[Judge, str] = {"test": "by test", "validation": "by best validation"}
_JUDGE_TIP = (
    "What runs are scored by. Whoever chooses values by their tests has no test left: "
    "to choose, look at the validation"
)
_FEWEST = 2
_OVER = ("completed", "failed")


class SweepsPanel(Panel):
    """Shows runs that differ in some fields: each of them, and each value's score."""

    title = "Sweeps"
    order = 65
    icon = "mdi6.chart-sankey-variant"
    help = "What a sweep found: its runs by their values, and which values are best"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("sweeps_panel")
        self.results: SweepResults | None = None
        self._is_stale = True
        self.chooser = SweepChooser()
        self.judge = QComboBox()
        self.judge.setObjectName("sweeps.judge")
        self.judge.setAccessibleName("What runs are scored by")
        self.judge.setToolTip(_JUDGE_TIP)
        self.judge.addItems(list(_JUDGES.values()))
        self._judge: Judge | None = None
        self.sentence = QLabel()
        self.sentence.setObjectName("sweeps.sentence")
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.hint = QLabel(_EMPTY)
        self.hint.setObjectName("sweeps.hint")
        self.hint.setProperty("role", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.parallel, self.map = ParallelPlot(), HeatPlot()
        self.table = ValuesTable()
        self._lay_out()
        self._connect()

    @override
    def open(self) -> None:
        if "queue.sweep" in self.session.actions:
            button: QPushButton = ActionButton(self.session.actions["queue.sweep"])
            button.setObjectName("sweeps.queue")
            self._offer.addWidget(button)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._look()

    # Building.

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.chooser, 1)
        row.addWidget(self.judge)
        views = QSplitter(Qt.Orientation.Vertical)
        views.setObjectName("sweeps.rows")
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setObjectName("sweeps.columns")
        below.addWidget(_headed(self.map))
        below.addWidget(self.table)
        views.addWidget(_headed(self.parallel))
        views.addWidget(below)
        for splitter in (views, below):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(theme.SPACE)
        views.setSizes([1100, 1000])
        below.setSizes([1000, 1000])
        empty = QWidget()
        page = QVBoxLayout(empty)
        page.addStretch(1)
        page.addWidget(self.hint)
        self._offer = QHBoxLayout()
        self._offer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page.addLayout(self._offer)
        page.addStretch(1)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(empty)
        self._pages.addWidget(views)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(row)
        column.addWidget(self.sentence)
        column.addWidget(pages, 1)

    def _connect(self) -> None:
        session = self.session
        session.rows_changed.connect(self._on_session_rows_changed)
        session.run_changed.connect(self._on_session_run_changed)
        session.beside.queue_changed.connect(self._on_queue_changed)
        self.chooser.changed.connect(self._look)
        self.judge.activated.connect(self._on_judge_activated)
        for view in (self.parallel.chart, self.map.chart, self.table):
            view.chosen.connect(self._on_view_chosen)
            view.opened.connect(self._on_view_opened)
        for plot in (self.parallel, self.map):
            plot.saved.connect(self._on_plot_saved)
            plot.failed.connect(session.fail)

    # What happens.

    def _on_session_rows_changed(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._look()

    def _on_queue_changed(self) -> None:
        if self.results is not None:
            self._say(self.results)
        elif self._has_too_few_of_a_sweep:
            self.hint.setText(self._why_none(1))

    def _on_session_run_changed(self, run: RunFolder | None) -> None:
        self.parallel.chart.set_in_hand("" if run is None else run.path.name)

    def _on_judge_activated(self, index: int) -> None:
        self._judge = list(_JUDGES)[index]
        self._look()

    def _on_view_chosen(self, folder: str) -> None:
        if self.session.run is None or self.session.run.path.name != folder:
            self.session.set_run(RunFolder(self.session.runs / folder))

    def _on_view_opened(self, folder: str) -> None:
        self._on_view_chosen(folder)
        self.session.show_panel("Training")

    def _on_plot_saved(self, path: object) -> None:
        self.session.notify(f"Saved {getattr(path, 'name', path)}", "good")

    # What is shown.

    def _look(self) -> None:
        """Show the runs that are meant, as they stand now."""
        self._is_stale = False
        self.chooser.offer(find_sweeps(self.session.rows.values()))
        rows = self._rows()
        if len(rows) < _FEWEST or len(rows) > MOST:
            self._show_none(self._why_none(len(rows)))
            return
        results = sweep_results(rows, self._judge)
        self.judge.setCurrentIndex(list(_JUDGES).index(results.judge))
        if len(results.measures) > 1:
            by = " and others by their ".join(results.measures)
            self._show_none(
                f"Some of these runs are scored by their {by}: no figure says which is "
                "better. Choose runs of one kind."
            )
        elif not results.fields:
            self._show_none(f"These runs differ in the seed alone. {_best(results)}")
        else:
            self._show(results)

    def _rows(self) -> list[RunRow]:
        """Return the runs that the person means, in an order that stays."""
        if self.chooser.sweep is not None:
            return list(self.chooser.sweep.rows)
        chosen = self.chooser.chosen_filter
        if chosen.problem or not self.chooser.text:
            return []
        found = (row for row in self.session.rows.values() if row.is_run)
        meant = filter(chosen.accepts, found)
        return sorted(meant, key=lambda row: (row.created, row.folder))

    def _why_none(self, count: int) -> str:
        problem = self.chooser.chosen_filter.problem
        if problem:
            return f"Not filtered: {problem}"
        if count > MOST:
            return f"{count:,} runs match: narrow the filter to at most {MOST:,}."
        if self.chooser.text:
            return f"{counted(count, 'run matches', 'runs match')}: two are needed."
        if self.chooser.sweep is None:
            return _EMPTY
        waits = self.session.beside.queue.not_begun(self.chooser.sweep.id)
        return "Its second run has not begun." if waits else _ONE_LEFT

    @property
    def _has_too_few_of_a_sweep(self) -> bool:
        sweep = self.chooser.sweep
        return sweep is not None and len(sweep.rows) < _FEWEST

    def _show_none(self, why: str) -> None:
        self.results = None
        self._pages.setCurrentIndex(0)
        self.sentence.hide()
        self.hint.setText(why)

    def _say(self, results: SweepResults) -> None:
        """Say what is best so far, and what is yet to come."""
        sweep = self.chooser.sweep
        waiting = 0 if sweep is None else self.session.beside.queue.not_begun(sweep.id)
        said = [_best(results), f"{counted(len(results.rows), 'run')}."]
        if results.what_is_missing:
            said.append(f"Without a score: {results.what_is_missing}.")
        if waiting:
            said.append(f"{counted(waiting, 'more waits', 'more wait')} in the queue.")
        self.sentence.setText(" ".join(filter(None, said)))
        self.sentence.setToolTip(_named(results.unscored))
        self.sentence.show()

    def _show(self, results: SweepResults) -> None:
        self._say(results)
        self._pages.setCurrentIndex(1)
        if results != self.results:
            self.results = results
            self.parallel.show_results(results)
            self.map.show_results(results)
            self.table.show_results(results)


def _best(results: SweepResults) -> str:
    """Return the best combination and its score as a sentence; empty for none."""
    best = results.best
    if best is None:
        return ""
    what = listed(results.fields, best.values)
    score = f"{score_name(results).lower()} {written(best.score, results)}"
    goes_on = any(not row.pruned and row.state not in _OVER for row in results.rows)
    so_far = " so far" if goes_on else ""
    of = f": {what}" if what else ""
    return f"Best{so_far}{of}: {score} ({over_its_seeds(best)})."


def _named(rows: tuple[RunRow, ...], most: int = 12) -> str:
    """Return which runs have no score, a line each."""
    stands = (f"given up, {row.pruned}" if row.pruned else row.state for row in rows)
    lines = [f"{row.name}: {how}" for row, how in zip(rows, stands, strict=True)][:most]
    if len(rows) > most:
        lines.append(f"and {len(rows) - most:,} more")
    return "\n".join(lines)


def _headed(plot: SweepPlot) -> QWidget:
    """Return a plot below its title and its controls."""
    title = QLabel(plot.title)
    title.setProperty("role", "heading")
    title.setToolTip(plot.help)
    header = QHBoxLayout()
    header.setContentsMargins(0, 0, 0, 0)
    header.addWidget(title)
    header.addStretch(1)
    header.addWidget(plot.controls)
    place = QWidget()
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(header)
    column.addWidget(plot, 1)
    return place
