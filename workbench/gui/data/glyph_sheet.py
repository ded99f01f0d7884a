"""A sheet of glyphs, whose strokes can be seen being drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.drawing.strokes import SIZE, Stroke
from workbench.gui.look import theme
from workbench.gui.look.atlas import Atlas, atlas_of
from workbench.gui.look.colours import colours
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.tasks.glyphs import Glyphs

_SIDE, _LARGEST_SIDE = 112, 196
_ABREAST = 8
_SMALL = 28
_GAP = 12
_TEXT = 18
_FRAME_MS = 33
_SECONDS = 2.5
_PEN = 5.0


class Sheet(NamedTuple):
    """An alphabet ready to be painted, its drawings for the dark and the light."""

    title: str
    names: tuple[str, ...]
    strokes: tuple[list[Stroke], ...]
    drawers: int
    dark: Atlas
    light: Atlas


class SheetView(QWidget):
    """Paints the characters of an alphabet: the program large, some drawings below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("glyphs.sheet")
        self.setAccessibleName("Sheet of glyphs")
        self.sheet: Sheet | None = None
        self.share = 1.0
        self.shows_strokes = False
        theme.changes().changed.connect(self.update)

    def show_sheet(self, sheet: Sheet) -> None:
        """Show an alphabet, all drawn."""
        self.sheet, self.share = sheet, 1.0
        self._lay_out()

    def show_share(self, share: float) -> None:
        """Show how far the pen has come, from 0 to 1."""
        self.share = share
        self.update()

    def place(self, number: int) -> QRect:
        """Return where a character is."""
        width, height = self.side + _GAP, self._height()
        line, column = divmod(number, self._across())
        return QRect(column * width, line * height, self.side, height - _GAP)

    @override
    def resizeEvent(self, event: object) -> None:
        self._lay_out()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        painter, exposed = QPainter(self), event.rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(len(sheet.names)):
            if exposed.intersects(self.place(number)):
                self._paint_character(painter, sheet, number)
        painter.end()

    def _paint_character(self, painter: QPainter, sheet: Sheet, number: int) -> None:
        shown, area = theme.colours(), self.place(number)
        box = QRect(area.left(), area.top(), self.side, self.side)
        painter.setPen(QColor(shown.line))
        painter.setBrush(QColor(shown.surface))
        painter.drawRect(box)
        scale = self.side / SIZE
        painter.save()
        painter.setClipRect(box)
        painter.translate(QPointF(box.topLeft()))
        painter.scale(scale, scale)
        paint_strokes(painter, sheet.strokes[number], self.share, self.shows_strokes)
        painter.restore()
        painter.setPen(QColor(shown.muted))
        text = QRect(box.left(), box.bottom() + 2, self.side, _TEXT)
        name = sheet.names[number].rpartition("/")[2]
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft, name)
        for drawer in range(min(self.side // _SMALL, sheet.drawers)):
            small = QRect(
                box.left() + drawer * _SMALL, text.bottom() + 2, _SMALL, _SMALL
            )
            atlas = sheet.dark if theme.is_dark() else sheet.light
            source = atlas.source(number * sheet.drawers + drawer)
            painter.drawImage(small, atlas.image, source)

    @property
    def side(self) -> int:
        """The side of a character's box, which grows with the window."""
        share = (self.width() + _GAP) // _ABREAST - _GAP
        return min(max(share, _SIDE), _LARGEST_SIDE)

    def _across(self) -> int:
        return max(1, (self.width() + _GAP) // (self.side + _GAP))

    def _height(self) -> int:
        return self.side + _TEXT + _SMALL + _GAP + 4

    def _lay_out(self) -> None:
        count = len(self.sheet.names) if self.sheet is not None else 0
        self.setMinimumHeight(-(-count // self._across()) * self._height())
        self.update()


def paint_strokes(
    painter: QPainter, strokes: list[Stroke], share: float, coloured: bool
) -> None:
    """Paint the first share of the strokes' length, in order; each in its colour."""
    shown = colours()
    lengths = [_length(stroke) for stroke in strokes]
    left = share * (sum(lengths) or 1.0)
    for number, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        if left <= 0 and share < 1:
            return
        points = stroke.points
        if left < length and share < 1:
            steps = np.cumsum(np.hypot(*np.diff(points, axis=0).T))
            points = points[: 1 + int(np.searchsorted(steps, left))]
        left -= length
        colour = shown.run(number) if coloured else shown.text
        pen = QPen(colour, _PEN)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(points))
        if coloured:
            start = QPointF(*points[0])
            painter.setBrush(shown.background)
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(start, 3.5, 3.5)


def _path(points: np.ndarray) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    if len(points) == 1:
        path.addEllipse(QPointF(*points[0]), 0.1, 0.1)
    return path


def _length(stroke: Stroke) -> float:
    return float(np.hypot(*np.diff(stroke.points, axis=0).T).sum()) + 1.0


class GlyphsView(QWidget):
    """Leafs through alphabets of glyphs.

    Signals:
        failed(str, str): an error: one sentence, and the details.
    """

    failed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("glyph_sheet")
        self.settings = Glyphs()
        self._wanted = (self.settings, 0)
        self._is_due = True
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self.view = SheetView()
        self.number = self._make_number()
        self._title = QLabel()
        self._title.setObjectName("glyphs.title")
        self._title.setProperty("role", "heading")
        self.play = QPushButton("Draw the strokes")
        self.play.setObjectName("glyphs.play")
        self.play.setToolTip("Show the pen drawing every character, stroke by stroke")
        self.play.clicked.connect(self._on_play_clicked)
        self.strokes = QCheckBox("Strokes in colour")
        self.strokes.setObjectName("glyphs.strokes")
        self.strokes.setToolTip("Each stroke in its own colour, with where it begins")
        self.strokes.toggled.connect(self._on_strokes_toggled)
        self._next = QPushButton("Next alphabet")
        self._next.setObjectName("glyphs.next")
        self._next.setToolTip("Invent the next alphabet")
        self._next.clicked.connect(self._on_next_clicked)
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._lay_out()

    def show_settings(self, settings: Glyphs) -> None:
        """Show the alphabets of other settings."""
        if settings != self.settings:
            self.settings = settings
            self._want()

    def shut_down(self) -> None:
        """Stop the thread."""
        self._timer.stop()
        self._background.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_due:
            self._want()

    def _make_number(self) -> QSpinBox:
        number = QSpinBox()
        number.setObjectName("glyphs.number")
        number.setAccessibleName("Alphabet")
        number.setToolTip(
            "Which alphabet: from 0 to train on, from 100,000 to validate and from "
            "200,000 to test"
        )
        number.setRange(0, 2**31 - 1)
        number.setPrefix("Alphabet ")
        number.setKeyboardTracking(False)
        number.valueChanged.connect(self._want)
        return number

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        for widget in (self.number, self._next, self.play, self.strokes):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self._title)
        area = QScrollArea()
        area.setObjectName("glyphs.area")
        area.setAccessibleName("Glyphs")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(self.view)
        page = QVBoxLayout(self)
        page.setContentsMargins(*(theme.SPACE,) * 4)
        page.addLayout(line)
        page.addWidget(area, 1)

    def _want(self, _number: int = 0) -> None:
        self._is_due = not self.isVisible()
        if self._is_due:
            return
        settings, index = self._wanted = (self.settings, self.number.value())
        self._background.submit(
            "sheet", lambda: attempt((settings, index), lambda: _made(settings, index))
        )

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.request != self._wanted:
            return
        if outcome.error:
            self.failed.emit("The alphabet cannot be drawn.", outcome.error)
            return
        self._timer.stop()
        self._title.setText(outcome.value.title)
        self.view.show_sheet(outcome.value)

    def _on_next_clicked(self) -> None:
        self.number.setValue(self.number.value() + 1)

    def _on_play_clicked(self) -> None:
        self.view.show_share(0.0)
        self._timer.start()

    def _on_strokes_toggled(self, shows: bool) -> None:
        self.view.shows_strokes = shows
        self.view.update()

    def _on_timer_timeout(self) -> None:
        share = self.view.share + _FRAME_MS / 1000 / _SECONDS
        self.view.show_share(min(share, 1.0))
        if share >= 1:
            self._timer.stop()


def _made(settings: Glyphs, index: int) -> Sheet:
    characters = settings.sheet(index)
    pictures = np.concatenate([character.pictures for character in characters])
    return Sheet(
        settings.alphabet_name(index),
        tuple(character.name for character in characters),
        tuple(character.strokes for character in characters),
        len(characters[0].pictures),
        atlas_of(pictures[:, None]),
        atlas_of(255 - pictures[:, None]),
    )
