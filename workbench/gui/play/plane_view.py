"""The plane: click where the goal shall be, or drag it, and watch the walks."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from workbench.core.acting.planar import Place
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.play.scene import Scene, paint_scene, to_pixels

_STEP, _FINE_STEP = 0.05, 0.01
_NEAREST, _FARTHEST, _ZOOM = 0.4, 3.0, 1.15
_GRIP = 12.0
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}


class PlaneView(QWidget):
    """Shows a run's walks to a goal, and lets a person put the goal elsewhere.

    Signals:
        goal_moved(tuple): where the goal is now, perhaps not for long.
        start_moved(tuple): the same of the start, where tasks differ in it.
        released(): goal or start were let go, or the key that moved them.
        reach_changed(float): the person looks from farther away, or nearer.
        play_asked(): the space bar was pressed.
    """

    goal_moved = Signal(object)
    start_moved = Signal(object)
    released = Signal()
    reach_changed = Signal(float)
    play_asked = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self._number = number
        self._moves_start = False
        self.setObjectName(f"play.plane_{number + 1}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        # No tooltip: it would cover what is looked at.
        self.setWhatsThis(
            "Click where the goal shall be, or drag it; the arrow keys move it, with "
            "Shift finely. The wheel looks from nearer or farther away."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes().changed.connect(self.update)

    def show_scene(self, scene: Scene, spoken: str) -> None:
        """Show a scene; ``spoken`` says the same in words."""
        self.scene = scene
        self.setAccessibleDescription(spoken)
        self.update()

    def place_at(self, position: QPointF) -> Place:
        """Return what place is seen at a position, with two digits."""
        back, _ = to_pixels(self._area(), self.scene.reach).inverted()
        place = back.map(position)
        return round(place.x(), 2), round(place.y(), 2)

    def position_of(self, place: Place) -> QPointF:
        """Return where a place is seen."""
        return to_pixels(self._area(), self.scene.reach).map(QPointF(*place))

    @override
    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 160)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._moves_start = self._is_on_start(event.position())
            self._drag(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._moves_start = False
            self.released.emit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned:
            self._zoom(1 / _ZOOM if turned > 0 else _ZOOM)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = _FINE_STEP if is_fine else _STEP
            (x, y), (right, up) = self.scene.goal, _ARROWS[key]
            goal = round(x + right * step, 2), round(y + up * step, 2)
            self.goal_moved.emit(self._within(goal))
        elif key == Qt.Key.Key_Space:
            self.play_asked.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_Minus:
            self._zoom(_ZOOM)
        else:
            super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in _ARROWS and not event.isAutoRepeat():
            self.released.emit()

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
        painter = QPainter(self)
        shown = colours()
        colour = shown.run(self._number)
        paint_scene(painter, self._area(), self.scene, shown, colour)
        is_in_hand = self.hasFocus()
        line = shown.accent if is_in_hand else shown.faint(shown.quiet)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(line, 2 if is_in_hand else 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _area(self) -> QRectF:
        return QRectF(self.rect())

    def _is_on_start(self, position: QPointF) -> bool:
        task = self.scene.task
        if task is None or not task.has_start:
            return False
        away = position - self.position_of(self.scene.start)
        return away.manhattanLength() < _GRIP

    def _drag(self, position: QPointF) -> None:
        moved = self.start_moved if self._moves_start else self.goal_moved
        moved.emit(self._within(self.place_at(position)))

    def _within(self, place: Place) -> Place:
        """Return a place, or the nearest that is in view."""
        low = self.place_at(self._area().bottomLeft())
        high = self.place_at(self._area().topRight())
        x, y = (
            min(max(at, least), most)
            for at, least, most in zip(place, low, high, strict=True)
        )
        return x, y

    def _zoom(self, factor: float) -> None:
        reach = min(max(self.scene.reach * factor, _NEAREST), _FARTHEST)
        self.reach_changed.emit(reach)
