"""Max-pooling on a CPU that keeps channels last in derivatives of every order.

Torch's own second derivative gathers into pictures with channels first; whatever meets
them afterwards takes five times as long. Its first keeps all pixels until it knows
where the largest were, for nothing but their number.
"""

from __future__ import annotations

import math
from typing import Any

import torch

_WINDOW = ([2, 2], [2, 2], [0, 0], [1, 1], False)


class _Pool(torch.autograd.Function):
    """x to the largest of every 2x2 pixels and where they are."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: torch.Tensor) -> Any:
        return torch.ops.aten.max_pool2d_with_indices(x, *_WINDOW)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(output[1])
        ctx.size = inputs[0].shape[2:]

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor, _: Any) -> Any:
        return _Scatter.apply(g, *ctx.saved_tensors, ctx.size)


class _Scatter(torch.autograd.Function):
    """A gradient back to where the largest pixels are, in maps of a size."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        g: torch.Tensor, places: torch.Tensor, size: tuple[int, ...]
    ) -> torch.Tensor:
        values, taken = _rows(g), _rows(places)
        nowhere = g.new_zeros(()).expand(len(g), math.prod(size), g.shape[1])
        return _maps(nowhere.scatter(1, taken, values), size)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[1])

    @staticmethod
    def backward(ctx: Any, u: torch.Tensor) -> Any:
        return _Gather.apply(u, *ctx.saved_tensors), None, None


class _Gather(torch.autograd.Function):
    """What lies where the largest pixels are."""

    generate_vmap_rule = True

    @staticmethod
    def forward(u: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return _maps(_rows(u).gather(1, _rows(places)), places.shape[2:])

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[1])
        ctx.size = inputs[0].shape[2:]

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> Any:
        return _Scatter.apply(g, *ctx.saved_tensors, ctx.size), None


def _rows(maps: torch.Tensor) -> torch.Tensor:
    """Return maps [n, channels, h, w] as rows of pixels [n, h w, channels]."""
    return maps.permute(0, 2, 3, 1).flatten(1, 2)


def _maps(rows: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Return rows of pixels as maps of a size."""
    return rows.unflatten(1, size).permute(0, 3, 1, 2)


def largest_of_four(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of every 2x2 pixels of x [n, channels, height, width]."""
    return _Pool.apply(x)[0]
