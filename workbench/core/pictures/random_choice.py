"""Draws whole numbers without a loop over rows, on the generator's device."""

from __future__ import annotations

from workbench.core.base.lazy import torch


def distinct(
    counts: torch.Tensor, width: int, take: int, generator: torch.Generator
) -> torch.Tensor:
    """Draw, for each row, ``take`` different numbers below ``counts``, in random order.

    ``width`` is the largest count; every count must be at least ``take``.
    """
    if width > 64 * take:
        return _distinct_few(counts, take, generator)
    keys = torch.rand(len(counts), width, generator=generator, device=counts.device)
    beyond = torch.arange(width, device=counts.device) >= counts[:, None]
    return keys.masked_fill_(beyond, -1).topk(take).indices


def _distinct_few(
    counts: torch.Tensor, take: int, generator: torch.Generator
) -> torch.Tensor:
    """Draw one number after the other from those not taken: the width costs nothing."""
    taken = counts.new_empty((len(counts), 0))
    numbers = []
    for step in range(take):
        free = integers(counts - step, generator)[:, None]
        # taken[i] - i free numbers lie below taken[i], which is sorted.
        below = (taken - torch.arange(step, device=counts.device) <= free).sum(1)
        numbers.append(free[:, 0] + below)
        taken = torch.cat([taken, numbers[-1][:, None]], 1).sort(1).values
    return torch.stack(numbers, 1)


def integers(below: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Draw, for each row, a number under its own limit."""
    uniform = torch.rand(
        below.shape, generator=generator, device=below.device, dtype=torch.float64
    )
    return (uniform * below).long()
