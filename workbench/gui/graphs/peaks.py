"""The highest and lowest values of a long curve, to draw it at any width at once."""

from __future__ import annotations

import numpy as np

from workbench.gui.graphs.series import Buffer

_FACTOR = 16
_AT_ONCE = 2**13
_LEAST = 4
"""In a pixel there are as many stretches or more, so that each is drawn in its place.
"""


class Peaks:
    """Stretches of a growing curve, and stretches of these, with their extremes.

    Make a new one when values already taken change.
    """

    def __init__(self) -> None:
        self._x = self._y = np.empty(0)
        self._levels: list[_Level] = []

    def follow(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take in the curve; only what is new since the last call is looked at."""
        self._x, self._y = x, y
        finer = (x, y, y)
        for number in range(64):
            if len(finer[0]) < _FACTOR:
                return
            if number == len(self._levels):
                self._levels.append(_Level())
            finer = self._levels[number].follow(*finer)

    def between(
        self, left: float, right: float, pixels: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return points that look like the curve from left to right, and few."""
        first, last = np.searchsorted(self._x, [left, right]).tolist()
        beside = 2 + int(2 * (last - first) / max(pixels, 1.0))
        chosen, size = None, 1
        for level in self._levels:
            if last - first < _LEAST * pixels * _FACTOR * size:
                break
            chosen, size = level, _FACTOR * size
        start, stop = max(0, first - beside), last + beside
        if chosen is None:
            return self._x[start:stop], self._y[start:stop]
        x, high, low = (part[start // size : stop // size + 1] for part in chosen.parts)
        end = size * len(chosen.parts[0])
        if stop > end and len(rest := self._y[end:]):
            x = np.append(x, self._x[-1])
            high, low = np.append(high, rest.max()), np.append(low, rest.min())
        return np.repeat(x, 2), np.column_stack((high, low)).ravel()


class _Level:
    """One stretch for so many of the finer level: its middle, highest and lowest."""

    def __init__(self) -> None:
        self._x, self._high, self._low = Buffer(), Buffer(), Buffer()

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._x.view(), self._high.view(), self._low.view()

    def follow(
        self, x: np.ndarray, high: np.ndarray, low: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, end = _FACTOR * len(self._x), len(x) // _FACTOR * _FACTOR
        for start in range(first, end, _AT_ONCE):
            new = slice(start, min(start + _AT_ONCE, end))
            self._x.extend(x[new][_FACTOR // 2 :: _FACTOR])
            self._high.extend(_of_each(np.maximum, high[new]))
            self._low.extend(_of_each(np.minimum, low[new]))
        return self.parts


def _of_each(extreme: np.ufunc, values: np.ndarray) -> np.ndarray:
    """Return the extreme of each stretch: of halves of halves, which is fast."""
    parts = values.reshape(-1, _FACTOR)
    while parts.shape[1] > 1:
        parts = extreme(parts[:, 0::2], parts[:, 1::2])
    return parts[:, 0]
