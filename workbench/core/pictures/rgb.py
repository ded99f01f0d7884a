"""Pictures as whatever shows them wants them: with three colours, the last axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def as_rgb(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pictures [n, C, H, W] as [n, H, W, 3]."""
    last = np.moveaxis(pictures, 1, -1)
    return last if last.shape[-1] == 3 else np.repeat(last[..., :1], 3, axis=-1)
