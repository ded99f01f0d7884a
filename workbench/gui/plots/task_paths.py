"""This task, now: paths in the plane, on their way to a goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.base import figures
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.inner_steps import InnerSteps
from workbench.gui.graphs.legend import Entry
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look.colours import PlotColours, pen
from workbench.gui.look.reward_field import paint_field
from workbench.gui.plots.task_look import PathLook
from workbench.gui.plots.task_plot import TaskPlot

if TYPE_CHECKING:
    from workbench.core.episodes.walks import Walk

_MARGIN = 0.06
_FAR = 3.0
"""No path farther out than this stretches the view."""


class RewardField(pg.GraphicsObject):  # type: ignore[misc]
    """The reward behind the paths, as far as there is a view."""

    def __init__(self) -> None:
        super().__init__()
        self._goal = QPointF()
        self._colours: PlotColours | None = None

    def show_goal(self, goal: QPointF, colours: PlotColours) -> None:
        """Be strongest at a goal."""
        self._goal, self._colours = goal, colours
        self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self.viewRect() or QRectF()

    @override
    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        super().viewTransformChanged()

    @override
    def paint(self, painter: QPainter, *how: Any) -> None:
        if self._colours is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_field(painter, self.boundingRect(), self._goal, self._colours)


class TaskPaths(TaskPlot[PathLook], Graph):
    """Trajectories in the plane before and after each update, faint; the mean bold."""

    key = "task_paths"
    help = (
        "One validation task with the meta-parameters of now: trajectories in the "
        "plane before adaptation and after each inner step, over the reward, which is "
        "the stronger the nearer the goal."
    )
    empty = "Press Start to train: paths to a goal are drawn here, update by update."
    waiting = "Nothing yet: paths to a goal will be drawn here, update by update."
    x_axis = "x"
    y_axis = "y"
    can_log = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box.setAspectLocked(True)
        self.field = RewardField()
        self._add(self.field, -20)
        self.wall = self._add(Line(antialias=True, connect="pairs"), 1)
        self.each = self._add(Line(antialias=True, connect="finite"), 2)
        self.before = self._add(Line(antialias=True), 3)
        self.now = self._add(Line(antialias=True), 4)
        self.ends = self._add(Line(pen=None, symbol="o", symbolSize=5), 5)
        self.start = self._add(Line(pen=None, symbol="s", symbolSize=8), 6)
        self.goal = self._add(Line(pen=None, symbol="star", symbolSize=17), 7)
        self.steps = InnerSteps(self)
        self.steps.moved.connect(self.redraw)
        self.body.addWidget(self.steps)
        self.paint_colours()

    @override
    def make_axes(self) -> dict[str, pg.AxisItem]:
        return {}

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return isinstance(history.config.task, PlanarSettings)

    @override
    def make_controls(self) -> None:
        self.add_another()
        super().make_controls()

    @override
    def begin_task(self) -> None:
        self.reset_view()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        if not hasattr(self, "steps"):
            return
        shown = self.colours
        self.wall.setPen(pen(shown.text, width=4))
        self.each.setPen(pen(shown.faint(shown.query, 0.3)))
        self.before.setPen(pen(shown.quiet, Qt.PenStyle.DotLine, 2))
        self.now.setPen(pen(shown.query, width=3))
        for item, colour in (
            (self.ends, shown.query),
            (self.start, shown.text),
            (self.goal, shown.support),
        ):
            item.setSymbolBrush(colour)
            item.setSymbolPen(pen(shown.background))

    @override
    def draw(self) -> None:
        look = self.look
        for item in self._items:
            item.setVisible(look is not None)
        if look is None:
            return
        walks, walk = look.walks, self._walk()
        self.field.show_goal(QPointF(*walks.goal), self.colours)
        self.wall.setData(*_columns(np.reshape(look.walls, (-1, 2))))
        self.each.setData(*_columns(_joined(walk.paths)))
        self.ends.setData(*_columns(walk.paths[:, -1]))
        self.before.setData(*_columns(walks.updates[0].mean_path))
        self.now.setData(*_columns(walk.mean_path))
        self.start.setData(*_columns(np.array([walks.start])))
        self.goal.setData(*_columns(np.array([walks.goal])))
        told = figures.told_return(walk.mean_return)
        self.steps.write(f"return {told}, distance {walk.distance:.2f}")

    @override
    def extent(self) -> Extent | None:
        look = self.look
        if look is None:
            return None
        paths = [walk.paths.reshape(-1, 2) for walk in look.walks.updates]
        half = look.half
        corners = np.array([[-half, -half], [half, half], look.walks.goal])
        every = np.clip(np.concatenate([*paths, corners]), -_FAR, _FAR)
        (left, bottom), (right, top) = every.min(0), every.max(0)
        margin = _MARGIN * (right - left)
        return Extent(left - margin, right + margin, bottom, top)

    @override
    def legend_entries(self) -> Iterator[Entry]:
        yield Entry(self.goal, "goal")
        yield Entry(self.before, "before")
        yield Entry(self.now, "mean path")
        yield Entry(self.each, "trajectories", (self.ends,))

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        look = self.look
        if look is None:
            return []
        away = float(np.hypot(x - look.walks.goal[0], y - look.walks.goal[1]))
        walk, shown = self._walk(), self.colours
        met, of = int(walk.arrived.sum()), len(walk.arrived)
        return [
            ReadoutLine("x, y", f"{x:.2f}, {y:.2f}"),
            ReadoutLine("reward", figures.number(-away), shown.support),
            ReadoutLine("return", figures.told_return(walk.mean_return), shown.query),
            ReadoutLine("at the goal", f"{met} of {of}", shown.query),
        ]

    @override
    def table(self) -> Table:
        names = ("inner step", "trajectory", "time", "x", "y")
        if self.look is None:
            return Table(names, ())
        rows = (
            (step, number, time, float(x), float(y))
            for step, walk in enumerate(self.look.walks.updates)
            for number, path in enumerate(walk.paths)
            for time, (x, y) in enumerate(path[: int(walk.lengths[number]) + 1])
        )
        return Table(names, rows)

    def _walk(self) -> Walk:
        assert self.look is not None
        walks = self.look.walks
        return walks.updates[min(self.steps.step, walks.steps)]

    @property
    def _items(self) -> tuple[pg.GraphicsObject, ...]:
        lines = self.wall, self.each, self.before, self.now
        return self.field, *lines, self.ends, self.start, self.goal

    def _add(self, item: Any, depth: float) -> Any:
        item.setZValue(depth)
        self.item.addItem(item, ignoreBounds=True)
        return item


def _columns(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return places[:, 0], places[:, 1]


def _joined(paths: np.ndarray) -> np.ndarray:
    """Return paths one after the other, with a gap between two."""
    gaps = np.full((len(paths), 1, 2), np.nan)
    joined: np.ndarray = np.concatenate([paths, gaps], 1).reshape(-1, 2)
    return joined
