"""The stroke being drawn: points with time and pressure, as they come in."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from workbench.core.drawing.strokes import SIZE
from workbench.core.sketch.session import PenStroke

MOUSE_PRESSURE = 0.5
_NEAREST = 0.15
_BEYOND = 20.0
_MOST_POINTS = 10_000


class PenTrace:
    """Collects where the pen went, in the coordinates of a picture."""

    def __init__(self, timestamp: float) -> None:
        self._start = timestamp
        self._points: list[tuple[float, float, float, float]] = []

    def add(self, at: QPointF, pressure: float, timestamp: float) -> bool:
        """Add a point; return whether it is a new one."""
        x, y = (
            round(min(max(value, -_BEYOND), SIZE + _BEYOND), 2)
            for value in (at.x(), at.y())
        )
        if self._points:
            last = self._points[-1]
            if max(abs(x - last[0]), abs(y - last[1])) < _NEAREST:
                return False
        if len(self._points) >= _MOST_POINTS:
            return False
        time = max(timestamp - self._start, self._points[-1][2] if self._points else 0)
        force = round(min(max(pressure, 0.0), 1.0), 3)
        self._points.append((x, y, round(time, 1), force))
        return True

    @property
    def is_empty(self) -> bool:
        """Whether there is no point yet."""
        return not self._points

    def stroke(self) -> PenStroke:
        """Return what has been drawn so far."""
        x, y, milliseconds, pressure = zip(*self._points, strict=True)
        # Pens report next to no pressure as they touch down: it is no part of the hand.
        if len(pressure) > 1 and pressure[0] == 0:
            pressure = (pressure[1], *pressure[1:])
        return PenStroke(x=x, y=y, milliseconds=milliseconds, pressure=pressure)
