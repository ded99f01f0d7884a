"""Workers as jobs of a real Slurm: all run, are preempted, run out of time, cancelled.

Slurm decides when something happens; a test waits for what a worker says, or asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import slurms, stand_is, until
from tests.stand_in_workers import StandIns
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.launching import cancel, submit
from workbench.core.clusters.records import job_log, submitted
from workbench.core.clusters.settings import parse_slurm
from workbench.core.clusters.standing import Stand, standing

pytest.importorskip("submitit")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("slurm")]


@pytest.fixture
def stand_ins(tmp_path: Path) -> Iterator[StandIns]:
    """Workers that stand in, and somebody who listens to them."""
    made = StandIns(tmp_path / "said")
    yield made
    made.close()


@pytest.fixture
def runs(tmp_path: Path, slurm: Path, stand_ins: StandIns) -> Iterator[Path]:
    """A folder for runs; what was submitted for it ends before who listens to it."""
    folder = tmp_path / "runs"
    folder.mkdir()
    yield folder
    for record in submitted(folder):
        cancel(folder, record.jobs)
    until(folder, lambda found: all(each.stand.is_over for each in found))


def test_all_jobs_of_an_array_run_at_once(runs: Path, stand_ins: StandIns):
    asked = parse_slurm("partition=gpu,time=4:00:00,gpus_per_node=1,cpus_per_task=2")
    record = submit(runs, stand_ins.job(0), 2, asked)
    assert len({job.partition("_")[0] for job in record.jobs}) == 1
    found = until(runs, stand_is(Stand.DONE))
    assert [each.host for each in found] == 2 * [slurms("hostname", "-s").strip()]
    assert stand_ins.acts() == ["begun", "begun"]
    for job in record.jobs:
        assert "begun" in job_log(runs, job).read_text()


def test_a_job_that_has_no_room_waits_and_says_for_what(
    runs: Path, stand_ins: StandIns
):
    asked = parse_slurm("partition=gpu,gpus_per_node=2,time=10")
    record = submit(runs, stand_ins.job(), 2, asked)
    stand_ins.hear()
    reasons = ("Resources", "Priority")
    found = until(runs, lambda each: each[1].why in reasons)
    assert [each.stand for each in found] == [Stand.RUNNING, Stand.WAITING]
    cancel(runs, record.jobs)
    until(runs, stand_is(Stand.CANCELLED))


def test_a_preempted_job_stops_is_requeued_and_goes_on(runs: Path, stand_ins: StandIns):
    record = submit(runs, stand_ins.job(), 2, parse_slurm("partition=gpu,time=10"))
    begun = {stand_ins.hear().pid, stand_ins.hear().pid}
    urgent = ("--partition=urgent", "--exclusive", "--output=/dev/null")
    slurms("sbatch", *urgent, "--wrap=sleep 3")
    until(runs, stand_is(Stand.REQUEUED))
    until(runs, stand_is(Stand.DONE))
    whats = stand_ins.acts()
    assert sorted(whats[:6]) == sorted(2 * ["begun", "told to end", "ended"])
    assert sorted(whats[6:]) == ["begun", "begun", "ended", "ended"]
    lines = stand_ins.journal.read_text().splitlines()
    assert not begun & {int(line.split()[-2]) for line in lines[-4:]}
    assert len(record.jobs) == 2


@pytest.mark.parametrize("stays", [0, 1])
def test_a_requeued_job_of_several_goes_on_alone(
    runs: Path, stand_ins: StandIns, stays: int
):
    record = submit(runs, stand_ins.job(), 2, parse_slurm("partition=gpu,time=10"))
    assert {stand_ins.hear().what, stand_ins.hear().what} == {"begun"}
    slurms("scontrol", "requeue", record.jobs[1 - stays])
    until(runs, lambda found: found[1 - stays].stand is Stand.DONE)
    assert standing(runs, [record])[record.jobs[stays]].stand is Stand.RUNNING
    whats = stand_ins.acts()
    assert whats == ["begun", "begun", "told to end", "ended", "begun", "ended"]


def test_a_job_that_runs_out_of_time_stops_before_and_goes_on(
    runs: Path, stand_ins: StandIns
):
    # A minute is the least; Slurm may send the signal up to a minute early.
    asked = parse_slurm("partition=gpu,time=1,signal_delay=50")
    (job,) = submit(runs, stand_ins.job(), 1, asked).jobs
    until(runs, stand_is(Stand.DONE))
    assert stand_ins.acts() == ["begun", "told to end", "ended", "begun", "ended"]
    assert "this job is timed-out" in job_log(runs, job).read_text()


def test_a_cancelled_job_ends_by_itself_and_stays_cancelled(
    runs: Path, stand_ins: StandIns
):
    submit(runs, stand_ins.job(), 2, parse_slurm("partition=gpu,time=10"))
    stand_ins.hear(), stand_ins.hear()
    (record,) = submitted(runs)  # as another process finds it
    cancel(runs, record.jobs[:1])
    found = until(runs, lambda each: each[0].stand is Stand.CANCELLED)
    assert found[1].stand is Stand.RUNNING
    assert stand_ins.acts() == ["begun", "begun", "told to end", "ended"]
    cancel(runs, record.jobs)
    until(runs, stand_is(Stand.CANCELLED))
    assert stand_ins.acts().count("begun") == 2


def test_a_cancelled_job_that_slurm_forgot_is_cancelled_still(
    runs: Path, stand_ins: StandIns, slurm: Path
):
    record = submit(runs, stand_ins.job(), 1, parse_slurm("partition=gpu,time=10"))
    stand_ins.hear()
    cancel(runs, record.jobs)
    until(runs, stand_is(Stand.CANCELLED))
    (forgotten,) = (
        each.model_copy(update={"jobs": ("999",)}) for each in submitted(runs)
    )
    forgotten = forgotten.model_copy(update={"cancelled": ("999",)})
    assert standing(runs, [forgotten])["999"].stand is Stand.CANCELLED


def test_a_worker_that_fails_is_told_with_its_own_end(runs: Path, stand_ins: StandIns):
    submit(runs, stand_ins.job(3), 1, parse_slurm("partition=gpu,time=10"))
    (found,) = until(runs, stand_is(Stand.FAILED))
    assert found.why == "the worker ended with 3; what it said is above"


def test_a_partition_that_is_not_there_is_told_in_slurms_words(
    runs: Path, stand_ins: StandIns
):
    with pytest.raises(ClusterError, match=r"sbatch refuses the jobs: .*partition"):
        submit(runs, stand_ins.job(), 1, parse_slurm("partition=none"))
    assert not submitted(runs)
