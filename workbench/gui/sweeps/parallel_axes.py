"""The axes of parallel coordinates: where they and the lines are, and their paint."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workbench.core.results.score_text import score_text
from workbench.core.results.sweep_results import SweepResults
from workbench.core.results.swept_fields import SweptField
from workbench.gui.look.colours import PlotColours, colours, mix
from workbench.gui.sweeps.score_colours import score_colour, score_gradient
from workbench.gui.sweeps.wording import score_name, shown, titled

GAP = 6
_BAR = 10
_THIN, _THICK, _HALO = 1.2, 2.6, 3.0
_FADED = 0.35
_CROWD = 100
_FOOT = 0.1
"""The part of the last axis that is kept at its foot for runs that diverged."""
_VEIL = 0.8
_MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)


class AxesLayout:
    """The places of axes and lines within an area; y grows downwards, as in Qt.

    ``x`` has an axis for each field and one for the score. ``y`` [run, axis] is in the
    order of ``worst_first``, and not a number where a run has no score yet.
    """

    def __init__(self, results: SweepResults, area: QRectF) -> None:
        self.area = area
        self.x = np.linspace(area.left(), area.right(), len(results.fields) + 1)
        self.places = [field.places() for field in results.fields]
        scores = [results.score_of(row) for row in results.worst_first]
        self.has_diverged = any(s is not None and not math.isfinite(s) for s in scores)
        self.y = np.empty((len(scores), len(self.x)))
        for at, row in enumerate(results.worst_first):
            pairs = zip(results.fields, self.places, strict=True)
            heights = [self.height(where[f.value_of(row)]) for f, where in pairs]
            self.y[at] = (*heights, self._height_of(scores[at], results))

    def height(self, share: float) -> float:
        """Return where a share of an axis is, 0 at its foot."""
        return self.area.bottom() - share * self.area.height()

    def score_height(self, share: float) -> float:
        """Return where a share of the scores' scale is, above those that diverged."""
        foot = _FOOT if self.has_diverged else 0.0
        return self.height(foot + share * (1 - foot))

    def line(self, at: int) -> QPolygonF:
        """Return a run's line, as far as it goes."""
        pairs = zip(self.x, self.y[at], strict=True)
        return QPolygonF([QPointF(x, y) for x, y in pairs if math.isfinite(y)])

    def nearest(self, place: QPointF, reach: float) -> int | None:
        """Return the run whose line passes nearest to a place, if within reach."""
        is_beside = self.x[0] - reach <= place.x() <= self.x[-1] + reach
        if not (len(self.y) and is_beside):
            return None
        x = min(max(place.x(), self.x[0]), self.x[-1])
        left = min(int(np.searchsorted(self.x, x, side="right")) - 1, len(self.x) - 2)
        share = (x - self.x[left]) / (self.x[left + 1] - self.x[left])
        here = (1 - share) * self.y[:, left] + share * self.y[:, left + 1]
        away = np.where(np.isfinite(here), np.abs(here - place.y()), np.inf)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= reach else None

    def _height_of(self, score: float | None, results: SweepResults) -> float:
        if score is None:
            return math.nan
        if results.scale is None or not math.isfinite(score):
            return self.height(0)
        return self.score_height(results.scale.share(score))


def titles(results: SweepResults) -> list[str]:
    """Return what the axes are called, from the left to the right."""
    return [*map(titled, results.fields), score_name(results)]


