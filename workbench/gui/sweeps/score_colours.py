"""Colours from the worst score to the best, which the colour-blind can tell apart."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor, QLinearGradient

from workbench.gui.look import theme

_MAP = "viridis"
_DARK = 0.25, 1.0
_LIGHT = 0.88, 0.0
"""From where to where the map is taken: what is best stands out most, on either
background, and what is worst can still be seen."""
_STOPS = 16


def score_colour(share: float) -> QColor:
    """Return the colour of a place on the scale: 0 is the worst, 1 the best."""
    worst, best = _DARK if theme.is_dark() else _LIGHT
    colour = pg.colormap.get(_MAP).map(worst + share * (best - worst), mode="qcolor")
    return QColor(colour)


def score_gradient(top: float, bottom: float) -> QLinearGradient:
    """Return the whole scale, its best at the top."""
    gradient = QLinearGradient(0, bottom, 0, top)
    for stop in range(_STOPS + 1):
        gradient.setColorAt(stop / _STOPS, score_colour(stop / _STOPS))
    return gradient
