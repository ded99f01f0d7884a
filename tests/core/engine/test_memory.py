"""Asking the C library to keep memory is safe everywhere, and heeded by glibc."""

from __future__ import annotations

import platform
import threading

import psutil
import pytest
import torch

from workbench.core.engine.memory import give_kept_memory_back, keep_freed_memory

_PAGE = 4096


def test_memory_can_be_used_and_freed_after_asking_twice() -> None:
    keep_freed_memory()
    keep_freed_memory()
    for _ in range(3):
        assert torch.ones(2**20).sum() == 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a switch of glibc's")
def test_large_blocks_that_were_freed_serve_again_without_fresh_pages() -> None:
    import resource

    size, count = 2**24, 8

    def use() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        blocks = [torch.empty(size, dtype=torch.uint8).fill_(1) for _ in range(count)]
        del blocks
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    keep_freed_memory()
    use()
    assert min(use() for _ in range(5)) < count * size // _PAGE // 4


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a switch of glibc's")
def test_what_a_thread_kept_goes_back_to_the_system() -> None:
    megabytes = 64

    def use() -> None:
        blocks = [torch.ones(2**18) for _ in range(megabytes)]
        last = torch.ones(2**18)  # what lies before it cannot be cut off
        blocks.clear()
        held.append(last)

    held: list[torch.Tensor] = []
    keep_freed_memory()
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    before = held_mb()
    give_kept_memory_back()
    assert before - held_mb() > megabytes / 2


def held_mb() -> float:
    return psutil.Process().memory_info().rss / 2**20
