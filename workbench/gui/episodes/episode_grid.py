"""An episode of pictures: support on top, queries below, a column for each class."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from workbench.core.base.phrases import counted, percent
from workbench.core.episodes.answers import Answers
from workbench.core.episodes.episode_picture import (
    CAPTION,
    MARGIN,
    NAMES,
    TITLE,
    Layout,
    PictureCell,
    caption,
    heading,
)
from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.core.pictures.image_family import DrawnPicture
from workbench.gui.look.atlas import Atlas
from workbench.gui.look.colours import PlotColours, colours

_MOST_NAMED = 3
_READABLE = 40
_BADGE = 13


class EpisodeGrid(QWidget):
    """Shows an episode and, with answers, which queries are right at an inner step.

    Signals:
        class_wanted(int): the person asked for a class, by its row in the bank.
    """

    class_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("episode.grid")
        self.setAccessibleName("Episode")
        self.setMouseTracking(True)
        self.shown: ShownEpisode | None = None
        self.answers: Answers | None = None
        self.step = 0
        self.layout_shown: Layout | None = None
        self._atlas: Atlas | None = None
        self._inverted: QImage | None = None
        self._cells: list[PictureCell] = []
        self._room = QSize(0, 0)

    def show_episode(self, shown: ShownEpisode, atlas: Atlas) -> None:
        """Show an episode whose pictures are in the atlas, support first."""
        self.shown, self._atlas, self.answers = shown, atlas, None
        self._inverted = None
        self._lay_out()

    def show_answers(self, answers: Answers | None, step: int) -> None:
        """Frame the queries by a learner's answers after ``step`` inner steps."""
        self.answers = answers
        self.step = min(step, answers.steps) if answers is not None else 0
        self.update()

    def fit(self, room: QSize) -> None:
        """Choose the size of the pictures so that all fit, if they can."""
        if room != self._room:
            self._room = room
            self._lay_out()

    def cells(self) -> list[PictureCell]:
        """Return where the pictures are, support first."""
        return [cell._replace(y=cell.y - TITLE) for cell in self._cells]

    def cell_at(self, place: QPointF) -> PictureCell | None:
        """Return the picture at a place in the widget."""
        x, y = place.x(), place.y() + TITLE
        return next((cell for cell in self._cells if cell.holds(x, y)), None)

    def label_at(self, place: QPointF) -> int | None:
        """Return the class whose heading is at a place in the widget."""
        layout = self.layout_shown
        if layout is None or not MARGIN <= place.y() < MARGIN + NAMES:
            return None
        label, across = divmod(int(place.x()) - MARGIN, layout.left(1) - layout.left(0))
        return label if 0 <= label < layout.ways and across < layout.column else None

    def describe(self, cell: PictureCell) -> str:
        """Return what there is to say of a picture."""
        shown = self.shown
        if shown is None:
            return ""
        lines = [f"{shown.class_names[cell.label]}, label {cell.label}"]
        drawing = self._drawing(cell)
        if drawing is not None:
            turned = (
                f", turned {drawing.degrees}° to the left" if drawing.degrees else ""
            )
            lines.append(f"{cell.part} picture {drawing.picture}{turned}")
        if cell.part == "query" and self.answers is not None:
            lines += self._answer_lines(cell.row)
        return "\n".join(lines)

    def to_image(self, scale: float = 2.0) -> QImage:
        """Return a picture of all of it, with a title."""
        layout = self.layout_shown
        if layout is None or self.shown is None:
            return QImage()
        title = QFontMetrics(self.font()).horizontalAdvance(caption(self.shown))
        width = max(layout.width, title + 2 * MARGIN)
        image = QImage(
            round(width * scale),
            round(layout.height * scale),
            QImage.Format.Format_RGB32,
        )
        shown = colours()
        image.fill(shown.background)
        painter = QPainter(image)
        painter.scale(scale, scale)
        painter.setFont(self.font())
        painter.setPen(shown.text)
        box = QRect(MARGIN, MARGIN, width - 2 * MARGIN, TITLE)
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, caption(self.shown))
        self._paint(painter, QRect(0, 0, width, layout.height), width, shown)
        painter.end()
        return image

    @override
    def sizeHint(self) -> QSize:
        layout = self.layout_shown
        return QSize(0, 0) if layout is None else QSize(layout.width, layout.height)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.layout_shown is not None:
            painter = QPainter(self)
            painter.translate(0, -TITLE)
            exposed = event.rect().translated(0, TITLE)
            self._paint(painter, exposed, self.width(), colours())
            painter.end()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = QPointF(event.pos())
            cell, label = self.cell_at(place), self.label_at(place)
            if cell is not None:
                area = QRect(cell.x, cell.y - TITLE, cell.side, cell.side)
                QToolTip.showText(event.globalPos(), self.describe(cell), self, area)
            elif label is not None and self.shown is not None:
                text = (
                    f"{self.shown.class_names[label]}, label {label}: click to see it"
                )
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.label_at(event.position()) is not None and self._has_classes()
        shape = (
            Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        )
        self.setCursor(shape)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        label = self.label_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and label is not None:
            self._ask_for(label)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None:
            self._ask_for(cell.label)

    def _has_classes(self) -> bool:
        return self.shown is not None and bool(self.shown.classes)

    def _ask_for(self, label: int) -> None:
        if self.shown is not None and self.shown.classes:
            self.class_wanted.emit(self.shown.classes[label])

    def _lay_out(self) -> None:
        if self.shown is None or self._atlas is None:
            return
        shown = self.shown
        self.layout_shown = layout = Layout.fitting(
            (shown.ways, shown.shots, shown.queries),
            max(self._room.width(), 120),
            max(self._room.height(), 120) + TITLE,
            max(self._atlas.width, self._atlas.height),
        )
        self._cells = layout.cells("support") + layout.cells("query")
        self.setFixedSize(
            max(layout.width, self._room.width()),
            max(layout.height - TITLE, self._room.height()),
        )
        self.update()

    def _drawing(self, cell: PictureCell) -> DrawnPicture | None:
        shown = self.shown
        if shown is None or not shown.drawings:
            return None
        each = shown.shots if cell.part == "support" else shown.queries
        offset = 0 if cell.part == "support" else shown.shots
        return shown.drawings[cell.label][offset + cell.row % each]

    def _answer_lines(self, row: int) -> list[str]:
        shown, answers = self.shown, self.answers
        if shown is None or answers is None:
            return []
        says = answers.outputs[self.step, row]
        verdict = "right" if answers.right(self.step)[row] else "wrong"
        best = says.argsort()[::-1][:_MOST_NAMED]
        return [f"{verdict} after {counted(self.step, 'inner step')}:"] + [
            f"{percent(says[label])}  {shown.class_names[label]}" for label in best
        ]

    def _paint(
        self, painter: QPainter, exposed: QRect, width: int, shown: PlotColours
    ) -> None:
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
        painter.setFont(font)
        self._paint_headings(painter, exposed, shown)
        self._paint_captions(painter, width - 2 * MARGIN, shown)
        atlas = self._atlas
        if atlas is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        image = self._image_for(atlas, dark=shown.dark)
        for index, cell in enumerate(self._cells):
            target = QRect(cell.x, cell.y, cell.side, cell.side)
            if exposed.intersects(target.adjusted(-3, -3, 3, 3)):
                painter.drawImage(target, image, atlas.source(index))
        if self.answers is not None:
            self._paint_answers(painter, exposed, self.answers, shown)

    def _image_for(self, atlas: Atlas, *, dark: bool) -> QImage:
        """Return the pictures, ink light on dark in the dark and dark on light else."""
        is_light = None if self.shown is None else self.shown.light_ink
        if is_light is None or is_light == dark:
            return atlas.image
        if self._inverted is None:
            self._inverted = QImage(atlas.image)
            self._inverted.invertPixels()
        return self._inverted

    @property
    def _smooth(self) -> bool:
        layout, atlas = self.layout_shown, self._atlas
        return layout is None or atlas is None or layout.side % atlas.width != 0

    def _paint_headings(
        self, painter: QPainter, exposed: QRect, shown: PlotColours
    ) -> None:
        layout, episode = self.layout_shown, self.shown
        if layout is None or episode is None:
            return
        metrics, line = painter.fontMetrics(), NAMES // 2
        for label, name in enumerate(episode.class_names):
            for row, text in enumerate(heading(label, name, layout.column)):
                box = QRect(
                    layout.left(label), MARGIN + TITLE + row * line, layout.column, line
                )
                if text and exposed.intersects(box):
                    painter.setPen(shown.quiet if row else shown.text)
                    elide = Qt.TextElideMode
                    mode = elide.ElideLeft if row else elide.ElideRight
                    text = metrics.elidedText(text, mode, box.width())
                    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)

    def _paint_captions(
        self, painter: QPainter, width: int, shown: PlotColours
    ) -> None:
        layout, metrics = self.layout_shown, painter.fontMetrics()
        if layout is None:
            return
        for part, colour in (("support", shown.support), ("query", shown.query)):
            top = layout.top("support" if part == "support" else "query") - CAPTION
            painter.setPen(colour)
            box = QRect(MARGIN, top, width, CAPTION - 2)
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            text = (
                "Support" if part == "support" else self.query_caption(metrics, width)
            )
            painter.drawText(box, align, text)

    def query_caption(self, metrics: QFontMetrics, width: int) -> str:
        """Return what stands above the queries: as much as there is room for."""
        answers = self.answers
        if answers is None:
            return "Query"
        right = answers.right(self.step)
        score = f"{int(right.sum())} of {len(right)} right"
        whole = f"Query, {score} after {counted(self.step, 'inner step')}"
        texts = (whole, f"Query, {score}", score)
        fitting = (each for each in texts if metrics.horizontalAdvance(each) <= width)
        return next(fitting, "Query")

    def _paint_answers(
        self, painter: QPainter, exposed: QRect, answers: Answers, shown: PlotColours
    ) -> None:
        right, chosen = answers.right(self.step), answers.chosen(self.step)
        confidence = answers.confidence(self.step)
        for cell in self._cells:
            area = QRect(cell.x, cell.y, cell.side, cell.side)
            if cell.part == "query" and exposed.intersects(area.adjusted(-3, -3, 3, 3)):
                _paint_answer(
                    painter,
                    area,
                    bool(right[cell.row]),
                    int(chosen[cell.row]),
                    float(confidence[cell.row]),
                    shown,
                )


