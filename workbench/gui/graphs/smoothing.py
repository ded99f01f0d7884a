"""Exponential smoothing that takes new values as they come, and in bulk."""

from __future__ import annotations

import numpy as np

from workbench.gui.graphs.series import Buffer

_BLOCK = 64


class Smoother:
    """The exponential moving average of a growing series, free of the start's bias.

    s[n] = sum_j w^j x[n-j] / sum_j w^j. A value that is not finite counts as the one
    before it. Make a new one when values already taken change.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._values = Buffer()
        self._sum = 0.0
        self._norm = 0.0
        self._last = 0.0
        lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self._kernel = np.where(lag >= 0, float(weight) ** np.maximum(lag, 0), 0.0).T
        self._decay = float(weight) ** np.arange(1, _BLOCK + 1)

    def follow(self, raw: np.ndarray) -> np.ndarray:
        """Return ``raw`` smoothed; only what is new since the last call is computed."""
        for start in range(len(self._values), len(raw), _BLOCK):
            self._take(raw[start : start + _BLOCK])
        return self._values.view()

    def _take(self, block: np.ndarray) -> None:
        block = self._filled(block)
        size = len(block)
        kernel, decay = self._kernel[:size, :size], self._decay[:size]
        sums = block @ kernel + self._sum * decay
        norms = kernel.sum(axis=0) + self._norm * decay
        self._sum, self._norm = float(sums[-1]), float(norms[-1])
        self._values.extend(sums / norms)

    def _filled(self, block: np.ndarray) -> np.ndarray:
        finite = np.isfinite(block)
        if not finite.all():
            source = np.maximum.accumulate(np.where(finite, np.arange(len(block)), -1))
            block = np.where(source >= 0, block[source], self._last)
        self._last = float(block[-1])
        return block
