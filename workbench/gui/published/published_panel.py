"""The Published panel: what papers reported, beside what was measured here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.results.results_table import TableCell, results_table
from workbench.core.runs.index import all_rows
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.published.published_grid import PublishedGrid
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import title_of

if TYPE_CHECKING:
    from workbench.gui.published.experiments_view import ExperimentsView

_CHOOSE = "Choose a figure to see which runs stand behind it."


class PublishedPanel(Panel):
    """The published table, with the runs behind each figure and what differs."""

    title = "Published"
    order = 70
    icon = "mdi6.table-star"
    help = "The papers' figures beside those measured here"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("published_panel")
        self._cell: TableCell | None = None
        self.experiments: ExperimentsView | None = None
        self._is_stale = True
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self.grid = PublishedGrid()
        self.grid.chosen.connect(self._on_grid_chosen)
        self.details = QLabel(_CHOOSE)
        self.details.setObjectName("published.details")
        self.details.setWordWrap(True)
        self.details.setTextFormat(Qt.TextFormat.RichText)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.load = QPushButton("Load its preset")
        self.load.setObjectName("published.load")
        self.load.setToolTip("Load the preset that aims at this figure into Experiment")
        self.load.clicked.connect(self._on_load_clicked)
        self.show_run = QPushButton("Show its run")
        self.show_run.setObjectName("published.show_run")
        self.show_run.setToolTip("Show the run behind the figure measured here")
        self.show_run.clicked.connect(self._on_show_run_clicked)
        self._lay_out()
        self._show_details()
        theme.changes().changed.connect(self._on_theme_changed)
        session.run_state_changed.connect(self._on_session_changed)
        session.runs_changed.connect(self._on_session_changed)
        session.data_changed.connect(self._on_session_changed)
        session.evaluated.connect(self._on_session_changed)

    @override
    def fill(self) -> Iterator[None]:
        # Imported only now: the first paint would wait for it.
        from workbench.gui.published.experiments_view import ExperimentsView

        self.experiments = ExperimentsView(self.session)
        self.pages.addTab(self.experiments, "Experiments")
        tip = "Train what a paper's table needs, and draw it as a page"
        self.pages.setTabToolTip(1, tip)
        yield

    @override
    def busy_with(self) -> str:
        is_busy = self.experiments is not None and self.experiments.is_drawing
        return "A page is being drawn." if is_busy else ""

    @override
    def stop_work(self) -> None:
        if self.experiments is not None:
            self.experiments.cancel()

    @override
    def shut_down(self) -> None:
        if self.experiments is not None:
            self.experiments.shut_down()
        self._background.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(*(2 * theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.details, 1)
        column.addWidget(self.show_run)
        column.addWidget(self.load)
        splitter = QSplitter()
        splitter.setObjectName("published.splitter")
        splitter.addWidget(self.grid)
        splitter.addWidget(side)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        side.setMinimumWidth(240)
        self.pages = QTabWidget()
        self.pages.setObjectName("published.pages")
        self.pages.setAccessibleName("Pages of the Published tab")
        self.pages.setDocumentMode(True)
        self.pages.addTab(splitter, "Figures")
        self.pages.setTabToolTip(0, "Every published figure beside what runs measured")
        page = QVBoxLayout(self)
        page.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        page.addWidget(self.pages)

    # What happens.

    def _on_session_changed(self, *_news: object) -> None:
        if self.isVisible():
            self._read()
        else:
            self._is_stale = True

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self.details.setText(outcome.error)
        else:
            self._show(outcome.value)

    def _on_grid_chosen(self, cell: TableCell | None) -> None:
        self._cell = cell
        self._show_details()

    def _on_load_clicked(self) -> None:
        cell, session = self._cell, self.session
        if cell is None or cell.preset is None:
            return
        try:
            config = RunConfig.from_dict(cell.preset.config)
        except ConfigError as error:
            session.fail("The preset cannot be loaded.", str(error))
            return
        session.load_config(config, cell.preset.name)
        session.show_panel("Experiment")
        session.notify(f"Loaded {cell.preset.title}", "info", "run.start")

    def _on_show_run_clicked(self) -> None:
        if self._cell is not None and self._cell.evidence:
            folder = self.session.runs / self._cell.evidence[0].row.folder
            self.session.set_run(RunFolder(folder))
            self.session.show_panel("Training")

    def _on_theme_changed(self) -> None:
        self.grid.repaint_cells()
        self._show_details()

    def _read(self) -> None:
        self._is_stale = False
        if self.experiments is not None:
            self.experiments.read()
        runs = self.session.runs
        self._background.submit("table", lambda: attempt(None, lambda: _read(runs)))

    def _show(self, cells: Sequence[TableCell]) -> None:
        self.grid.show_cells(cells)
        if self._cell is not None:
            figure = self._cell.figure
            same = (cell for cell in cells if cell.figure == figure)
            self._cell = next(same, None)
        self._show_details()

    def _show_details(self) -> None:
        cell = self._cell
        self.load.setVisible(cell is not None)
        self.load.setEnabled(cell is not None and cell.preset is not None)
        self.show_run.setVisible(cell is not None and bool(cell.evidence))
        theme.give_role(self.details, "" if cell else "muted")
        self.details.setText(_CHOOSE if cell is None else details_text(cell))


def _read(runs: Path) -> list[TableCell]:
    return results_table(runs, all_rows(runs))


def details_text(cell: TableCell) -> str:
    """Return what there is to say of a figure, as rich text."""
    figure = cell.figure
    unit = figure.measure.unit
    read = "; read in a summary of the paper only" if figure.from_summary else ""
    parts = [
        f"<p><b>{figure.learner}</b><br>{figure.table.partition(',')[0]}, "
        f"{figure.setting}</p>",
        f"<p>Published: <b>{figure.text}{unit}</b><br>{figure.paper}{read}</p>",
    ]
    if cell.measured is None:
        parts.append("<p>Nothing is measured here yet.</p>")
        if cell.preset is None:
            parts.append("<p>No preset aims at this figure.</p>")
        else:
            how = title_of(cell.evaluated_with())
            then = f"; then evaluate its run with {how}" if how else ""
            parts.append(f"<p>Its preset: {cell.preset.title}{then}</p>")
    else:
        parts.append(
            f"<p>Measured: <b>{cell.measured_text()}{unit}</b><br>{cell.behind()}</p>"
        )
        items = "".join(f"<li>{text}</li>" for text in cell.differences)
        parts.append(
            f"<p>Different from the paper:</p><ul style='margin-left: -24px'>{items}"
            "</ul>"
            if items
            else "<p>The protocol is the paper's, as far as the preset has it.</p>"
        )
    if figure.remark:
        parts.append(f"<p>Besides: {figure.remark}.</p>")
    return "".join(parts)
