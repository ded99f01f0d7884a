"""Colours from the worst score to the best, which the colour-blind can tell apart."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QLinearGradient

from workbench.gui.look import theme

_MAP = "viridis"
_DARK = 0.25, 1.0
_LIGHT = 0.88, 0.0
"""From where to where the map is taken: what is best stands out most, on either
background, and what is worst can still be seen."""
_STOPS = 16
_FINE = 1000


def score_colour(share: float) -> QColor:
    """Return the colour of a place on the scale: 0 is the worst, 1 the best."""
    return QColor(_scale(*(_DARK if theme.is_dark() else _LIGHT))[round(_FINE * share)])


@cache
def _scale(worst: float, best: float) -> list[QColor]:
    """Return the colours from the worst to the best, as fine as the eye can tell."""
    places = np.linspace(worst, best, _FINE + 1)
    return list(pg.colormap.get(_MAP).map(places, mode="qcolor"))


def score_gradient(top: float, bottom: float) -> QLinearGradient:
    """Return the whole scale, its best at the top."""
    gradient = QLinearGradient(0, bottom, 0, top)
    for stop in range(_STOPS + 1):
        gradient.setColorAt(stop / _STOPS, score_colour(stop / _STOPS))
    return gradient
