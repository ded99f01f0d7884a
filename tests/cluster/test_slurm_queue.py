"""A queue of runs, trained by workers that a real Slurm preempts and cancels."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import workbench
from tests.cluster.asking import slurms, stand_is, until
from tests.killed_workers import differences, undisturbed
from tests.made_runs import small_config
from workbench.core.clusters.launching import cancel, submit
from workbench.core.clusters.records import submitted
from workbench.core.clusters.settings import parse_slurm
from workbench.core.clusters.standing import Stand, standing
from workbench.core.clusters.worker_job import WorkerJob
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.search import list_runs

pytest.importorskip("submitit")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("slurm")]

_MAIN = Path(workbench.__file__).parents[1] / "main.py"


def worker(runs: Path) -> WorkerJob:
    """Return a job that trains what is queued."""
    words = ["work", "--runs", str(runs), "--data", str(runs), "--device", "cpu"]
    return WorkerJob([sys.executable, str(_MAIN), *words], {"OMP_NUM_THREADS": "1"})


def test_an_array_trains_twenty_runs_through_preemption_and_a_cancelled_worker(
    tmp_path: Path,
):
    runs = tmp_path / "runs"
    runs.mkdir()
    queue = RunQueue(runs)
    # Each of another size, so that none is trained beside another in one process.
    configs = {
        f"run {number}": small_config(
            training__iterations=100, model__hidden=[8 + number]
        )
        for number in range(20)
    }
    queue.add(list(configs.items()))
    asked = parse_slurm("partition=gpu,time=4:00:00")
    record = submit(runs, worker(runs), 3, asked)
    until(runs, lambda _: any(item.state == "done" for item in queue.read().items))

    urgent = ("--partition=urgent", "--exclusive", "--output=/dev/null")
    slurms("sbatch", *urgent, "--wrap=sleep 1")
    until(runs, stand_is(Stand.REQUEUED))
    state = queue.read()
    assert state.waiting
    assert not [item for item in state.items if item.worker and item.state != "done"]

    until(runs, lambda found: found[0].stand is Stand.RUNNING)
    cancel(runs, record.jobs[:1])
    until(runs, lambda found: all(each.stand.is_over for each in found))
    found = standing(runs, submitted(runs))
    assert [found[job].stand for job in record.jobs] == [
        Stand.CANCELLED,
        Stand.DONE,
        Stand.DONE,
    ]

    items = queue.read().items
    assert [item.state for item in items] == ["done"] * 20
    assert len(list_runs(runs)) == len({item.run for item in items}) == 20
    truth = undisturbed(configs, tmp_path / "undisturbed")
    wrong = {
        each.name: differences(runs / each.run, truth / each.name) for each in items
    }
    assert not any(wrong.values()), wrong
