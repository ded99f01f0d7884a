"""The colours of plots, taken from the theme so that they follow light and dark."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.gui.look import theme

# Okabe and Ito's colours, which the colour-blind can tell apart. Support and query have
# blue and vermillion for themselves, so runs start with the others. On white, the light
# ones are darkened, and on black the dark ones lightened, as far as lines need it.
_ON_WHITE = ("#009E73", "#B55690", "#C98500", "#2F94CF", "#000000", "#8A7A00")
_ON_BLACK = ("#1FC795", "#DE8FBD", "#E69F00", "#56B4E9", "#FFFFFF", "#F0E442")

_MIDDLE_LUMINANCE = 0.179
"""On what is lighter, black has the greater contrast (WCAG 2)."""

_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)


class PlotColours(NamedTuple):
    """What plots are drawn with, in the light or in the dark."""

    dark: bool
    background: QColor
    text: QColor
    quiet: QColor
    """For axes, grid lines and what is only a hint."""
    accent: QColor
    support: QColor
    query: QColor
    right: QColor
    wrong: QColor
    runs: tuple[QColor, ...]

    def run(self, index: int) -> QColor:
        """Return the colour of the run at ``index``."""
        return self.runs[index % len(self.runs)]

    def faint(self, colour: QColor, share: float = 0.4) -> QColor:
        """Return ``colour`` faded into the background; opaque, which draws faster."""
        return mix(self.background, colour, share)


def colours() -> PlotColours:
    """Return the plots' colours in the theme now shown."""
    shown, dark = theme.colours(), theme.is_dark()
    background, text = QColor(shown.surface), QColor(shown.text)
    return PlotColours(
        dark=dark,
        background=background,
        text=text,
        quiet=mix(background, text, 0.6),
        accent=QColor(shown.accent),
        support=QColor(shown.support),
        query=QColor(shown.query),
        right=QColor(shown.good),
        wrong=QColor(shown.error),
        runs=tuple(QColor(name) for name in (_ON_BLACK if dark else _ON_WHITE)),
    )


def mix(under: QColor, over: QColor, share: float) -> QColor:
    """Return the opaque colour of ``over`` painted on ``under`` with this opacity."""
    return QColor(
        round(under.red() + (over.red() - under.red()) * share),
        round(under.green() + (over.green() - under.green()) * share),
        round(under.blue() + (over.blue() - under.blue()) * share),
    )


def run_style(index: int) -> Qt.PenStyle:
    """Return the line style of the run at ``index``: the cue beside its colour."""
    return _STYLES[index % len(_STYLES)]


def pen(
    colour: QColor, style: Qt.PenStyle = Qt.PenStyle.SolidLine, width: float = 1
) -> QPen:
    """Return a cosmetic pen: as wide at every zoom."""
    made = QPen(colour, width, style)
    made.setCosmetic(True)
    return made


def readable_on(colour: QColor) -> QColor:
    """Return black or white, whichever can be read better on a colour."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    weights = (0.2126, 0.7152, 0.0722)
    luminance = sum(w * part**2.2 for w, part in zip(weights, parts, strict=True))
    return QColor("black" if luminance > _MIDDLE_LUMINANCE else "white")


def weighed(pen: QPen, painter: QPainter) -> QPen:
    """Return a cosmetic pen for a painter: its width was said in logical pixels."""
    made = QPen(pen)
    made.setWidthF(pen.widthF() * _ratio(painter))
    return made


def whole_pixels(width: float, painter: QPainter) -> int:
    """Return how many of a painter's own pixels a width in logical ones is.

    Straight lines that are not smoothed are then all of one width.
    """
    return max(1, round(width * _ratio(painter)))


def _ratio(painter: QPainter) -> float:
    """Return how many pixels a painter has for a logical one, however it is turned."""
    device = painter.deviceTransform().determinant()
    logical = painter.worldTransform().determinant()
    return math.sqrt(abs(device / logical)) if logical else 1.0
