"""The dense layer, which every model ends in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.core.base.lazy import torch


def dense_start(name: str, weight: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return a dense layer's parameters: the weight drawn and a bias of zeros."""
    return {f"{name}.weight": weight, f"{name}.bias": weight.new_zeros(len(weight))}


def dense(params: Mapping[str, Any], name: str, x: torch.Tensor) -> torch.Tensor:
    """Return the dense layer's outputs for x of shape [n, inputs]."""
    return torch.nn.functional.linear(
        x, params[f"{name}.weight"], params[f"{name}.bias"]
    )
