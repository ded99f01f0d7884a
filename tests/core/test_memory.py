"""Asking the C library to keep memory is safe everywhere, and heeded by glibc."""

from __future__ import annotations

import platform

import pytest
import torch

from workbench.core.memory import keep_freed_memory

_PAGE = 4096


def test_memory_can_be_used_and_freed_after_asking_twice() -> None:
    keep_freed_memory()
    keep_freed_memory()
    for _ in range(3):
        assert torch.ones(2**20).sum() == 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a switch of glibc's")
def test_a_large_block_that_was_freed_serves_again_without_fresh_pages() -> None:
    import resource

    def use(bytes_taken: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.zeros(bytes_taken, dtype=torch.uint8)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    keep_freed_memory()
    size = 2**24
    use(size)
    assert min(use(size) for _ in range(5)) < size // _PAGE // 4
