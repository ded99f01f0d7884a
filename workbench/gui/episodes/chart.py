"""What the small charts beside an episode have in common."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from workbench.gui.graphs.axes import Axis, set_axis_font
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, pen

_HANGS_OUT = 5


class Chart(pg.PlotWidget):  # type: ignore[misc]
    """A plot that follows the theme and keeps everything in view."""

    def __init__(self, name: str, x: str, y: str) -> None:
        axes = {side: Axis(side) for side in ("left", "bottom")}
        super().__init__(enableMenu=False, axisItems=axes)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.showGrid(x=True, y=True, alpha=0.12)
        for side, text in (("bottom", x), ("left", y)):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4)
            axis.setLabel(text)
        self.fit_letters()
        # It also lets the name hang out of the axis, by as much as this.
        self.getPlotItem().layout.setContentsMargins(1, 1, 1, _HANGS_OUT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        theme.changes().changed.connect(self.fit_letters)
        theme.changes().changed.connect(self.paint_colours)

    def fit_letters(self) -> None:
        """Write at the axes as large as elsewhere, and give that its room."""
        for side in ("bottom", "left"):
            set_axis_font(self.getAxis(side), self.font())
        self.getAxis("left").setWidth(theme.enlarged(46))
        # pyqtgraph would leave four fifths of the height of the axis' name.
        line = QFontMetrics(self.getAxis("bottom").label.font()).height()
        self.getAxis("bottom").setHeight(round(2.5 * line) + 4)

    def paint_colours(self) -> None:
        """Take the theme's colours."""
        shown = colours()
        self.setBackground(shown.background)
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pen(shown.faint(shown.quiet, 0.6)))
            axis.setTextPen(pen(shown.quiet))
