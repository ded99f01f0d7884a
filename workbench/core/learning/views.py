"""Views of a picture: itself, and as it looks slightly moved, turned and scaled.

The mean feature of several views says more of a character than that of one: a drawing
is one of many that the same hand could have made.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.core.base.lazy import torch

MOST_VIEWS = 17
"""The picture itself, and two of each pair below."""

_TURN, _SIZE, _SHEAR, _SHIFT = 0.12, 0.09, 0.12, 0.07
_SIGNS = (
    (1, 1, -1, 1, -1, 1),
    (1, -1, 1, -1, -1, -1),
    (-1, 1, 1, 1, 1, -1),
    (1, 1, 1, -1, 1, 1),
    (1, -1, -1, 1, 1, -1),
    (1, -1, -1, -1, 1, 1),
    (1, 1, 1, 1, -1, -1),
    (-1, 1, -1, -1, 1, -1),
)
"""Which way each pair's first view is turned, widened, heightened, sheared and shifted.

Its second goes the other way throughout, so that a pair is about the picture itself.
"""


def mean_over_views(
    function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, number: int
) -> torch.Tensor:
    """Return the mean of a function over views of the pictures x [n, C, height, width].

    The first view is x itself; ``number`` of one is the function of it.
    """
    if number == 1:
        return function(x)
    seen = [x, *(_moved(x, affine) for affine in _maps(number))]
    return torch.stack([function(view) for view in seen]).mean(0)


def code(number: int) -> list[str]:
    """Return the lines that define ``views(x)``: x itself, and it as it looks else."""
    maps = [[[round(each, 6) for each in row] for row in one] for one in _maps(number)]
    return [
        "MAPS = [  # each turns, scales and moves a picture a little",
        *(f"    {one}," for one in maps),
        "]",
        "",
        "def views(x):",
        "    yield x",
        "    for one in MAPS:",
        "        grid = torch.tensor(one).expand(len(x), 2, 3)",
        "        grid = F.affine_grid(grid, x.shape, align_corners=False)",
        "        as_rim = {'padding_mode': 'border', 'align_corners': False}",
        "        yield F.grid_sample(x, grid, **as_rim)",
    ]


def _maps(number: int) -> list[list[list[float]]]:
    """Return all views but the first as affine maps, for ``affine_grid``."""
    maps = []
    for row in range(number - 1):
        way = 1 if row % 2 == 0 else -1
        turn, wide, tall, shear, right, down = (way * s for s in _SIGNS[row // 2])
        cosine, sine = 1 - _TURN**2 / 2, turn * _TURN
        across, along = 1 + wide * _SIZE, 1 + tall * _SIZE
        maps.append(
            [
                [cosine * across, shear * _SHEAR - sine * along, right * _SHIFT],
                [sine * across, cosine * along, down * _SHIFT],
            ]
        )
    return maps


def _moved(x: torch.Tensor, affine: list[list[float]]) -> torch.Tensor:
    """Return the pictures under a map; what comes in from outside is as their rims."""
    maps = torch.tensor(affine, dtype=x.dtype, device=x.device)
    grid = torch.nn.functional.affine_grid(
        maps.expand(len(x), 2, 3), list(x.shape), align_corners=False
    )
    return torch.nn.functional.grid_sample(
        x, grid, padding_mode="border", align_corners=False
    )