def _paint_answer(
    painter: QPainter,
    area: QRect,
    right: bool,
    chosen: int,
    confidence: float,
    shown: PlotColours,
) -> None:
    """Frame a query: right is solid with a tick, wrong is dashed with a cross."""
    colour = shown.right if right else shown.wrong
    style = Qt.PenStyle.SolidLine if right else Qt.PenStyle.DashLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2, style))
    painter.drawRect(area)
    bar = QRect(area.left() + 1, area.bottom() - 3, area.width() - 2, 4)
    painter.fillRect(bar, shown.faint(shown.quiet, 0.5))
    bar.setWidth(max(1, round(bar.width() * confidence)))
    painter.fillRect(bar, colour)
    _paint_mark(painter, area, right, colour, shown)
    if area.width() >= _READABLE:
        text = percent(confidence) if right else f"{chosen}: {percent(confidence)}"
        _paint_text(painter, area, text, shown)


def _paint_mark(
    painter: QPainter, area: QRect, right: bool, colour: QColor, shown: PlotColours
) -> None:
    badge = QRectF(area.right() - _BADGE + 3, area.top() - 2, _BADGE, _BADGE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if right:
        painter.drawEllipse(badge)
    else:
        painter.drawRect(badge)
    painter.setPen(QPen(shown.background, 1.6))
    x, y, side = badge.x(), badge.y(), badge.width()
    lines = (
        [(0.25, 0.55, 0.45, 0.72), (0.45, 0.72, 0.77, 0.3)]
        if right
        else [(0.28, 0.28, 0.72, 0.72), (0.72, 0.28, 0.28, 0.72)]
    )
    for left, top, end, bottom in lines:
        painter.drawLine(
            QPointF(x + left * side, y + top * side),
            QPointF(x + end * side, y + bottom * side),
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_text(painter: QPainter, area: QRect, text: str, shown: PlotColours) -> None:
    font = QFont(painter.font())
    font.setPointSizeF(7.0)
    painter.save()
    painter.setFont(font)
    metrics = QFontMetrics(font)
    corner = QPoint(area.left() + 1, area.bottom() - 4 - metrics.height())
    box = QRect(corner, QSize(metrics.horizontalAdvance(text) + 4, metrics.height()))
    back = QColor(shown.background)
    back.setAlpha(215)
    painter.fillRect(box, back)
    painter.setPen(shown.text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
