"""Workers as jobs of this machine: submitted, interrupted, cancelled, and lost."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stand_in_workers import StandIns
from workbench.core.clusters import launching
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.launching import cancel, submit
from workbench.core.clusters.records import Submitted, job_log, submitted
from workbench.core.clusters.settings import parse_slurm
from workbench.core.clusters.standing import Stand, Standing, standing
from workbench.core.clusters.worker_job import WorkerJob

pytest.importorskip("submitit")
resource = pytest.importorskip("resource")  # and all that is POSIX's


@pytest.fixture
def stand_ins(tmp_path: Path) -> Iterator[StandIns]:
    """Workers that stand in, and somebody who listens to them."""
    made = StandIns(tmp_path / "said")
    yield made
    made.close()


@pytest.fixture
def runs(tmp_path: Path, stand_ins: StandIns) -> Iterator[Path]:
    """A folder for runs; what was submitted for it ends before who listens to it."""
    folder = tmp_path / "runs"
    folder.mkdir()
    yield folder
    for record in submitted(folder):
        if record.cluster == "local":
            cancel(folder, record.jobs)
            wait_for(record)


def launched(runs: Path, job: WorkerJob, workers: int = 1) -> Submitted:
    return submit(runs, job, workers, parse_slurm(""), cluster="local")


def wait_for(record: Submitted) -> None:
    """Wait for the ends of a submission's jobs."""
    for each in [each for each in launching._children if each.job_id in record.jobs]:
        each._process.wait()
        launching._children.remove(each)


def stands(runs: Path) -> list[Standing]:
    return list(standing(runs, submitted(runs)).values())


def test_every_worker_runs_the_command_with_what_it_is_to_know(
    runs: Path, stand_ins: StandIns
):
    record = launched(runs, stand_ins.job(0, note="known"), workers=2)
    said = [stand_ins.hear(), stand_ins.hear()]
    wait_for(record)
    assert [each.note for each in said] == ["known", "known"]
    assert len({each.pid for each in said}) == 2
    assert [each.stand for each in stands(runs)] == [Stand.DONE, Stand.DONE]
    for job in record.jobs:
        assert "begun" in job_log(runs, job).read_text()


def test_another_process_finds_what_was_submitted(runs: Path, stand_ins: StandIns):
    record = launched(runs, stand_ins.job(0))
    assert submitted(runs) == [record]
    assert record.command[-2:] == (str(stand_ins.folder), "0")
    wait_for(record)


@pytest.mark.parametrize("gpus", ["1", "", None])
def test_a_worker_here_sees_the_gpus_that_are_seen_here_for_as_long_as_it_takes(
    runs: Path, monkeypatch: pytest.MonkeyPatch, gpus: str | None
):
    if gpus is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
    shown = "[${CUDA_VISIBLE_DEVICES-all}] for $SUBMITIT_LOCAL_TIMEOUT_S"
    record = launched(runs, WorkerJob(["sh", "-c", f'echo "{shown}"']))
    wait_for(record)
    seen = "all" if gpus is None else gpus
    a_year = 365 * 24 * 3600
    assert f"[{seen}] for {a_year}" in job_log(runs, record.jobs[0]).read_text()


def test_a_preempted_worker_ends_by_itself_and_goes_on(runs: Path, stand_ins: StandIns):
    record = launched(runs, stand_ins.job())
    begun = stand_ins.hear()
    assert stands(runs)[0].stand is Stand.RUNNING
    os.kill(begun.job_pid, signal.SIGUSR2)
    wait_for(record)
    assert stand_ins.whats() == ["begun", "told to end", "ended", "begun", "ended"]
    assert stands(runs) == [Standing(record.jobs[0], Stand.DONE)]


def test_what_the_cluster_says_to_all_processes_leaves_a_worker_alone(
    runs: Path, stand_ins: StandIns
):
    record = launched(runs, stand_ins.job())
    begun = stand_ins.hear()
    os.kill(begun.pid, signal.SIGUSR2)
    os.kill(begun.job_pid, signal.SIGUSR2)
    wait_for(record)
    assert stand_ins.whats() == ["begun", "told to end", "ended", "begun", "ended"]


def test_a_cancelled_worker_ends_by_itself_and_does_not_go_on(
    runs: Path, stand_ins: StandIns
):
    record = launched(runs, stand_ins.job())
    stand_ins.hear()
    cancel(runs, record.jobs)
    wait_for(record)
    assert stand_ins.whats() == ["begun", "told to end", "ended"]
    assert stands(runs) == [Standing(record.jobs[0], Stand.CANCELLED)]


