"""Exponential smoothing that takes new values as they come, and in bulk."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from workbench.gui.graphs.series import Buffer

_BLOCK = 64
_AT_ONCE = 2**13
_NOTHING = 1e-18


class Smoother:
    """The exponential moving average of a growing series, free of the start's bias.

    s[n] = sum_j w^j x[n-j] / sum_j w^j. A value that is not finite counts as the one
    before it. Make a new one when values already taken change.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._values = Buffer()
        self._sum = 0.0
        self._last = 0.0
        lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self._kernel = np.where(lag >= 0, float(weight) ** np.maximum(lag, 0), 0.0).T
        self._decay = float(weight) ** np.arange(1, _BLOCK + 1)

    def follow(self, raw: np.ndarray) -> np.ndarray:
        """Return ``raw`` smoothed; only what is new since the last call is computed."""
        if len(raw) > len(self._values) + _AT_ONCE:
            self._values.reserve(len(raw))
        for start in range(len(self._values), len(raw), _AT_ONCE):
            self._take(self._filled(raw[start : start + _AT_ONCE]))
        return self._values.view()

    def _take(self, values: np.ndarray) -> None:
        """Smooth values block by block: within each, and with what came before it."""
        size = len(values)
        blocks = np.zeros((-(-size // _BLOCK), _BLOCK))
        blocks.ravel()[:size] = values
        inside = blocks @ self._kernel
        last, decay = inside[:-1, -1].tolist(), float(self._decay[-1])
        before = accumulate(last, lambda sum, new: new + decay * sum, initial=self._sum)
        sums = inside + np.outer(np.fromiter(before, float, len(blocks)), self._decay)
        smoothed = sums.ravel()[:size]
        self._sum = float(smoothed[-1])
        self._values.extend(smoothed / self._norms(len(self._values), size))

    def _norms(self, before: int, size: int) -> np.ndarray | float:
        """Return the sum of all weights at each value; at last it grows no more."""
        rest: np.ndarray | float = 0.0
        if self.weight**before > _NOTHING:
            rest = self.weight ** np.arange(before + 1.0, before + size + 1.0)
        return (1 - rest) / (1 - self.weight)

    def _filled(self, block: np.ndarray) -> np.ndarray:
        finite = np.isfinite(block)
        if not finite.all():
            source = np.maximum.accumulate(np.where(finite, np.arange(len(block)), -1))
            block = np.where(source >= 0, block[source], self._last)
        self._last = float(block[-1])
        return block
