"""A crosshair over a graph, with the values under it."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from typing_extensions import override

from workbench.gui.graphs.rule import Rule
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, pen

_MARGIN = 6


class ReadoutLine(NamedTuple):
    """One line of the readout: a curve's name, its value, and its colour."""

    name: str
    text: str
    colour: QColor | None = None


class Crosshair(QObject):
    """Two lines that follow the mouse, and a readout in the corner away from it."""

    def __init__(
        self, view: pg.PlotWidget, read: Callable[[float, float], list[ReadoutLine]]
    ) -> None:
        super().__init__(view)
        self._view = view
        self._read = read
        self._lines = tuple(Rule(angle=angle, movable=False) for angle in (90, 0))
        for line in self._lines:
            line.setZValue(50)
            line.hide()
            view.addItem(line, ignoreBounds=True)
        self.readout = QLabel(view)
        self.readout.setFont(theme.tabular(self.readout.font()))
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setMargin(4)
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.hide()
        view.scene().sigMouseMoved.connect(self._on_mouse_moved)
        view.viewport().installEventFilter(self)

    def paint_colours(self, shown: PlotColours) -> None:
        """Draw in these colours."""
        for line in self._lines:
            line.setPen(pen(shown.quiet, Qt.PenStyle.DotLine))
        self.readout.setStyleSheet(
            f"background: {shown.background.name()}; color: {shown.text.name()};"
            f"border: 1px solid {shown.faint(shown.quiet).name()};"
        )

    def show_at(self, position: QPointF) -> None:
        """Show the crosshair at a place in the scene; hide it outside the axes."""
        box = self._view.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        point = box.mapSceneToView(position) if inside else None
        values = self._read(point.x(), point.y()) if point is not None else []
        for line in self._lines:
            line.setVisible(bool(values))
        self.readout.setVisible(bool(values))
        if point is not None and values:
            self._lines[0].setPos(point.x())
            self._lines[1].setPos(point.y())
            self._write(values, position)

    def hide(self) -> None:
        """Hide lines and readout."""
        self.readout.hide()
        for line in self._lines:
            line.hide()

    def _write(self, values: list[ReadoutLine], position: QPointF) -> None:
        rows = "".join(
            f"<tr><td style='color:{value.colour.name() if value.colour else ''}'>"
            f"{html.escape(value.name)}&nbsp;&nbsp;</td>"
            f"<td align='right'>{html.escape(value.text)}</td></tr>"
            for value in values
        )
        self.readout.setText(f"<table cellspacing=0>{rows}</table>")
        self.readout.adjustSize()
        area = self._view.getViewBox().sceneBoundingRect()
        on_right = position.x() > area.center().x()
        right = area.right() - self.readout.width() - _MARGIN
        x = area.left() + _MARGIN if on_right else right
        self.readout.move(int(x), int(area.top()) + _MARGIN)

    def _on_mouse_moved(self, position: QPointF) -> None:
        self.show_at(position)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hide()
        return False
