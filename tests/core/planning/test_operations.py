"""What a meta-step's time goes to is told operation by operation."""

from __future__ import annotations

import pytest
import torch

from workbench.core.engine.engine import ThreadEngine
from workbench.core.learning.episode import Episode, Examples
from workbench.core.planning.operations import operations, profiled


def test_the_longest_operations_come_first_and_all_are_counted() -> None:
    found = operations("sinusoid-1", "maml", "cpu")
    assert sum(each.share for each in found) == pytest.approx(1)
    *named, others = found
    assert [each.share for each in named] == sorted(
        (each.share for each in named), reverse=True
    )
    assert others.name == ""
    assert any("bmm" in each.name and each.calls >= 1 for each in named)


def test_what_task_threads_do_is_counted_too() -> None:
    engine = ThreadEngine(2)
    half = Examples(torch.randn(4, 3, 3), torch.randn(4, 3))
    episodes = Episode(half, half)

    def work(episode: Episode) -> torch.Tensor:
        return torch.linalg.matrix_exp(episode.support.x).sum()

    with profiled() as profile:
        engine.map(work, episodes)
    counts = {each.key: each.count for each in profile.key_averages()}
    assert counts["aten::linalg_matrix_exp"] >= 4
