"""Asking the C library to keep memory is safe everywhere, and done once."""

from __future__ import annotations

import torch

from workbench.core.memory import keep_freed_memory


def test_memory_can_be_used_and_freed_after_asking_twice() -> None:
    keep_freed_memory()
    keep_freed_memory()
    for _ in range(3):
        assert torch.ones(2**20).sum() == 2**20
