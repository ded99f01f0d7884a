"""Layers as pure functions of (params, x), and how their parameters start."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.learning.params import Params

Norm: TypeAlias = Literal["batch", "layer", "none"]

_EPSILON = 1e-3


def xavier(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Draw Xavier-uniform weights of shape [outputs, inputs, ...]."""
    field = math.prod(shape[2:])
    bound = math.sqrt(6 / (field * (shape[0] + shape[1])))
    drawn = torch.rand(shape, generator=generator, device=generator.device)
    return (2 * drawn - 1) * bound


def standard_normal(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Draw from a normal distribution with standard deviation 1."""
    return torch.randn(shape, generator=generator, device=generator.device)


def truncated_normal(
    shape: tuple[int, ...], deviation: float, generator: torch.Generator
) -> torch.Tensor:
    """Draw from a normal distribution cut off at two standard deviations."""
    inside = math.erf(math.sqrt(2))
    drawn = torch.rand(
        shape, generator=generator, device=generator.device, dtype=torch.float64
    )
    return (torch.erfinv((2 * drawn - 1) * inside) * math.sqrt(2) * deviation).float()


def convolution(
    params: Params, name: str, x: torch.Tensor, stride: int
) -> torch.Tensor:
    """Return the maps of x [n, channels, height, width], padded by half a kernel."""
    weight, bias = params[f"{name}.weight"], params.get(f"{name}.bias")
    padding = weight.shape[-1] // 2
    if not _on_cpu(x):
        return torch.nn.functional.conv2d(x, weight, bias, stride, padding)
    from workbench.core.ops.convolution import convolve

    return convolve(x, weight, stride, padding, bias)


def max_pool(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of every 2x2 pixels of x [n, channels, height, width]."""
    if not _on_cpu(x):
        return torch.nn.functional.max_pool2d(x, 2)
    from workbench.core.ops.pooling import largest_of_four

    return largest_of_four(x)


def norm_start(name: str, norm: Norm, channels: int, device: torch.device) -> Params:
    """Return a norm's scale of ones and shift of zeros."""
    if norm == "none":
        return {}
    return {
        f"{name}.scale": torch.ones(channels, device=device),
        f"{name}.shift": torch.zeros(channels, device=device),
    }


def block_start(
    number: int,
    norm: Norm,
    shape: tuple[int, int, int, int],
    generator: torch.Generator,
) -> Params:
    """Draw a convolution with its norm; it has a bias only where no norm follows."""
    weight = xavier(shape, generator)
    params = {f"conv{number}.weight": weight}
    if norm == "none":
        params[f"conv{number}.bias"] = weight.new_zeros(shape[0])
    return params | norm_start(f"norm{number}", norm, shape[0], generator.device)


def normalise(params: Params, name: str, norm: Norm, x: torch.Tensor) -> torch.Tensor:
    """Normalise x [n, channels, ...] by batch statistics, or each example by its own.

    Batch statistics are those of the examples at hand, in training and at test, as in
    the papers: outputs then depend on what is classified together.
    """
    if norm == "none":
        return x
    scale, shift = params[f"{name}.scale"], params[f"{name}.shift"]
    if norm == "batch":
        from workbench.core.ops.batch_norm import batch_norm

        return batch_norm(x, scale, shift, _EPSILON)
    return torch.nn.functional.group_norm(x, 1, scale, shift, eps=_EPSILON)


def fold_norm(
    params: Params, conv: str, norm: str, x: torch.Tensor, stride: int
) -> Params | None:
    """Return a convolution's weights and bias that normalise pictures x by themselves.

    None where a norm after the convolution is quicker.
    """
    from workbench.core.ops.folding import are_few, folded

    weight = params[f"{conv}.weight"]
    if not _on_cpu(x) or not are_few(x, weight, stride):
        return None
    scale, shift = params[f"{norm}.scale"], params[f"{norm}.shift"]
    weight, bias = folded(x, weight, scale, shift, stride, _EPSILON)
    return {f"{conv}.weight": weight, f"{conv}.bias": bias}


def _on_cpu(x: torch.Tensor) -> bool:
    """Tell whether to compute with what is written here for CPUs."""
    return x.device.type == "cpu"
