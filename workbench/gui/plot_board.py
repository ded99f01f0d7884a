"""The four quarters of the Training tab, each with its plots as tabs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
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

from workbench.gui import theme
from workbench.gui.plots.plot import Place, Plot, plots
from workbench.gui.series import RunHistory, ShownRun

FRAME_MS = 66
_HEADER = 30


class PlotCell(QWidget):
    """Several plots in one place: a tab each, and the controls of the one in front.

    Signals:
        expand_toggled(): this place is to have all the space, or to give it back.
        front_changed(): another plot is in front.
    """

    expand_toggled = Signal()
    front_changed = Signal()

    def __init__(
        self, name: str, held: list[Plot], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"plot_board.{name}")
        self.plots = held
        self._tabs = QTabBar(self)
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setDocumentMode(True)
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
        for plot in held:
            index = self._tabs.addTab(plot.tab or plot.title)
            self._tabs.setTabToolTip(index, plot.help)
            self._controls.addWidget(plot.controls)
            self._bodies.addWidget(plot)
        self._is_chosen = False
        self._tabs.tabBarClicked.connect(self._on_tabs_clicked)
        self._tabs.currentChanged.connect(self._on_tabs_current_changed)
        self._tabs.tabBarDoubleClicked.connect(self._on_tabs_double_clicked)
        self._lay_out()
        self.set_expanded(False)
        theme.changes().changed.connect(self._show_icon)

    @property
    def front(self) -> Plot:
        """The plot in front."""
        return self.plots[self._tabs.currentIndex()]

    def bring_to_front(self, plot: Plot) -> None:
        """Show this plot, and stay with it."""
        self._is_chosen = True
        self._tabs.setCurrentIndex(self.plots.index(plot))

    def show_those_that_apply(self, history: RunHistory) -> bool:
        """Hide the tabs of plots that have nothing to say; return whether one has."""
        applies = [plot.applies(history) for plot in self.plots]
        for index, shown in enumerate(applies):
            self._tabs.setTabVisible(index, shown)
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

    def _on_tabs_current_changed(self, index: int) -> None:
        self._controls.setCurrentIndex(index)
        self._bodies.setCurrentIndex(index)
        self.front_changed.emit()

    def _on_tabs_clicked(self, _index: int) -> None:
        self._is_chosen = True

    def _on_tabs_double_clicked(self, _index: int) -> None:
        self.expand_toggled.emit()


class PlotBoard(QWidget):
    """All plots. One timer draws what is new, where it is visible, when there is some.

    Signals:
        task_wanted(int): the person asked for another single task.
        failed(str): something the person asked a plot for could not be done.
        front_changed(): other plots are in front.
    """

    task_wanted = Signal(int)
    failed = Signal(str)
    front_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots = [plot() for plot in plots()]
        self.cells = {
            place: PlotCell(
                place.name.lower(), [p for p in self.plots if p.place is place], self
            )
            for place in Place
        }
        self._runs: tuple[ShownRun, ...] = ()
        self._preview: RunHistory | None = None
        self._kinds: object = None
        self._expanded: PlotCell | None = None
        self._columns: list[QSplitter] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw_now)
        self._lay_out()
        for plot in self.plots:
            plot.failed.connect(self.failed)
            plot.task_wanted.connect(self._on_plot_task_wanted)
        for cell in self.cells.values():
            cell.expand_toggled.connect(self._on_cell_expand_toggled)
            cell.front_changed.connect(self.front_changed)

    def plot(self, key: str) -> Plot:
        """Return the plot with this key."""
        return next(plot for plot in self.plots if plot.key == key)

    def show_plot(self, key: str) -> None:
        """Bring a plot to the front of its place."""
        plot = self.plot(key)
        self.cells[plot.place].bring_to_front(plot)

    def preview(self, history: RunHistory) -> None:
        """While no run is shown, show the places of this one's plots."""
        self._preview = history
        self._show_those_that_apply()

    def show_runs(self, runs: tuple[ShownRun, ...]) -> None:
        """Show these runs from now on."""
        self._runs = runs
        for plot in self.plots:
            plot.show_runs(runs)
        self._show_those_that_apply()

    def show_task(self, look: object) -> None:
        """Show a look at a task where it can be shown."""
        for plot in self.plots:
            if hasattr(plot, "show_task"):
                applies = bool(self._runs) and plot.applies(self._runs[0].history)
                plot.show_task(look if applies else None)

    def update_soon(self) -> None:
        """Draw what is new in the next frame."""
        if not self._timer.isActive():
            self._timer.start()

    def draw_now(self) -> None:
        """Draw what is new, where it is visible."""
        if self.window().isMinimized():
            return
        self._show_those_that_apply()
        for plot in self.plots:
            plot.refresh()

    def redraw(self) -> None:
        """Draw everything that is visible anew, to the last step."""
        self._show_those_that_apply()
        for plot in self.plots:
            plot.redraw()

    @property
    def watches_task(self) -> bool:
        """Whether a plot of a single task is in view."""
        return any(
            plot.isVisible() and hasattr(plot, "show_task") for plot in self.plots
        )

    def _lay_out(self) -> None:
        rows = QSplitter(Qt.Orientation.Vertical, self)
        rows.setObjectName("plot_board.rows")
        for pair in (
            (Place.TOP_LEFT, Place.TOP_RIGHT),
            (Place.BOTTOM_LEFT, Place.BOTTOM_RIGHT),
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
        self.draw_now()


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
