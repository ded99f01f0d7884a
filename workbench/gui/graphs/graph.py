"""A plot with two axes: zoom and pan, Follow, Reset view, linear or log, a legend."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QComboBox, QGraphicsItem, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.gui.graphs.axes import (
    Axis,
    LeftAxis,
    WholeAxis,
    fit_label,
    set_axis_font,
)
from workbench.gui.graphs.crosshair import Crosshair, ReadoutLine
from workbench.gui.graphs.follower import Extent, Follower, in_view
from workbench.gui.graphs.legend import Entry, Legend
from workbench.gui.graphs.plot import Plot
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look import theme
from workbench.gui.look.colours import pen

_LEFT, _BOTTOM = 56, 32
_MOVES = "The wheel zooms, dragging moves, and Home shows everything again."
_LOG_TIP = "Logarithmic y axis"
_MEASURE_TIP = "What is drawn: runs that have it not are left out"


class Graph(Plot):
    """A plot drawn with pyqtgraph.

    While Follow is on, the view keeps up with the data: all of it, or as wide a window
    as the person had zoomed to. Moving the view by hand turns Follow off.
    """

    x_axis: ClassVar[str] = "meta-step"
    y_axis: ClassVar[str] = ""
    can_log: ClassVar[bool] = True
    starts_log: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[ShownRun, ...] = ()
        self.canvas = QWidget(self)
        self.canvas.setAutoFillBackground(True)
        self.canvas.setBackgroundRole(QPalette.ColorRole.Base)
        self.canvas.setAccessibleName(self.title)
        self.legend = Legend(_LEFT, self.canvas)
        self.view = pg.PlotWidget(
            self.canvas,
            axisItems={"left": LeftAxis("left"), "bottom": Axis("bottom")}
            | self.make_axes(),
            enableMenu=False,
        )
        self.view.setObjectName(f"plot.{self.key}.view")
        self.view.setAccessibleName(self.title)
        self.view.setAccessibleDescription(self.help)
        self.view.setWhatsThis(f"{self.help} {_MOVES}")
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        column = QVBoxLayout(self.canvas)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addWidget(self.legend)
        column.addWidget(self.view, 1)
        self.body.addWidget(self.canvas, 1)
        self.item: pg.PlotItem = self.view.getPlotItem()
        self.box: pg.ViewBox = self.item.getViewBox()
        self.crosshair = Crosshair(self.view, self._values)
        self.following = True
        self.log = False
        self._wants_log = False
        self._follower = Follower(self.box)
        self._prepare_view()
        self.make_controls()
        self.finish_controls()
        if self.starts_log:
            self.log_button.setChecked(True)
        self.paint_colours()

    # What a subclass says.

    def make_controls(self) -> None:
        """Add the subclass's own controls, then call this for those of all graphs."""
        self.measure = QComboBox()
        self.add_control("measure", self.measure, _MEASURE_TIP)
        self.measure.currentIndexChanged.connect(self._on_measure_changed)
        self.measure.hide()
        self.log_button = self.add_button(
            "log", _LOG_TIP, "mdi6.math-log", self.set_log
        )
        self.log_button.setVisible(self.can_log)
        self.follow_button = self.add_button(
            "follow",
            "Follow: keep what is new in view (F)",
            "mdi6.arrow-expand-right",
            self.set_following,
        )
        self.follow_button.setChecked(True)
        reset = self.add_button(
            "reset", "Reset view (Home)", "mdi6.fit-to-screen-outline"
        )
        reset.clicked.connect(self.reset_view)

    def make_axes(self) -> dict[str, pg.AxisItem]:
        """Return the axes that are not plain ones: here meta-steps below."""
        return {"bottom": WholeAxis("bottom")}

    def measures_of(self, history: RunHistory) -> tuple[str, ...]:
        """Return what the y axis can be of a run, the usual first.

        Runs are drawn together that have the measure chosen: others have no place on
        its axis.
        """
        return ("",)

    @property
    def has_logarithm(self) -> bool:
        """Whether what is drawn now is of a kind that has logarithms."""
        return self.can_log

    def extent(self) -> Extent | None:
        """Return what there is to see; None for nothing."""
        return None

    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        """Return what the crosshair's readout says at a place in data units."""
        return []

    # The view.

    @override
    def take_runs(self, runs: tuple[ShownRun, ...]) -> None:
        is_same = bool(
            runs and self._shown and runs[0].history is self._shown[0].history
        )
        if not is_same:
            self.crosshair.hide()  # what it reads is no longer drawn
        chosen = self.measure.currentText() if is_same else ""
        found = (each for run in runs for each in self.measures_of(run.history))
        measures = dict.fromkeys(found)
        with QSignalBlocker(self.measure):
            self.measure.clear()
            self.measure.addItems(list(measures))
            self.measure.setCurrentText(chosen)
        self.measure.setVisible(len(measures) > 1)
        self._shown = runs
        self._take_those_alike()

    @property
    def is_alone(self) -> bool:
        """Whether no run is shown but the one drawn."""
        return len(self._shown) <= 1

    def set_following(self, following: bool) -> None:
        """Keep up with the data from now on, or leave the view where it is."""
        if following and not self.following:
            self._follower.keep_window(self.extent())
        self.following = following
        self.follow_button.setChecked(following)
        self._follow()

    def reset_view(self) -> None:
        """Show everything, and follow."""
        self._follower.forget_window()
        self.following = True
        self.follow_button.setChecked(True)
        self._follow()

    def set_log(self, log: bool) -> None:
        """Draw the y axis logarithmic, or linear.

        This holds for every run shown, but one that has nothing above zero is drawn
        linear, and the button says so.
        """
        self._wants_log = log
        self._settle_log()
        self._follower.forget_window()
        self.redraw()
        if not self.following:
            self.reset_view()

    def in_view(self, value: float) -> float:
        """Return where a y value is in the view's own units."""
        return in_view(value, log=self.log)

    @override
    def exported(self) -> QWidget:
        return self.canvas

    @override
    def refresh(self) -> None:
        before = self._drawn
        super().refresh()
        if before != self._drawn:
            if self._settle_log():
                self.draw()
            self._show_numbers(not self.is_empty())
            self.show_legend()
            self._follow(exactly=before is None)

    @override
    def paint_colours(self) -> None:
        shown = self.colours
        self.view.setBackground(shown.background)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.setPen(pen(shown.faint(shown.quiet, 0.6)))
            axis.setTextPen(pen(shown.quiet))
            fit_label(axis)
        self.legend.update()
        self.crosshair.paint_colours(shown)

    def fit_letters(self) -> None:
        """Write at the axes as large as elsewhere, and give that its room."""
        for axis in self.view.scene().items():
            if isinstance(axis, pg.AxisItem):
                set_axis_font(axis, self.font())
        self.item.getAxis("left").setWidth(theme.enlarged(_LEFT))
        self.item.getAxis("bottom").setHeight(theme.enlarged(_BOTTOM))

    def set_axis(self, side: str, text: str) -> None:
        """Name an axis, with its unit in brackets."""
        axis = self.item.getAxis(side)
        axis.setLabel(text)
        fit_label(axis)

    def legend_entries(self) -> Iterable[Entry]:
        """Yield what the legend says; nothing for no legend."""
        return ()

    def show_legend(self) -> None:
        """Show the legend of what is drawn now."""
        self.legend.show_entries([] if self.is_empty() else list(self.legend_entries()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, (width, height) = event.key(), self._size()
        moves = {
            Qt.Key.Key_Left: (-0.1 * width, 0.0),
            Qt.Key.Key_Right: (0.1 * width, 0.0),
            Qt.Key.Key_Down: (0.0, -0.1 * height),
            Qt.Key.Key_Up: (0.0, 0.1 * height),
        }
        if key in moves:
            self._on_view_moved()
            self.box.translateBy(*moves[Qt.Key(key)])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._on_view_moved()
            factor = 1.25 if key == Qt.Key.Key_Minus else 0.8
            self.box.scaleBy((factor, factor))
        elif key == Qt.Key.Key_Home:
            self.reset_view()
        elif key == Qt.Key.Key_F and not event.modifiers():
            self.set_following(not self.following)
        else:
            super().keyPressEvent(event)

    def _size(self) -> tuple[float, float]:
        area = self.box.viewRect()
        return area.width(), area.height()

    def _prepare_view(self) -> None:
        self.item.hideButtons()
        self.item.showGrid(x=True, y=True, alpha=0.12)
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(self._on_view_moved)
        self.item.setContentsMargins(0, 4, 8, 3)
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickTextOffset=4, tickLength=-4)
            axis.geometryChanged.connect(partial(fit_label, axis))
            # Their numbers and lines take longer to draw than the curves.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.fit_letters()
        self._show_numbers(False)
        self.set_axis("bottom", self.x_axis)
        self.set_axis("left", self.y_axis)

    def _settle_log(self) -> bool:
        """Draw logarithmic if that is wanted and can be; return whether this is new."""
        self.log_button.setVisible(self.has_logarithm)
        wanted = self._wants_log and self.has_logarithm
        extent = self.extent() if wanted else None
        can_be = extent is None or extent.top > 0
        log, before = wanted and can_be, self.log
        self.log = log
        with QSignalBlocker(self.log_button):
            self.log_button.setChecked(log)
        self.log_button.setEnabled(can_be)
        self.log_button.setToolTip(
            _LOG_TIP if can_be else f"{_LOG_TIP}: not now, for nothing is above zero"
        )
        if log != before:
            self.item.setLogMode(x=False, y=log)
        return log != before

    def _show_numbers(self, shown: bool) -> None:
        """Show the axes' numbers, which mean nothing before there is something."""
        for name in ("left", "bottom"):
            axis = self.item.getAxis(name)
            if axis.style["showValues"] is not shown:
                axis.setStyle(showValues=shown)

    def _values(self, x: float, y: float) -> list[ReadoutLine]:
        return self.values_at(x, 10**y if self.log else y)

    def _follow(self, *, exactly: bool = True) -> None:
        """Show what there is, if that is wanted, at least well enough."""
        extent = self.extent() if self.following else None
        if extent is not None:
            self._follower.show(extent, log=self.log, exactly=exactly)

    @override
    def _on_theme_changed(self) -> None:
        self.fit_letters()
        super()._on_theme_changed()

    def _take_those_alike(self) -> None:
        """Draw, of the runs shown, those that have the measure chosen."""
        chosen = self.measure.currentText()
        alike = (run for run in self._shown if chosen in self.measures_of(run.history))
        super().take_runs(tuple(alike))

    def _on_measure_changed(self, _index: int) -> None:
        self._take_those_alike()
        self.refresh()

    def _on_view_moved(self, *_: object) -> None:
        if self.following:
            self.following = False
            self.follow_button.setChecked(False)
