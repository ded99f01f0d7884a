"""A map of tasks that are but numbers: on a line, or their first two in the plane."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from typing_extensions import override

from workbench.core.acting.planar import PlanarSettings
from workbench.core.acting.running import RunningSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.base import figures
from workbench.core.base.phrases import counted
from workbench.core.episodes.shown_episode import Floats, Goals, ShownEpisode
from workbench.gui.episodes.chart import Chart
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.rule import Rule
from workbench.gui.look.colours import colours, pen

_AXES = ("bottom", "left")
_PADDING = 0.12
_TITLE, _MARGIN = 9, 40


class TaskMap(Chart):
    """Shows a task among the others drawn with it, where nothing else is known of it.

    Tasks to go to a place or to run have maps of their own.
    """

    def __init__(self) -> None:
        super().__init__("Map of tasks", "", "")
        self.setObjectName("episode.task_map")
        self._task: ActingSettings | None = None
        self.goals: Goals | None = None
        self.rule = Rule(0, angle=90)
        self.others = Line(pen=None, symbol="o", symbolSize=7)
        self.own = Line(pen=None, symbol="star", symbolSize=18)
        self.addItem(self.rule)
        for depth, item in enumerate((self.others, self.own), 1):
            item.setZValue(depth)
            self.addItem(item)
        self.paint_colours()

    def show_episode(self, shown: ShownEpisode) -> bool:
        """Show the task of an episode among others; return whether it is for this."""
        task = shown.config.task
        is_known = isinstance(task, (PlanarSettings, RunningSettings))
        is_shown = isinstance(task, ActingSettings) and not is_known
        self._task = task if is_shown else None  # type: ignore[assignment]
        self.goals = shown.goals if is_shown else None
        if self.goals is not None:
            self._place()
        self._say()
        return self.goals is not None

    def words(self) -> str:
        """Return what is shown."""
        if self.goals is None:
            return ""
        own = self.goals.goals[self.goals.which]
        names = self._names()
        told = ", ".join(
            f"{name} {figures.number(value).replace('-', figures.MINUS)}"
            for name, value in zip(names, own.tolist(), strict=False)
        )
        unseen = len(own) - len(names)
        more = f" and {counted(unseen, 'other number')}" if unseen else ""
        others = counted(len(self.goals.goals) - 1, "other")
        return f"Task: {told}{more}, among {others}"

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = colours()
        self.rule.setPen(pen(shown.support, Qt.PenStyle.DashLine))
        for item, colour in ((self.others, shown.quiet), (self.own, shown.support)):
            item.setSymbolBrush(colour)
            item.setSymbolPen(pen(shown.background))
        self._say()

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        if event is not None:  # not while it is being made
            self._say()  # before it, for words that are wide leave nothing smaller
        super().resizeEvent(event)

    def _say(self) -> None:
        """Say what is shown: above it as far as there is room, or it would widen."""
        words, font = self.words(), QFont(self.font())
        font.setPointSize(_TITLE)
        room = max(self.width() - self.getAxis("left").width() - _MARGIN, 0.0)
        metrics = QFontMetrics(font, self)
        seen = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room))
        self.setTitle(html.escape(seen), color=colours().text, size=f"{_TITLE}pt")
        self.setAccessibleDescription(words)
        self.setToolTip(words)

    def _names(self) -> list[str]:
        """Return what the axes are called: one of a line, two of a plane."""
        if self.goals is None or self._task is None:
            return []
        numbers = self.goals.goals.shape[1]
        return [self._task.number_name(at) for at in range(min(numbers, len(_AXES)))]

    def _place(self) -> None:
        assert self.goals is not None
        places = self.goals.goals[:, : len(_AXES)].astype(float)
        names = self._names()
        is_plane = len(names) == len(_AXES)
        if not is_plane:
            places = np.column_stack([places[:, 0], np.zeros(len(places))])
        own = places[self.goals.which]
        self.others.setData(places[:, 0], places[:, 1])
        self.own.setData(own[:1], own[1:])
        self.rule.setVisible(not is_plane)
        self.rule.setValue(float(own[0]))
        for side, name in zip(_AXES, [*names, ""], strict=False):
            self.getAxis(side).setLabel(html.escape(name))
        self.getAxis("left").setTicks(None if is_plane else [[]])
        self.setXRange(*_range(places[:, 0]), padding=_PADDING)
        self.setYRange(*_range(places[:, 1]), padding=_PADDING)


def _range(values: Floats) -> tuple[float, float]:
    """Return what is to be seen of an axis, however near to each other tasks are."""
    seen = values[np.isfinite(values)]
    if not len(seen):
        return -1.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    if high > low:
        return low, high
    room = abs(low) / 2 or 1.0
    return low - room, high + room
