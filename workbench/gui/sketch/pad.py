"""A sheet of paper for one character: drawn on with a pen, a finger or a mouse."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QEventPoint,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.drawing.strokes import SIZE
from workbench.core.sketch.session import EMPTY, Drawing, PenStroke
from workbench.gui.look import theme
from workbench.gui.sketch.ink_painter import paint_drawing, paint_stroke
from workbench.gui.sketch.pen_trace import MOUSE_PRESSURE, PenTrace

_REACH = 5.0
_OPENED = (".json", ".toml")
"""Files that the window opens, on whatever they are dropped."""
_ABOUT = (
    "Draw here with a pen, a finger or the mouse. The right button rubs out a stroke, "
    "Delete empties the paper, and a picture can be dropped on it."
)
_TOUCHES = (
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TouchEnd,
    QEvent.Type.TouchCancel,
)


class Pad(QWidget):
    """Shows a drawing, and says what the pen does to it; it changes nothing itself.

    Signals:
        stroke_finished(PenStroke): the pen was lifted.
        stroke_grew(): the stroke being drawn has another point.
        erase_requested(int): the stroke with this index was rubbed out.
        clear_requested(): Delete was pressed.
        picture_offered(QMimeData): a picture was dropped or pasted.
    """

    stroke_finished = Signal(object)
    stroke_grew = Signal()
    erase_requested = Signal(int)
    clear_requested = Signal()
    picture_offered = Signal(object)

    def __init__(self, hint: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing: Drawing = EMPTY
        self.erases = False
        self.mark: QColor | None = None
        self._hint = hint
        self.setAccessibleDescription(_ABOUT)
        self.setWhatsThis(_ABOUT)
        self._side = side
        self._trace: PenTrace | None = None
        self._rubbing = False
        self._finger = -1
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme.changes().changed.connect(self.update)

    def show_drawing(self, drawing: Drawing) -> None:
        """Show a drawing."""
        if drawing is not self.drawing:
            self.drawing = drawing
            self.update()

    def set_mark(self, colour: QColor | None) -> None:
        """Frame the paper in a colour, as the answer; None for no mark."""
        if colour != self.mark:
            self.mark = colour
            self.update()

    def live_drawing(self) -> Drawing:
        """Return the drawing with the stroke being drawn."""
        if self._trace is None or self._trace.is_empty:
            return self.drawing
        return self.drawing.with_stroke(self._trace.stroke())

    @property
    def is_drawing(self) -> bool:
        """Whether the pen is down."""
        return self._trace is not None

    def paper(self) -> QRectF:
        """Return where the paper is: the largest square in the middle."""
        side = min(self.width(), self.height()) - 2
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(64, 64)

    # Pen, finger, mouse.

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._down(event.position(), MOUSE_PRESSURE, event.timestamp())
        elif event.button() == Qt.MouseButton.RightButton:
            self._rub(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move(event.position(), MOUSE_PRESSURE, event.timestamp())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._up(event.position(), MOUSE_PRESSURE, event.timestamp())

    @override
    def tabletEvent(self, event: QTabletEvent) -> None:
        at, pressure, time = event.position(), event.pressure(), event.timestamp()
        if event.type() == QEvent.Type.TabletPress:
            if event.pointerType() == QPointingDevice.PointerType.Eraser:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self._rub(at)
            else:
                self._down(at, pressure, time)
        elif event.type() == QEvent.Type.TabletRelease:
            # The pressure at release is the pen's as it leaves, which is none.
            self._up(at, self._last_pressure, time)
        else:
            self._move(at, pressure, time)
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() in _TOUCHES and isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        if event.type() == QEvent.Type.TouchCancel:
            self._trace, self._finger = None, -1
            self.update()
            return
        for point in event.points():
            state, at, time = point.state(), point.position(), event.timestamp()
            if state == QEventPoint.State.Pressed and self._finger < 0:
                self._finger = point.id()
                self._down(at, MOUSE_PRESSURE, time)
            elif point.id() == self._finger:
                if state == QEventPoint.State.Released:
                    self._finger = -1
                    self._up(at, MOUSE_PRESSURE, time)
                else:
                    self._move(at, MOUSE_PRESSURE, time)

    def _down(self, at: QPointF, pressure: float, timestamp: float) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.erases:
            self._rub(at)
            return
        self._trace = PenTrace(timestamp)
        self._move(at, pressure, timestamp)

    def _move(self, at: QPointF, pressure: float, timestamp: float) -> None:
        if self._rubbing:
            self._rub(at)
        elif self._trace is not None:
            self._last_pressure = pressure
            if self._trace.add(self._on_paper(at), pressure, timestamp):
                self.update()
                self.stroke_grew.emit()

    def _up(self, at: QPointF, pressure: float, timestamp: float) -> None:
        self._rubbing = False
        if self._trace is not None:
            self._trace.add(self._on_paper(at), pressure, timestamp)
            stroke = self._trace.stroke()
            self._trace = None
            self.update()
            self.stroke_finished.emit(stroke)

    def _rub(self, at: QPointF) -> None:
        self._rubbing = True
        index = _nearest(self.drawing, self._on_paper(at))
        if index is not None:
            self.erase_requested.emit(index)

    def _on_paper(self, at: QPointF) -> QPointF:
        paper = self.paper()
        return (at - paper.topLeft()) * (SIZE / max(paper.width(), 1.0))

    # Keyboard, drops.

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_requested.emit()
        else:
            super().keyPressEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if offers_picture(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        if offers_picture(event.mimeData()):
            event.acceptProposedAction()
            self.picture_offered.emit(event.mimeData())

    # Painting.

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown, paper = theme.colours(), self.paper()
        frame = QColor(shown.accent if self.hasFocus() else shown.line)
        pen = QPen(self.mark or frame, 2.5 if self.mark else 1.25)
        painter.setPen(pen)
        painter.setBrush(QColor(shown.surface))
        painter.drawRoundedRect(paper.adjusted(1, 1, -1, -1), 6, 6)
        if self.mark and self.hasFocus():  # its frame says something else already
            painter.setPen(QPen(QColor(shown.muted), 1.25, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(paper.adjusted(4, 4, -4, -4), 4, 4)
        ink = QColor(shown.text)
        painter.save()
        painter.setClipRect(paper)
        paint_drawing(painter, self.drawing, paper, ink)
        if self._trace is not None and not self._trace.is_empty:
            paint_stroke(painter, self._trace.stroke(), paper, ink)
        painter.restore()
        if self.drawing.is_empty and self._trace is None:
            painter.setPen(QColor(shown.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(paper.adjusted(8, 8, -8, -8), flags, self._hint)
        painter.end()

    _last_pressure = MOUSE_PRESSURE


def offers_picture(mime: QMimeData) -> bool:
    """Return whether there is a picture, or a local file that may be one."""
    files = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return mime.hasImage() or any(
        not (file.is_dir() or file.suffix.lower() in _OPENED) for file in files
    )


def _nearest(drawing: Drawing, at: QPointF) -> int | None:
    """Return the index of the stroke within reach that was drawn last."""
    for index in reversed(range(len(drawing.strokes))):
        if _distance(drawing.strokes[index], at) <= _REACH:
            return index
    return None


def _distance(stroke: PenStroke, at: QPointF) -> float:
    points = list(zip(stroke.x, stroke.y, strict=True))
    if len(points) == 1:
        return math.hypot(points[0][0] - at.x(), points[0][1] - at.y())
    return min(
        _to_segment(start, end, (at.x(), at.y()))
        for start, end in itertools.pairwise(points)
    )


def _to_segment(
    start: tuple[float, float], end: tuple[float, float], at: tuple[float, float]
) -> float:
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy or 1.0
    along = min(max(((at[0] - x0) * dx + (at[1] - y0) * dy) / length, 0.0), 1.0)
    return math.hypot(at[0] - x0 - along * dx, at[1] - y0 - along * dy)
