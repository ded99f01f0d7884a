"""Keeps a view where the data are, and moves it no more often than need be."""

from __future__ import annotations

import math
from typing import NamedTuple

import pyqtgraph as pg

_PADDING = 0.04
_AHEAD = 0.2
_FILLED = 0.75
_SMALLEST = 1e-12
_DECADES = 6
"""What a logarithmic axis spans below the top if there are zeros as well."""


class Extent(NamedTuple):
    """What there is to see: from and to on both axes, in data units."""

    left: float
    right: float
    bottom: float
    top: float


class Follower:
    """Shows all the data, or as wide a window at their end as was zoomed to."""

    def __init__(self, box: pg.ViewBox) -> None:
        self._box = box
        self._window: float | None = None
        self._right = math.inf

    def keep_window(self, extent: Extent | None) -> None:
        """Stay as wide as the view is now, if that is less than there is."""
        width = self._box.viewRect().width()
        is_less = extent is not None and width < 0.95 * (extent.right - extent.left)
        self._window = width if is_less else None

    def forget_window(self) -> None:
        """Show all of it from now on."""
        self._window = None

    def show(self, extent: Extent, *, log: bool, exactly: bool) -> None:
        """Show what there is; unless ``exactly``, leave a view that is good enough.

        A view that changes with every frame has its axes drawn anew every time, which
        costs more than the curves.
        """
        wanted = self._wanted(extent, log=log)
        if wanted is None:
            return
        left, right = wanted.left, wanted.right
        grows, self._right = right > self._right, right
        if not exactly:
            if self._is_good_for(wanted):
                return
            if grows:
                wanted = wanted._replace(right=right + _AHEAD * (right - left))
        self._box.setRange(
            xRange=wanted[:2], yRange=wanted[2:], padding=0, disableAutoRange=True
        )

    def _wanted(self, extent: Extent, *, log: bool) -> Extent | None:
        """Return the view of an extent, in its own units; None if it has no end."""
        left, right = extent.left, max(extent.right, extent.left + 1e-6)
        if self._window is not None:
            left = max(left, right - self._window)
        lowest = extent.bottom
        if log and lowest <= 0:
            lowest = extent.top / 10**_DECADES
        bottom, top = in_view(lowest, log=log), in_view(extent.top, log=log)
        if top - bottom < _SMALLEST:
            spread = abs(top) * 0.1 or 1.0
            bottom, top = bottom - spread, top + spread
        if not all(map(math.isfinite, (left, right, bottom, top))):
            return None
        margin = _PADDING * (top - bottom)
        return Extent(left, right, bottom - margin, top + margin)

    def _is_good_for(self, wanted: Extent) -> bool:
        (left, right), (bottom, top) = self._box.viewRange()
        slack = _PADDING * (top - bottom)
        return (
            left - _PADDING * (right - left) <= wanted.left
            and wanted.right <= right
            and bottom - slack <= wanted.bottom
            and wanted.top <= top + slack
            and wanted.right - wanted.left >= _FILLED * (right - left)
            and wanted.top - wanted.bottom >= _FILLED * (top - bottom)
        )


def in_view(value: float, *, log: bool) -> float:
    """Return where a y value is in a view's own units."""
    return math.log10(max(value, _SMALLEST)) if log else value
