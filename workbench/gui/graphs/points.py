"""What goes for points of any plot: which of them have a place, and what they span."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg


def set_points(
    item: pg.PlotDataItem, x: np.ndarray, y: np.ndarray, *, log: bool
) -> None:
    """Give a curve with symbols its points, but none that have no place on the axis.

    pyqtgraph warns of symbols none of which has one.
    """
    has_place = np.isfinite(y) & ((y > 0) if log else True)
    if has_place.any():
        item.setData(x, np.where(has_place, y, np.nan))
    else:
        item.setData([], [])


def robust_range(
    values: np.ndarray, spread: float = 0.01
) -> tuple[float, float] | None:
    """Return the range of the finite values without the few that stand out."""
    thinned = values[:: max(1, len(values) // 4000)]
    finite = thinned[np.isfinite(thinned)]
    if not len(finite):
        return None
    low, high = np.quantile(finite, [spread, 1 - spread])
    return float(low), float(high)
