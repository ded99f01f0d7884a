"""Batch normalisation by batch statistics, whose second derivative is a few kernels.

With the normalised input n = r (x - mean), where r = 1 / sqrt(var + eps), and the
projection P g = g - mean(g) - n mean(g n), the gradient of the input is s r P g for the
scale s. Differentiating that once more, along u, v and w for the input, scale and
shift, gives

    for g:  s r P u + v n + w
    for s:  r S,  with S = sum(u g) - N mean(u) mean(g) - N mean(u n) mean(g n)
    for x:  r P (a g + b u) - s r^2 S n / N,
            with a = v - s r mean(u n) and b = -s r mean(g n),

means and sums being over the N numbers of each channel. Torch spends some fifty
operations on it, which on small support sets are most of a second-order step.
"""

from __future__ import annotations

from typing import Any

import torch

Tensors = tuple[torch.Tensor, ...]


class _Forward(torch.autograd.Function):
    """(x, scale, shift) to the output; mean and r come along."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor, epsilon: float
    ) -> Tensors:
        # Torch's own adds up the channels of pictures with channels last so carelessly
        # that a second-order gradient keeps three digits in float32.
        count = x.numel() // x.shape[1]
        mean = _per_channel(x) / count
        centred = x - _wide(mean, x)
        r = (_per_channel(centred * centred) / count + epsilon).rsqrt()
        return torch.addcmul(_wide(shift, x), centred, _wide(scale * r, x)), mean, r

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Tensors) -> None:
        x, scale, _, ctx.epsilon = inputs
        _, mean, r = output
        ctx.mark_non_differentiable(mean, r)
        ctx.save_for_backward(x, scale, mean, r)

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor, *_: Any) -> tuple[Any, ...]:
        saved = ctx.saved_tensors
        return *_Backward.apply(g, *saved, ctx.epsilon), None


class _Backward(torch.autograd.Function):
    """(g, x, scale) to the gradients of x, scale and shift."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        g: torch.Tensor,
        x: torch.Tensor,
        scale: torch.Tensor,
        mean: torch.Tensor,
        r: torch.Tensor,
        epsilon: float,
    ) -> Tensors:
        return _native(g, x, scale, mean, r, epsilon)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Tensors) -> None:
        *tensors, ctx.epsilon = inputs
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    def backward(
        ctx: Any, u: torch.Tensor, v: torch.Tensor, w: torch.Tensor
    ) -> tuple[Any, ...]:
        g, x, scale, mean, r, sum_gn, sum_g = ctx.saved_tensors
        count = x.numel() // len(scale)
        projected, sum_un, sum_u = _native(u, x, scale, mean, r, ctx.epsilon)
        total = _per_channel(u * g) - (sum_u * sum_g + sum_un * sum_gn) / count
        a, b = v - scale * r * sum_un / count, -scale * r * sum_gn / count
        mixed = torch.addcmul(g * _wide(a, x), u, _wide(b, x))
        ones = torch.ones_like(scale)
        c = -scale * r**3 * total / count
        for_x = torch.addcmul(
            _native(mixed, x, ones, mean, r, ctx.epsilon)[0], x, _wide(c, x)
        ) - _wide(c * mean, x)
        for_g = torch.addcmul(projected, x, _wide(v * r, x)) + _wide(
            w - v * r * mean, x
        )
        return for_g, for_x, r * total, None, None, None


def _native(
    g: torch.Tensor,
    x: torch.Tensor,
    scale: torch.Tensor,
    mean: torch.Tensor,
    r: torch.Tensor,
    epsilon: float,
) -> Tensors:
    return torch.ops.aten.native_batch_norm_backward(
        g, x, scale, None, None, mean, r, True, epsilon, [True, True, True]
    )


def _per_channel(x: torch.Tensor) -> torch.Tensor:
    return x.sum([axis for axis in range(x.dim()) if axis != 1])


def _wide(channels: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return channels.view(-1, *(1 for _ in x.shape[2:]))


def batch_norm(
    x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor, epsilon: float
) -> torch.Tensor:
    """Return x [n, channels, ...] normalised over all but its channels."""
    return _Forward.apply(x, scale, shift, epsilon)[0]
