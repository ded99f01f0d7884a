"""The paper is drawn on with a mouse, a pen and a finger."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.sketch_hands import (
    draw_with_finger,
    draw_with_mouse,
    draw_with_pen,
    on_pad,
)
from workbench.core.sketch.session import EMPTY, PenStroke
from workbench.gui.sketch.pad import Pad
from workbench.gui.sketch.pen_trace import PenTrace

LINE = [(20.0, 20.0), (50.0, 40.0), (80.0, 80.0)]


@pytest.fixture
def pad(qtbot: QtBot) -> Pad:
    pad = Pad("Draw", 211)
    qtbot.addWidget(pad)
    pad.resize(211, 211)
    pad.show()
    qtbot.waitExposed(pad)
    pad.stroke_finished.connect(
        lambda stroke: pad.show_drawing(pad.drawing.with_stroke(stroke))
    )
    pad.erase_requested.connect(
        lambda index: pad.show_drawing(pad.drawing.without_stroke(index))
    )
    return pad


def ends(stroke: PenStroke) -> list[float]:
    return [stroke.x[0], stroke.y[0], stroke.x[-1], stroke.y[-1]]


def test_a_mouse_draws_a_stroke_at_half_pressure(qtbot: QtBot, pad: Pad) -> None:
    with qtbot.waitSignal(pad.stroke_finished) as finished:
        draw_with_mouse(qtbot, pad, LINE)
    (stroke,) = finished.args or ()
    assert ends(stroke) == pytest.approx([20, 20, 80, 80], abs=0.6)
    assert set(stroke.pressure) == {0.5}
    assert list(stroke.milliseconds) == sorted(stroke.milliseconds)
    assert stroke.milliseconds[0] == 0


def test_a_click_is_a_dot(qtbot: QtBot, pad: Pad) -> None:
    with qtbot.waitSignal(pad.stroke_finished) as finished:
        draw_with_mouse(qtbot, pad, [(50, 50)])
    (stroke,) = finished.args or ()
    assert len(stroke.x) == 1


def test_a_pen_draws_with_its_pressure(qtbot: QtBot, pad: Pad) -> None:
    with qtbot.waitSignal(pad.stroke_finished) as finished:
        draw_with_pen(pad, [(20, 20, 0.2), (50, 50, 0.9), (80, 80, 0.4)])
    (stroke,) = finished.args or ()
    assert stroke.pressure == pytest.approx((0.2, 0.9, 0.4), abs=0.01)
    assert ends(stroke) == pytest.approx([20, 20, 80, 80], abs=0.1)


def test_the_other_end_of_the_pen_rubs_out(qtbot: QtBot, pad: Pad) -> None:
    draw_with_mouse(qtbot, pad, LINE)
    draw_with_pen(pad, [(90, 20, 0.5)], QPointingDevice.PointerType.Eraser)
    assert len(pad.drawing.strokes) == 1
    draw_with_pen(
        pad, [(90, 20, 0.5), (50, 41, 0.5)], QPointingDevice.PointerType.Eraser
    )
    assert pad.drawing.is_empty


def test_a_finger_draws(qtbot: QtBot, pad: Pad) -> None:
    with qtbot.waitSignal(pad.stroke_finished) as finished:
        draw_with_finger(pad, LINE)
    (stroke,) = finished.args or ()
    assert ends(stroke) == pytest.approx([20, 20, 80, 80], abs=0.6)


def test_a_second_finger_draws_nothing(qtbot: QtBot, pad: Pad) -> None:
    strokes: list[PenStroke] = []
    pad.stroke_finished.connect(strokes.append)
    device = QTest.createTouchDevice()
    first, second = QPoint(40, 40), QPoint(150, 150)
    QTest.touchEvent(pad, device).press(0, first, pad).commit()
    QTest.touchEvent(pad, device).stationary(0).press(1, second, pad).commit()
    QTest.touchEvent(pad, device).move(0, QPoint(60, 60), pad).move(
        1, QPoint(180, 150), pad
    ).commit()
    QTest.touchEvent(pad, device).stationary(0).release(1, second, pad).commit()
    QTest.touchEvent(pad, device).release(0, QPoint(60, 60), pad).commit()
    (stroke,) = strokes
    assert max(stroke.x) < 40


def test_the_right_button_rubs_out_what_it_touches(qtbot: QtBot, pad: Pad) -> None:
    draw_with_mouse(qtbot, pad, LINE)
    draw_with_mouse(qtbot, pad, [(20, 90), (40, 90)])
    at = on_pad(pad, (30, 90)).toPoint()
    qtbot.mouseClick(pad, Qt.MouseButton.RightButton, pos=at)
    assert [stroke.y[0] < 50 for stroke in pad.drawing.strokes] == [True]


def test_with_the_eraser_the_left_button_rubs_out_too(qtbot: QtBot, pad: Pad) -> None:
    draw_with_mouse(qtbot, pad, LINE)
    pad.erases = True
    draw_with_mouse(qtbot, pad, [(90, 20), (50, 40), (20, 90)])
    assert pad.drawing.is_empty


def test_a_stroke_grows_while_it_is_drawn(qtbot: QtBot, pad: Pad) -> None:
    with qtbot.waitSignals([pad.stroke_grew] * 3):
        draw_with_mouse(qtbot, pad, LINE)
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert pad.is_drawing
    assert len(pad.live_drawing().strokes) == 2
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not pad.is_drawing


@pytest.mark.parametrize("side", [90, 211, 800])
def test_a_drawing_is_the_same_at_any_size_of_the_paper(
    qtbot: QtBot, pad: Pad, side: int
) -> None:
    pad.resize(side, side + 40)
    with qtbot.waitSignal(pad.stroke_finished) as finished:
        draw_with_pen(pad, [(x, y, 0.5) for x, y in LINE])
    (stroke,) = finished.args or ()
    assert ends(stroke) == pytest.approx([20, 20, 80, 80], abs=0.1)


def test_delete_asks_to_clear(qtbot: QtBot, pad: Pad) -> None:
    pad.setFocus()
    with qtbot.waitSignal(pad.clear_requested):
        qtbot.keyClick(pad, Qt.Key.Key_Delete)


def test_ink_is_painted_where_it_was_drawn(qtbot: QtBot, pad: Pad) -> None:
    blank = pad.grab().toImage()
    draw_with_pen(pad, [(20, 50, 0.2), (50, 50, 0.6), (80, 50, 1.0)])
    image = pad.grab().toImage()
    at = [on_pad(pad, place).toPoint() for place in ((30, 50), (75, 50), (50, 80))]
    darkness = [image.pixelColor(point).lightness() for point in at]
    assert darkness[0] < 120
    assert darkness[1] < 60
    assert image.pixelColor(at[2]) == blank.pixelColor(at[2])


def test_an_empty_paper_says_what_it_is_for(qtbot: QtBot, pad: Pad) -> None:
    empty = pad.grab().toImage()
    pad.show_drawing(
        EMPTY.with_stroke(PenStroke(x=(1,), y=(1,), milliseconds=(0,), pressure=(0.5,)))
    )
    assert pad.grab().toImage() != empty


def test_points_next_to_each_other_are_one() -> None:
    trace = PenTrace(1000)
    assert trace.add(QPointF(10, 10), 0.5, 1000)
    assert not trace.add(QPointF(10.05, 10), 0.5, 1005)
    assert trace.add(QPointF(11, 10), 0.5, 1010)
    assert trace.stroke().milliseconds == (0, 10)
