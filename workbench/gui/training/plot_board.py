"""The four quarters of the Training tab, each with its plots as tabs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.gui.graphs.plot import Plot, Quarter, plots
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look import theme
from workbench.gui.plots.task_plot import TaskPlot

SLOT_MS = 25
"""What is new is drawn in one place at a time, so that the window never stands still
for as long as all four take: each place has its turn ten times a second."""

SHARE = 0.03
"""The most of one core's time that drawing takes: where it would be more, the turns are
farther apart."""

_HEADER = 30


class PlotCell(QWidget):
    """Several plots in one place: a tab each, and the controls of the one in front.

    A plot is made when it is first in front, or first asked for.

    Signals:
        expand_toggled(): this place is to have all the space, or to give it back.
        front_changed(): another plot is in front.
        plot_made(Plot): a plot is there that was not before.
    """

    expand_toggled = Signal()
    front_changed = Signal()
    plot_made = Signal(object)

    def __init__(
        self, name: str, kinds: list[type[Plot]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"plot_board.{name}")
        self.kinds = kinds
        self._made: dict[type[Plot], Plot] = {}
        self._tabs = QTabBar(self)
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setDocumentMode(True)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setObjectName(f"plot_board.{name}.tabs")
        self._tabs.setAccessibleName("Plots here")
        self._controls = _Stack(self)
        self._bodies = QStackedWidget(self)
        self._controls.setSizePolicy(
            QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed
        )
        self._expand = QToolButton(self)
        self._expand.setObjectName(f"plot_board.{name}.expand")
        self._expand.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._expand.setAutoRaise(True)
        self._expand.setToolTip(
            "Show this place alone, or all four (double-click a tab)"
        )
        self._expand.setAccessibleName("Show alone, or all four")
        self._expand.clicked.connect(self.expand_toggled)
        for kind in kinds:
            index = self._tabs.addTab(kind.tab or kind.title)
            self._tabs.setTabToolTip(index, kind.help)
        self._is_chosen = False
        self._tabs.tabBarClicked.connect(self._on_tabs_clicked)
        self._tabs.currentChanged.connect(self._on_tabs_current_changed)
        self._tabs.tabBarDoubleClicked.connect(self._on_tabs_double_clicked)
        self._lay_out()
        self.set_expanded(False)
        theme.changes().changed.connect(self._show_icon)

    def plot(self, kind: type[Plot]) -> Plot:
        """Return the plot of this kind, made now if it was not yet."""
        if kind not in self._made:
            plot = self._made[kind] = kind()
            self._controls.addWidget(plot.controls)
            self._bodies.addWidget(plot)
            self._put_into_tab_order(plot)
            self.plot_made.emit(plot)
        return self._made[kind]

    def refresh(self) -> None:
        """Draw what is new in the plot in front, if it is visible."""
        if self.isVisible():
            self.plot(self.kinds[self._tabs.currentIndex()]).refresh()

    def show_those_that_apply(self, history: RunHistory) -> bool:
        """Hide the tabs of plots that have nothing to say; return whether one has."""
        applies = [kind.applies(history) for kind in self.kinds]
        for index, shown in enumerate(applies):
            if shown != self._tabs.isTabVisible(index):
                self._tabs.setTabVisible(index, shown)
                # WORKAROUND: Qt gives a tab that comes back no room until another
                # change has it lay out the bar.
                self._tabs.setTabText(index, self._tabs.tabText(index))
        is_kept = self._is_chosen and applies[self._tabs.currentIndex()]
        if any(applies) and not is_kept:
            self._tabs.setCurrentIndex(applies.index(True))
        return any(applies)

    def set_expanded(self, expanded: bool) -> None:
        """Say whether this place has all the space."""
        self._is_expanded = expanded
        self._show_icon()

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(2)
        header.addWidget(self._tabs, 1)
        header.addWidget(self._controls)
        header.addWidget(self._expand)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._bodies, 1)
        self._tabs.setFixedHeight(_HEADER)

    def _show_icon(self) -> None:
        name = "mdi6.arrow-collapse" if self._is_expanded else "mdi6.arrow-expand"
        self._expand.setIcon(theme.icon(name))

    def _put_into_tab_order(self, plot: Plot) -> None:
        """Have it reached from its header, not last of all, though it is made late."""
        last: QWidget = self._expand
        for part in (plot.controls, plot):
            for widget in part.findChildren(QWidget):
                takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                if takes_focus and widget.window() is self.window():
                    self.setTabOrder(last, widget)
                    last = widget

    def _show_front(self) -> None:
        plot = self.plot(self.kinds[self._tabs.currentIndex()])
        self._controls.setCurrentWidget(plot.controls)
        self._bodies.setCurrentWidget(plot)

    def _on_tabs_current_changed(self, _index: int) -> None:
        if self.isVisible():
            self._show_front()
        self.front_changed.emit()

    def _on_tabs_clicked(self, _index: int) -> None:
        self._is_chosen = True

    def _on_tabs_double_clicked(self, _index: int) -> None:
        self.expand_toggled.emit()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_front()


class PlotBoard(QWidget):
    """All plots. One timer draws what is new, when there is some, place by place.

    ``plots`` are those made so far: the others come with ``fill``, or when they are
    first shown or asked for.

    Signals:
        task_wanted(int): the person asked for another single task.
        saved(Path): a plot was exported to this file.
        failed(str): something the person asked a plot for could not be done.
        front_changed(): other plots are in front.
    """

    task_wanted = Signal(int)
    saved = Signal(object)
    failed = Signal(str)
    front_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: list[Plot] = []
        self.cells = {
            place: PlotCell(
                place.name.lower(),
                [kind for kind in plots() if kind.place is place],
                self,
            )
            for place in Quarter
        }
        self._runs: tuple[ShownRun, ...] = ()
        self._look: object = None
        self._preview: RunHistory | None = None
        self._kinds: object = None
        self._expanded: PlotCell | None = None
        self._columns: list[QSplitter] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)
        # What has changed is painted before a timer's turn comes.
        self._painted = QTimer(self)
        self._painted.setSingleShot(True)
        self._painted.timeout.connect(self._on_painted_timeout)
        self._turns = itertools.cycle(self.cells.values())
        self._turns_left = 0
        self._prompt_turns = 0
        self._turn = next(self._turns)
        self._used: dict[PlotCell, float] = {}
        self._began = 0.0
        self._lay_out()
        for cell in self.cells.values():
            cell.plot_made.connect(self._on_cell_plot_made)
            cell.expand_toggled.connect(self._on_cell_expand_toggled)
            cell.front_changed.connect(self.front_changed)

    def fill(self) -> Iterator[None]:
        """Make the plots that were not needed yet, one at a time."""
        for cell in self.cells.values():
            for kind in cell.kinds:
                cell.plot(kind)
                yield

    def plot(self, key: str) -> Plot:
        """Return the plot with this key."""
        kind = _kind(key)
        return self.cells[kind.place].plot(kind)

    def preview(self, history: RunHistory) -> None:
        """While no run is shown, show the places of this one's plots."""
        self._preview = history
        for plot in self.plots:
            plot.preview(history)
        self._show_those_that_apply()

    def show_runs(self, runs: tuple[ShownRun, ...]) -> None:
        """Show these runs from now on, drawn in one place after the other."""
        self._runs = runs
        for plot in self.plots:
            plot.take_runs(runs)
        self._show_those_that_apply()
        self._turns_left = self._prompt_turns = len(self.cells)
        self._timer.start(0)

    def show_task(self, look: object) -> None:
        """Show a look at a task where it can be shown."""
        self._look = look
        for plot in self.plots:
            self._show_look(plot)

    def update_soon(self) -> None:
        """Draw what is new, each place in its turn."""
        self._turns_left = len(self.cells)
        if not self._timer.isActive():
            self._timer.start(SLOT_MS)

    def redraw(self) -> None:
        """Draw everything that is visible anew, to the last step."""
        self._show_those_that_apply()
        for plot in self.plots:
            plot.redraw()

    @property
    def watches_task(self) -> bool:
        """Whether a plot of a single task is in view."""
        return any(
            plot.isVisible() and isinstance(plot, TaskPlot) for plot in self.plots
        )

    def _lay_out(self) -> None:
        rows = QSplitter(Qt.Orientation.Vertical, self)
        rows.setObjectName("plot_board.rows")
        for pair in (
            (Quarter.TOP_LEFT, Quarter.TOP_RIGHT),
            (Quarter.BOTTOM_LEFT, Quarter.BOTTOM_RIGHT),
        ):
            row = QSplitter(Qt.Orientation.Horizontal, rows)
            for place in pair:
                row.addWidget(self.cells[place])
            row.setSizes([1000, 1000])
            self._columns.append(row)
            rows.addWidget(row)
        for splitter in (rows, *self._columns):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(theme.SPACE)
        rows.setSizes([1000, 1000])
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE)
        column.addWidget(rows)

    def _show_those_that_apply(self) -> None:
        history = self._runs[0].history if self._runs else self._preview
        if history is None:
            return
        kinds = (
            history.config,
            tuple(history.curves),
            tuple(history.histograms),
            self._expanded,
        )
        if kinds == self._kinds:
            return
        self._kinds = kinds
        for cell in self.cells.values():
            applies = cell.show_those_that_apply(history)
            cell.setVisible(applies and self._expanded in (None, cell))
        for row in self._columns:
            cells = [cell for cell in self.cells.values() if cell.parent() is row]
            row.setVisible(any(not cell.isHidden() for cell in cells))

    def _show_look(self, plot: Plot) -> None:
        if isinstance(plot, TaskPlot):
            applies = bool(self._runs) and plot.applies(self._runs[0].history)
            plot.show_task(self._look if applies else None)

    def _on_cell_plot_made(self, plot: Plot) -> None:
        self.plots.append(plot)
        plot.saved.connect(self.saved)
        plot.failed.connect(self.failed)
        plot.task_wanted.connect(self._on_plot_task_wanted)
        if self._preview is not None:
            plot.preview(self._preview)
        plot.take_runs(self._runs)
        self._show_look(plot)

    def _on_timer_timeout(self) -> None:
        if self.window().isMinimized():
            return
        self._show_those_that_apply()
        self._began = time.thread_time()
        self._turn = next(self._turns)
        self._turn.refresh()
        self._turns_left -= 1
        if self._turns_left:
            self._painted.start(0)

    def _on_painted_timeout(self) -> None:
        if self._prompt_turns:
            self._prompt_turns -= 1
            self._timer.start(0)
            return
        used = 1000 * (time.thread_time() - self._began)
        # What takes long once, as all does for the first time, is not to be waited for.
        usual = min(used, self._used.get(self._turn, 0.0))
        self._used[self._turn] = used
        self._timer.start(max(SLOT_MS, round(usual / SHARE)))

    def _on_plot_task_wanted(self) -> None:
        number = getattr(self.sender(), "number", None)
        if number is not None:
            self.task_wanted.emit(number)

    def _on_cell_expand_toggled(self) -> None:
        cell = self.sender()
        self._expanded = cell if self._expanded is None else None  # type: ignore[assignment]
        for each in self.cells.values():
            each.set_expanded(each is self._expanded)
        self._show_those_that_apply()


def _kind(key: str) -> type[Plot]:
    return next(kind for kind in plots() if kind.key == key)


class _Stack(QStackedWidget):
    """As wide as the page in front, not as the widest."""

    @override
    def sizeHint(self) -> QSize:
        front = self.currentWidget()
        return QSize() if front is None else front.sizeHint()

    @override
    def minimumSizeHint(self) -> QSize:
        front = self.currentWidget()
        return QSize() if front is None else front.minimumSizeHint()
