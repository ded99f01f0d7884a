"""Randomness as a pure function of seed, stream and number: nothing to save or lose."""

from __future__ import annotations

import hashlib

from workbench.core.base.lazy import torch


def generator_for(
    seed: int, stream: str, number: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the generator of one draw: the ``number``-th of ``stream`` under ``seed``.

    The episodes of meta-step 500 are the same whether or not the run was interrupted
    before it, and can be drawn again by whoever wants to look at them.
    """
    digest = hashlib.sha256(f"{seed}/{stream}/{number}".encode()).digest()
    generator = torch.Generator(device)
    generator.manual_seed(int.from_bytes(digest[:8], "little") >> 1)
    return generator
