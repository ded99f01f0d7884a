"""Max-pooling on a CPU that keeps channels last in derivatives of every order.

Torch's own second derivative gathers into pictures with channels first; whatever meets
them afterwards takes five times as long.
"""

from __future__ import annotations

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
        ctx.save_for_backward(inputs[0], output[1])

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor, _: Any) -> Any:
        return _Scatter.apply(g, *ctx.saved_tensors)


class _Scatter(torch.autograd.Function):
    """A gradient back to where the largest pixels of x are."""

    generate_vmap_rule = True

    @staticmethod
    def forward(g: torch.Tensor, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return torch.ops.aten.max_pool2d_with_indices_backward(g, x, *_WINDOW, places)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, u: torch.Tensor) -> Any:
        return _Gather.apply(u, *ctx.saved_tensors), None, None


class _Gather(torch.autograd.Function):
    """What lies where the largest pixels of x are."""

    generate_vmap_rule = True

    @staticmethod
    def forward(u: torch.Tensor, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        rows, taken = (t.permute(0, 2, 3, 1).flatten(1, 2) for t in (u, places))
        gathered = rows.gather(1, taken).unflatten(1, places.shape[2:])
        return gathered.permute(0, 3, 1, 2)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> Any:
        return _Scatter.apply(g, *ctx.saved_tensors), None, None


def largest_of_four(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of every 2x2 pixels of x [n, channels, height, width]."""
    return _Pool.apply(x)[0]
