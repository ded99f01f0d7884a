"""Wilson's interval: how sure a proportion is."""

from __future__ import annotations

import math
from typing import NamedTuple

from workbench.core.base.phrases import percent

_NORMAL_95 = 1.959963984540054


class Proportion(NamedTuple):
    """How many of how many, with Wilson's 95 % interval."""

    hits: int
    trials: int

    @property
    def share(self) -> float:
        """Hits by trials; 0 without trials."""
        return self.hits / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of Wilson (1927); 0 to 1 without trials."""
        if not self.trials:
            return 0.0, 1.0
        n, p, z = self.trials, self.share, _NORMAL_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """Return it as ``12 of 14 right, 86 % (60 to 96 %)``."""
        if not self.trials:
            return "nothing judged yet"
        low, high = self.interval
        return (
            f"{self.hits} of {self.trials} right, {percent(self.share)} "
            f"({100 * low:.0f} to {percent(high)})"
        )
