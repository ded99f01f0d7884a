"""The batch norm after the first convolution, folded into its weights.

A map is w p for every patch p of the pictures, so that its mean and variance over them
are w m and w C w, with the mean m and the covariance C of the patches: small matrices
that are the same in every inner step. With r = 1 / sqrt(w C w + eps), the scale s and
the shift b, the normalised map is

    s r (w p - w m) + b = (s r w) p + (b - s r w m),

a convolution with other weights. The largest maps of the network are then neither added
up nor rescaled, nor are their gradients, of any order.
"""

from __future__ import annotations

import torch

from workbench.core.ops.convolution import patches_of

_MOST = 2**23
"""Numbers in all patches; more take longer than the passes over maps they spare."""


def are_few(x: torch.Tensor, weight: torch.Tensor, stride: int) -> bool:
    """Tell whether x [n, channels, h, w] has so few patches that folding is quicker."""
    return x.numel() * weight.shape[-1] ** 2 <= _MOST * stride**2


def folded(
    x: torch.Tensor,
    weight: torch.Tensor,
    scale: torch.Tensor,
    shift: torch.Tensor,
    stride: int,
    epsilon: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the weights and the bias whose maps of x are normalised."""
    size = weight.shape[-1]
    mean, covariance = _moments(patches_of(x, size, stride, size // 2))
    rows = weight.flatten(1)
    variance = ((rows @ covariance) * rows).sum(1)
    factor = scale * (variance + epsilon).rsqrt()
    return factor[:, None, None, None] * weight, shift - factor * (rows @ mean)


def _moments(patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean and the covariance of patches [n, channels, h, w, k, k]."""
    n, channels, height, width, size, _ = patches.shape
    flat = patches.permute(0, 1, 4, 5, 2, 3).reshape(n, channels * size**2, -1)
    mean = flat.mean((0, 2))
    centred = flat - mean[:, None]
    return mean, (centred @ centred.mT).sum(0) / (n * height * width)
