"""Distributions of a tree's numbers, layer by layer."""

from __future__ import annotations

from workbench.core.base.lazy import torch
from workbench.core.learning.params import Params, named_leaves
from workbench.core.runs.events import HistogramEvent

_BINS = 40


def histogram(step: int, title: str, tree: Params) -> HistogramEvent:
    """Count the numbers of every leaf in equal bins from its lowest to its highest."""
    edges: dict[str, tuple[float, ...]] = {}
    counts: dict[str, tuple[float, ...]] = {}
    for name, leaf in named_leaves(tree):
        values = leaf.detach().float().flatten().cpu()
        low, high = values.min().item(), values.max().item()
        if low == high:
            low, high = low - 1e-6, high + 1e-6
        edges[name] = tuple(torch.linspace(low, high, _BINS + 1).tolist())
        counts[name] = tuple(torch.histc(values, _BINS, low, high).tolist())
    return HistogramEvent(step, title, edges, counts)
