"""A fading trail behind the mouse, so that a room sees where it is."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.gui.look import theme

_PLACES = 20
_TICK_MS = 16
_WIDTH = 10.0
_OPACITY = 0.45


class CursorTrail(QWidget):
    """Lies over a widget and paints where the mouse was in the last third of a second.

    It looks where the cursor is and takes no events, so that what is beneath has them
    all. While a button is down it does not grow: a stroke or a drag shows its own way.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("cursor_trail")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._host = host
        self._places: deque[QPointF] = deque(maxlen=_PLACES)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.raise_()
        self.show()
        self._timer.start()

    @property
    def length(self) -> float:
        """How long the trail is now, in pixels."""
        steps = (after - before for before, after in pairwise(self._places))
        return sum(step.manhattanLength() for step in steps)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return False

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.colours().accent)
        for age, (before, after) in enumerate(pairwise(self._places), start=1):
            share = age / _PLACES
            colour.setAlphaF(_OPACITY * share)
            pen = QPen(colour, _WIDTH * share)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(before, after)
        painter.end()

    def _on_timer_timeout(self) -> None:
        before = self._reach()
        is_free = QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton
        if is_free:
            self._places.append(QPointF(self.mapFromGlobal(QCursor.pos())))
        elif self._places:
            self._places.popleft()
        changed = before.united(self._reach())
        if not changed.isEmpty():
            self.raise_()
            self.update(changed)

    def _reach(self) -> QRect:
        """Return what the trail covers; nothing while the mouse stands still."""
        if self.length == 0:
            return QRect()
        margin = round(_WIDTH)
        box = QPolygonF(list(self._places)).boundingRect().toAlignedRect()
        return box.adjusted(-margin, -margin, margin, margin)