class AxesPainter:
    """Paints the runs of a sweep with a painter, each where the layout says."""

    def __init__(
        self, painter: QPainter, results: SweepResults, layout: AxesLayout, width: int
    ) -> None:
        self._painter = painter
        self._results = results
        self._layout = layout
        self._width = width
        self._seen: PlotColours = colours()
        self._spacing = float(layout.x[1] - layout.x[0])

    def paint_lines(self, hovered: str, in_hand: str) -> None:
        """Paint every run; the one hovered over stands out, and the one in hand."""
        rows = self._results.worst_first
        is_hovered = any(row.folder == hovered for row in rows)
        for at in range(len(rows)):
            self._paint_line(at, _FADED if is_hovered else 1.0, _THIN)
        for folder in (in_hand, hovered):
            for at, row in enumerate(rows):
                if row.folder == folder:
                    self._painter.setPen(QPen(self._seen.background, _THICK + _HALO))
                    self._painter.drawPolyline(self._layout.line(at))
                    self._paint_line(at, 1.0, _THICK)

    def paint_axes(self) -> None:
        """Paint the axis of every field, with its values."""
        for name, x, room in self._titles():
            self._paint_title(name, x, room)
        for at, field in enumerate(self._results.fields):
            x = float(self._layout.x[at])
            self._painter.setPen(QPen(self._seen.quiet, 1))
            ends = (QPointF(x, self._layout.height(share)) for share in (0, 1))
            self._painter.drawLine(*ends)
            self._paint_values(field, at)

    def paint_scale(self) -> None:
        """Paint the last axis: the scores, each in its colour, the best at the top."""
        x, scale = float(self._layout.x[-1]), self._results.scale
        beside = self._width - x
        left, room = x + _BAR + GAP, beside - _BAR - 2 * GAP
        top, foot = self._layout.score_height(1), self._layout.score_height(0)
        bar = QRectF(x, top, _BAR, foot - top)
        if scale is None:
            self._painter.setPen(QPen(self._seen.quiet, 1))
            self._painter.drawRect(bar)
            return
        self._painter.fillRect(bar, score_gradient(top, foot))
        for share in _MARKS if scale.best != scale.worst else (1.0,):
            score = scale.worst + share * (scale.best - scale.worst)
            text = score_text(score, None, self._results.measure)
            text += " or worse" if scale.is_cut and share == 0 else ""
            self._paint_label(text, left, self._layout.score_height(share), room)
        if self._layout.has_diverged:
            self._paint_label("diverged", left, self._layout.height(0), room)

    def _paint_line(self, at: int, share: float, width: float) -> None:
        score = self._results.score_of(self._results.worst_first[at])
        colour, scale = self._seen.quiet, self._results.scale
        if score is not None and not math.isfinite(score):
            colour = self._seen.wrong
        elif score is not None and scale is not None:
            colour = score_colour(scale.share(score))
        pen = QPen(mix(self._seen.background, colour, share), width)
        if width == _THIN and len(self._results.rows) > _CROWD:
            # A line one dot wide is painted ten times as fast.
            pen.setWidth(0)
        if score is None:
            pen.setStyle(Qt.PenStyle.DotLine)
        self._painter.setPen(pen)
        self._painter.drawPolyline(self._layout.line(at))

    def _titles(self) -> Iterator[tuple[str, float, float]]:
        """Yield each axis' name, its place, and its room: more than enough, if so."""
        names, places = titles(self._results), [*map(float, self._layout.x)]
        beside = self._width - places[-1]
        shares = [self._spacing - 2 * GAP] * len(names)
        shares[-1] = self._spacing / 2 + beside
        spans = [*map(self._span, names, places)]
        for at, (left, right) in enumerate(spans):
            before = spans[at - 1][1] if at else -math.inf
            after = spans[at + 1][0] if at + 1 < len(spans) else math.inf
            is_free = before + GAP <= left and right + GAP <= after
            yield names[at], places[at], 2 * (right - left) if is_free else shares[at]

    def _span(self, text: str, x: float) -> tuple[float, float]:
        """Return where a name begins and ends that stands above an axis."""
        width = self._painter.fontMetrics().horizontalAdvance(text)
        left = min(max(x - width / 2, 2.0), self._width - width - 2.0)
        return left, left + width

    def _paint_title(self, text: str, x: float, room: float) -> None:
        metrics = self._painter.fontMetrics()
        said = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, math.ceil(room))
        left, _ = self._span(said, x)
        self._painter.setPen(self._seen.text)
        self._painter.drawText(QPointF(left, GAP + metrics.ascent()), said)

    def _paint_values(self, field: SweptField, at: int) -> None:
        """Write the values beside their axis, as many as there is room for."""
        x, last = float(self._layout.x[at]), math.inf
        for value, share in self._layout.places[at].items():
            y = self._layout.height(share)
            self._painter.setPen(QPen(self._seen.quiet, 1))
            self._painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
            if last - y >= self._painter.fontMetrics().height():
                room = 0.6 * self._spacing
                self._paint_label(shown(field, value), x + GAP, y, room)
                last = y

    def _paint_label(self, text: str, x: float, y: float, room: float) -> None:
        """Write a text on a veil, so that it can be read across lines."""
        metrics = self._painter.fontMetrics()
        said = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(room))
        width, height = metrics.horizontalAdvance(said), metrics.height()
        box = QRectF(x, y - height / 2, width, height)
        veil = QColor(self._seen.background)
        veil.setAlphaF(_VEIL)
        self._painter.fillRect(box.adjusted(-2, 0, 2, 0), veil)
        self._painter.setPen(self._seen.text)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, said)
