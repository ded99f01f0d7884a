"""A run's lanes, one under the other: before adapting, after one update, and so on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.gui.graphs.track import Lane, paint_lane
from workbench.gui.look import theme
from workbench.gui.look.colours import PlotColours, colours, mix

_CHOSEN, _MARK = 0.1, 3
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class TrackView(QWidget):
    """Shows the gaits of one run at once, each from beside who runs.

    Signals:
        update_chosen(int): the lane after so many updates was clicked.
        play_asked(): the space bar was pressed.
    """

    update_chosen = Signal(int)
    play_asked = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lanes: tuple[Lane, ...] = ()
        self.places, self.words = 1, ""
        self._number = number
        self.setObjectName(f"play.track_{number + 1}")
        self.setAccessibleName("Track")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # No tooltip: it would cover what is looked at.
        self.setWhatsThis(
            "Who runs before adapting, and after each update, all at once. The star "
            "runs at the goal velocity, or shows the way. A click, or an arrow key, "
            "chooses a lane."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_lanes(self, lanes: Sequence[Lane], places: int, words: str) -> None:
        """Show these lanes, with room for so many; ``words`` are in the next one."""
        self.lanes, self.places, self.words = tuple(lanes), places, words
        told = [lane.words for lane in self.lanes] + ([words] if words else [])
        self.setAccessibleDescription(". ".join(told))
        self.update()

    def middle_of(self, update: int) -> QPointF:
        """Return the middle of a lane."""
        return lane_area(QRectF(self.rect()), update, self.places).center()

    @override
    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 160)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y() * self.places / max(1, self.height()))
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(number)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVES:
            chosen = [lane.update for lane in self.lanes if lane.is_chosen]
            self._choose(chosen[0] + _MOVES[key] if chosen else 0)
        elif key == Qt.Key.Key_Space:
            self.play_asked.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown = QPainter(self), colours()
        area, colour = QRectF(self.rect()), shown.run(self._number)
        painter.fillRect(area, shown.background)
        paint_lanes(painter, area, self.lanes, self.places, (shown, colour))
        if self.words:
            painter.setPen(shown.quiet)
            # What is to come is said where it will be.
            place = lane_area(area, min(len(self.lanes), self.places - 1), self.places)
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place.adjusted(8, 8, -8, -8), wrapped, self.words)
        is_in_hand = self.hasFocus()
        line = shown.accent if is_in_hand else shown.faint(shown.quiet)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(line, 2 if is_in_hand else 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _choose(self, update: int) -> None:
        if 0 <= update < len(self.lanes):
            self.update_chosen.emit(update)


def lane_area(area: QRectF, number: int, places: int) -> QRectF:
    """Return where a lane is, of so many one under the other."""
    high = area.height() / max(1, places)
    return QRectF(area.left(), area.top() + number * high, area.width(), high)


def paint_lanes(
    painter: QPainter,
    area: QRectF,
    lanes: Sequence[Lane],
    places: int,
    ink: tuple[PlotColours, QColor],
) -> None:
    """Paint lanes one under the other; the chosen one is marked."""
    shown, colour = ink
    for number, lane in enumerate(lanes):
        place = lane_area(area, number, places)
        is_chosen = lane.is_chosen and len(lanes) > 1
        ground = mix(shown.background, shown.accent, _CHOSEN if is_chosen else 0.0)
        painter.fillRect(place, ground)
        # Rims are of what they are in front of.
        paint_lane(painter, place, lane, shown._replace(background=ground), colour)
        if is_chosen:
            mark = QRectF(place.left(), place.top(), _MARK, place.height())
            painter.fillRect(mark, shown.accent)
        if number:
            painter.setPen(QPen(shown.faint(shown.quiet), 1))
            painter.drawLine(place.topLeft(), place.topRight())