def test_only_the_job_that_is_named_is_cancelled(runs: Path, stand_ins: StandIns):
    first, second = launched(runs, stand_ins.job(), workers=2).jobs
    pids = {stand_ins.hear().pid, stand_ins.hear().pid}
    cancel(runs, [second])
    told = stand_ins.hear()
    wait_for(submitted(runs)[0].model_copy(update={"jobs": (second,)}))
    assert told.what == "told to end"
    assert told.pid in pids
    found = standing(runs, submitted(runs))
    assert (found[first].stand, found[second].stand) == (
        Stand.RUNNING,
        Stand.CANCELLED,
    )


def test_a_job_told_twice_tells_its_worker_once(runs: Path, stand_ins: StandIns):
    record = launched(runs, stand_ins.job())
    begun = stand_ins.hear()
    for _ in range(3):
        os.kill(begun.job_pid, signal.SIGTERM)
    wait_for(record)
    assert stand_ins.whats() == ["begun", "told to end", "ended"]


def test_a_worker_that_fails_says_how(runs: Path, stand_ins: StandIns):
    record = launched(runs, stand_ins.job(3))
    wait_for(record)
    (found,) = stands(runs)
    assert found.stand is Stand.FAILED
    assert found.why == "the worker ended with 3; what it said is above"


def test_a_command_that_is_not_there_is_named(runs: Path):
    record = launched(runs, WorkerJob(["/no/such/command"]))
    wait_for(record)
    (found,) = stands(runs)
    assert found.stand is Stand.FAILED
    assert "/no/such/command" in found.why


def test_a_worker_whose_job_was_killed_ends_with_its_checkpoint(
    runs: Path, stand_ins: StandIns
):
    record = launched(runs, stand_ins.job())
    begun = stand_ins.hear()
    os.kill(begun.job_pid, signal.SIGKILL)
    assert stand_ins.hear().what == "told to end"
    wait_for(record)
    (found,) = stands(runs)
    assert (found.stand, found.why) == (
        Stand.FAILED,
        "it is gone and left no result",
    )


def test_a_result_that_would_run_something_does_not(
    runs: Path, stand_ins: StandIns, tmp_path: Path
):
    record = launched(runs, stand_ins.job(0))
    wait_for(record)

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    result = record.result(runs, record.jobs[0])
    result.write_bytes(pickle.dumps(("success", Evil())))
    (found,) = stands(runs)
    assert found.stand is Stand.FAILED
    assert "posix.mkdir" in found.why
    assert not (tmp_path / "made").exists()


def test_a_record_that_cannot_be_read_hides_no_other(runs: Path, stand_ins: StandIns):
    record = launched(runs, stand_ins.job(0))
    (runs / ".jobs" / "damaged.json").write_text("{")
    assert submitted(runs) == [record]
    wait_for(record)


def test_a_job_that_was_never_submitted_has_no_log(runs: Path):
    with pytest.raises(ClusterError, match=r"no job 12_3 was submitted for .*runs"):
        job_log(runs, "12_3")


def test_a_folder_that_cannot_be_written_is_named_before_anything_runs(
    tmp_path: Path, stand_ins: StandIns
):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ClusterError, match="taken is no folder") as caught:
        launched(tmp_path / "taken" / "runs", stand_ins.job())
    assert caught.value.remedies
    assert not stand_ins.whats()


def test_a_disk_that_is_full_is_told_and_nothing_is_left_on_it(
    runs: Path, stand_ins: StandIns
):
    job = stand_ins.job(note="n" * 10_000)  # which a record does not have
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, limits[1]))
    try:
        with pytest.raises(ClusterError, match="there is no room for it on the disk"):
            launched(runs, job)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(runs / ".jobs") == []
    assert not stand_ins.whats()


def test_processes_of_another_machine_are_there_as_far_as_is_known(
    runs: Path, stand_ins: StandIns
):
    record = launched(runs, stand_ins.job())
    stand_ins.hear()
    elsewhere = record.model_copy(update={"host": "elsewhere"})
    (found,) = standing(runs, [elsewhere]).values()
    assert found.stand is Stand.RUNNING
    assert found.why == "as far as is known: only elsewhere can say"


def test_a_missing_package_is_named_with_what_brings_it(
    runs: Path, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workbench.core.base.extras.find_spec", lambda name: None)
    with pytest.raises(ClusterError) as caught:
        launched(runs, stand_ins.job())
    assert str(caught.value) == (
        "workers cannot be submitted: submitit and cloudpickle are not installed: "
        "pip install 'fewshot-workbench[cluster]'"
    )
    assert not submitted(runs)
