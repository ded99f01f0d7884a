"""Layers as pure functions of (params, x), and how their parameters start."""

from __future__ import annotations

from workbench.core.lazy import torch
from workbench.core.params import Params

_EPSILON = 1e-5


def linear(params: Params, name: str, x: torch.Tensor) -> torch.Tensor:
    """Return x W + b for the layer ``name``, whose weight is [inputs, outputs]."""
    return x @ params[f"{name}.weight"] + params[f"{name}.bias"]


def linear_rows(params: Params, name: str, x: torch.Tensor) -> torch.Tensor:
    """Return x W^T + b for the layer ``name``, whose weight is [outputs, inputs]."""
    return x @ params[f"{name}.weight"].mT + params[f"{name}.bias"]
