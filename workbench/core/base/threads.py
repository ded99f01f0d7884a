"""How many threads torch uses: what one of ours sets, later ones begin with."""

from __future__ import annotations

import functools

from workbench.core.base.lazy import torch


@functools.cache
def all_threads() -> int:
    """Return how many torch came with; to be asked before any thread has fewer."""
    return torch.get_num_threads()


def use_all_threads() -> None:
    """Compute in the calling thread with as many as torch came with."""
    torch.set_num_threads(all_threads())


def use_one_thread() -> None:
    """Compute in the calling thread alone, for good.

    Torch takes it for the number of every thread that begins later as well: who is to
    have more of them says so.
    """
    all_threads()
    torch.set_num_threads(1)
