"""Hands for tests: real mouse, tablet and touch events on a pad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.core.drawing.strokes import SIZE, Stroke
from workbench.gui.sketch.pad import Pad

Place = tuple[float, float]


def on_pad(pad: Pad, place: Place) -> QPointF:
    """Where on the pad a place in 0..105 is."""
    paper = pad.paper()
    scale = paper.width() / SIZE
    return paper.topLeft() + QPointF(place[0] * scale, place[1] * scale)


def draw_with_mouse(qtbot: QtBot, pad: Pad, places: Sequence[Place]) -> None:
    points = [on_pad(pad, place).toPoint() for place in places]
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(pad, point)
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])


def draw_with_pen(
    pad: Pad,
    places: Sequence[tuple[float, float, float]],
    pointer: QPointingDevice.PointerType = QPointingDevice.PointerType.Pen,
) -> None:
    """Draw with a tablet's pen; a place is x, y and pressure."""
    device = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        pointer,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        1,
        "",
        QPointingDeviceUniqueId(),
    )
    kinds = [
        QEvent.Type.TabletPress,
        *([QEvent.Type.TabletMove] * (len(places) - 1)),
        QEvent.Type.TabletRelease,
    ]
    for kind, (x, y, pressure) in zip(kinds, [*places, places[-1]], strict=True):
        _tablet(pad, device, kind, on_pad(pad, (x, y)), pressure)


def draw_with_finger(pad: Pad, places: Iterable[Place]) -> None:
    device = QTest.createTouchDevice()
    points = [on_pad(pad, place).toPoint() for place in places]
    QTest.touchEvent(pad, device).press(0, points[0], pad).commit()
    for point in points[1:]:
        QTest.touchEvent(pad, device).move(0, point, pad).commit()
    QTest.touchEvent(pad, device).release(0, points[-1], pad).commit()


def replay(qtbot: QtBot, pad: Pad, strokes: Sequence[Stroke]) -> None:
    """Draw recorded strokes as the mouse would."""
    for stroke in strokes:
        draw_with_mouse(qtbot, pad, [tuple(point) for point in stroke.points.tolist()])


def _tablet(
    pad: Pad, device: QPointingDevice, kind: QEvent.Type, at: QPointF, pressure: float
) -> None:
    is_up = kind == QEvent.Type.TabletRelease
    event = QTabletEvent(
        kind,
        device,
        at,
        QPointF(pad.mapToGlobal(at)),
        0.0 if is_up else pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0,
        Qt.KeyboardModifier.NoModifier,
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.NoButton if is_up else Qt.MouseButton.LeftButton,
    )
    QApplication.sendEvent(pad, event)
