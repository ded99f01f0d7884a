"""Shows how far a run's percentages can be believed: diagram and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import percent
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.look.dialog_buttons import close_button
from workbench.gui.look.screen import resize_within
from workbench.gui.sketch.answering import SketchAnswers

if TYPE_CHECKING:
    from workbench.core.sketch.answers import Question, RunAnswer
    from workbench.core.sketch.calibration import AtSize
    from workbench.core.sketch.reliability import Bin

_HEADINGS = {
    "Ways": "Classes to choose from",
    "Shots": "Drawings of each class that it learned from",
    "Right": "Share of the queries that it named rightly",
    "Off,\nas trained": "How far its percentages are from how often it is right, on "
    "average, as they come from training (expected calibration error)",
    "Off,\ncalibrated": "The same with the temperature: these are the percentages that "
    "are shown",
    "Temperature": "What the outputs are divided by to become percentages: above 1 it "
    "is made less sure, below 1 more",
    "Own taken\nfor none": "Drawings of these classes that it wrongly takes for none "
    "of them: the fewer, the better",
    "Others taken\nfor none": "Drawings of other classes that it rightly takes for "
    "none of these: the more, the better",
}
_READ_IT = (
    "A line for each number of classes (ways) and of drawings of each (shots). 'Off' "
    "is how far the percentages are from how often it is right: at 0 they can be "
    "believed to the letter. Choose a line to see its diagram; point at a heading to "
    "read more."
)
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 30, 10, 40


class ReliabilityDialog(QDialog):
    """The calibration of each run that answers, a tab each."""

    def __init__(self, answers: SketchAnswers, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("reliability")
        self.setWindowTitle("How far the percentages can be believed")
        tabs = QTabWidget()
        tabs.setTabBarAutoHide(True)
        # Else the pane has a ground of its own, on which muted words are hard to read.
        tabs.setDocumentMode(True)
        self.pages = [ReliabilityPage(run, answers.question) for run in answers.runs]
        for page, run in zip(self.pages, answers.runs, strict=True):
            tabs.addTab(page, run.choice.title)
        column = QVBoxLayout(self)
        column.addWidget(tabs)
        column.addWidget(close_button(self))
        resize_within(self, 880, 640)


class ReliabilityPage(QWidget):
    """One run's diagram, for the size chosen in the table below it."""

    def __init__(self, run: RunAnswer, question: Question) -> None:
        super().__init__()
        calibration = run.calibration
        self._sizes = calibration.sizes if calibration is not None else ()
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.diagram = ReliabilityDiagram()
        self.table = QTableWidget(len(self._sizes), len(_HEADINGS))
        self._prepare_table()
        self.sentence = QLabel(_READ_IT)
        self.sentence.setProperty("role", "muted")
        self.sentence.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.about)
        column.addWidget(self.diagram, 1)
        column.addWidget(self.sentence)
        column.addWidget(self.table)
        if calibration is None:
            self.about.setText(
                f"{run.choice.title} is not calibrated: how sure it seems was never "
                "compared with how often it is right."
            )
            for widget in (self.diagram, self.sentence, self.table):
                widget.hide()
            return
        views = calibration.views
        several = f", {views} views of a drawing" if views > 1 else ""
        self.about.setText(
            f"Measured on validation tasks of {calibration.task} with "
            f"{calibration.inner_steps} inner steps{several}, one query at a time. "
            "Temperature "
            "and threshold were chosen on one half of the tasks; all figures are of "
            "the other half."
        )
        nearest = calibration.nearest(max(len(run.names), 2), question.shots or 1)
        self.table.selectRow(self._sizes.index(nearest))

    def _prepare_table(self) -> None:
        table = self.table
        table.setObjectName("reliability.table")
        table.setAccessibleName("Calibration by ways and shots")
        for column, (heading, tip) in enumerate(_HEADINGS.items()):
            head = QTableWidgetItem(heading)
            head.setToolTip(tip)
            table.setHorizontalHeaderItem(column, head)
        for row, size in enumerate(self._sizes):
            for column, text in enumerate(_cells(size)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                table.setItem(row, column, item)
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        _fit(table.horizontalHeader())
        table.itemSelectionChanged.connect(self._on_table_selection_changed)

    def _on_table_selection_changed(self) -> None:
        row = self.table.currentRow()
        if row >= 0:
            self.diagram.show_size(self._sizes[row])


class ReliabilityDiagram(QWidget):
    """How often answers were right by how sure they were, before and after."""

    def __init__(self) -> None:
        super().__init__()
        self._size: AtSize | None = None
        self.setObjectName("reliability.diagram")
        self.setMinimumHeight(200)
        self.setFont(theme.tabular(self.font()))

    def show_size(self, size: AtSize) -> None:
        """Show what was found with this number of ways and shots."""
        self._size = size
        self.setAccessibleName(
            f"Reliability with {size.ways} ways and {size.shots} shots: off by "
            f"{percent(size.error, 1)}, {percent(size.error_before, 1)} before"
        )
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(520, 280)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        self._paint_axes(painter, room)
        if self._size is not None:
            before = QColor(theme.colours().muted)
            self._paint_bins(painter, room, self._size.bins_before, before)
            self._paint_bins(painter, room, self._size.bins, colours().run(0))
            self._paint_key(painter, room, before)
        painter.end()

    def _paint_axes(self, painter: QPainter, room: QRectF) -> None:
        shown = theme.colours()
        painter.setPen(QColor(shown.line))
        painter.drawRect(room)
        painter.setPen(QPen(QColor(shown.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(room.bottomLeft(), room.topRight())
        painter.setPen(QColor(shown.text))
        centre = Qt.AlignmentFlag.AlignCenter
        for tick in (0.0, 0.5, 1.0):
            x, y = _at(room, tick, tick).x(), _at(room, tick, tick).y()
            text = percent(tick)
            painter.drawText(QRectF(x - 30, room.bottom() + 2, 60, 16), centre, text)
            painter.drawText(QRectF(0, y - 8, _LEFT - 4, 16), centre, text)
        below = QRectF(room.left(), room.bottom() + 20, room.width(), 18)
        painter.drawText(
            below, centre, "how sure it was (across), how often right (up)"
        )

    def _paint_bins(
        self, painter: QPainter, room: QRectF, bins: tuple[Bin, ...], colour: QColor
    ) -> None:
        filled = [each for each in bins if each.answers]
        most = max((each.answers for each in filled), default=1)
        points = [_at(room, each.confidence, each.accuracy) for each in filled]
        painter.setPen(QPen(colour, 1))
        painter.drawPolyline(points)
        painter.setBrush(colour)
        for each, point in zip(filled, points, strict=True):
            radius = 2 + 5 * (each.answers / most) ** 0.5
            painter.drawEllipse(point, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_key(self, painter: QPainter, room: QRectF, before: QColor) -> None:
        assert self._size is not None
        lines = (
            (colours().run(0), f"calibrated, {percent(self._size.error, 1)} off"),
            (before, f"as trained, {percent(self._size.error_before, 1)} off"),
        )
        for row, (colour, text) in enumerate(lines):
            painter.setPen(colour)
            painter.drawText(
                QPointF(room.left() + 10, room.top() + 18 + 18 * row), text
            )


def _fit(header: QHeaderView) -> None:
    """Give each heading all the room that the widest takes, however narrow it is."""
    header.setTextElideMode(Qt.TextElideMode.ElideNone)
    widest = max(header.sectionSizeHint(at) for at in range(header.count()))
    header.setMinimumSectionSize(widest)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)


def _cells(size: AtSize) -> tuple[str, ...]:
    return (
        str(size.ways),
        str(size.shots),
        percent(size.accuracy, 1),
        percent(size.error_before, 1),
        percent(size.error, 1),
        f"{size.temperature:.3g}",
        percent(size.refused, 1),
        percent(size.caught, 1),
    )


def _at(room: QRectF, x: float, y: float) -> QPointF:
    return QPointF(room.left() + x * room.width(), room.bottom() - y * room.height())
