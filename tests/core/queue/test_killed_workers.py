"""Two workers and two onlookers on one queue, killed at writes that a seed chooses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import killed_workers
from tests.made_runs import small_config
from workbench.core.queue.queue import RunQueue

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")


def test_a_queue_whose_workers_are_killed_is_trained_as_if_they_had_not_been(
    tmp_path: Path,
) -> None:
    configs = {
        f"{kind}-{seed}": small_config(algorithm__kind=kind, training__seed=seed)
        for seed, kind in enumerate(("maml", "reptile", "meta-sgd"))
    }
    truth = killed_workers.undisturbed(configs, tmp_path / "undisturbed")
    place = killed_workers.Place(tmp_path / "disturbed")
    RunQueue(place.runs).add(list(configs.items()))
    crowd = killed_workers.Crowd(place, seed=0, deaths=30)
    try:
        while crowd.tend(60):
            pass
    finally:
        crowd.disperse()
    assert crowd.killed >= 12
    assert place.wrong(truth) == []
