"""What Slurm's commands answer, and what is made of it where they refuse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.launching import cancel, submit
from workbench.core.clusters.records import Submitted, submitted, write_record
from workbench.core.clusters.settings import parse_slurm
from workbench.core.clusters.standing import Stand, Standing, standing
from workbench.core.clusters.worker_job import WorkerJob


class Commands:
    """Commands of that name that answer so, the only ones there are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "cat").symlink_to("/bin/cat")

    def answer(
        self, command: str, text: str = "", *, error: str = "", code: int = 0
    ) -> None:
        """Let a command say that, and note what it was called with."""
        (self.folder / f"{command}.out").write_text(text)
        (self.folder / f"{command}.err").write_text(error)
        script = self.folder / command
        script.write_text(
            f'#!/bin/sh\necho "$@" >>{self.folder}/{command}.called\n'
            f"cat {script}.out\ncat {script}.err >&2\nexit {code}\n"
        )
        script.chmod(0o755)

    def called(self, command: str) -> list[str]:
        """Return what a command was called with, a line a call."""
        file = self.folder / f"{command}.called"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A machine whose only commands are those that a test makes."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return Commands(tmp_path / "bin")


def of_slurm(runs: Path, *jobs: str) -> Submitted:
    """Return a record of jobs that Slurm was given."""
    record = Submitted(
        name="one", cluster="slurm", host="login", since=0, command=("c",), jobs=jobs
    )
    write_record(runs, record)
    return record


def test_each_state_of_slurms_is_told_with_where_or_why(
    tmp_path: Path, commands: Commands
):
    commands.answer(
        "squeue",
        "7_0|PENDING|Resources||0|\n7_1|PENDING|BeginTime||2|\n"
        "7_2|RUNNING|None|node3|0|\n7_3|COMPLETING|None|node3|0|\n"
        "7_4|COMPLETED|None|node4|0|\n7_5|CANCELLED|None||0|\n"
        "7_6|OUT_OF_MEMORY|OutOfMemory|node4|0|\n7_7|PENDING|None||0|\n8_0|RUNNING|None|other|0|\n",
    )
    record = of_slurm(tmp_path, *(f"7_{number}" for number in range(8)))
    found = standing(tmp_path, [record])
    assert list(found.values()) == [
        Standing("7_0", Stand.WAITING, why="Resources"),
        Standing("7_1", Stand.REQUEUED, why="BeginTime"),
        Standing("7_2", Stand.RUNNING, "node3"),
        Standing("7_3", Stand.ENDING, "node3"),
        Standing("7_4", Stand.DONE, "node4"),
        Standing("7_5", Stand.CANCELLED),
        Standing("7_6", Stand.FAILED, "node4", "out of memory (OutOfMemory)"),
        Standing("7_7", Stand.WAITING),
    ]
    assert len(commands.called("squeue")) == 1


def test_a_job_that_slurm_has_forgotten_is_what_it_left(
    tmp_path: Path, commands: Commands
):
    error = "slurm_load_jobs error: Invalid job id specified"
    commands.answer("squeue", error=error, code=1)
    record = of_slurm(tmp_path, "7_0")
    assert standing(tmp_path, [record])["7_0"].stand is Stand.FAILED
    commands.answer("scancel")
    cancel(tmp_path, ["7_0"])
    assert standing(tmp_path, submitted(tmp_path))["7_0"].stand is Stand.CANCELLED
    assert commands.called("scancel") == ["--quiet 7_0"]


def test_slurm_that_does_not_answer_is_told_in_its_own_words(
    tmp_path: Path, commands: Commands
):
    error = "slurm_load_jobs error: Unable to contact slurm controller"
    commands.answer("squeue", error=error, code=1)
    with pytest.raises(ClusterError, match="squeue: slurm_load_jobs error: Unable"):
        standing(tmp_path, [of_slurm(tmp_path, "7_0")])


def test_a_machine_without_slurm_is_told_where_to_ask(
    tmp_path: Path, commands: Commands
):
    with pytest.raises(ClusterError, match="no squeue on this machine: ask from one"):
        standing(tmp_path, [of_slurm(tmp_path, "7_0")])


def test_a_machine_without_sbatch_is_told_before_anything_is_written(
    tmp_path: Path, commands: Commands
):
    pytest.importorskip("submitit")
    with pytest.raises(ClusterError, match="there is no sbatch on this machine"):
        submit(tmp_path / "runs", WorkerJob(["true"]), 2, parse_slurm(""))
    assert not (tmp_path / "runs").exists()


def test_what_sbatch_refuses_is_told_once_in_its_words_and_forgotten(
    tmp_path: Path, commands: Commands, capfd: pytest.CaptureFixture[str]
):
    pytest.importorskip("submitit")
    error = "sbatch: error: invalid partition specified: none\n"
    error += "sbatch: error: Batch job submission failed: Invalid partition name\n"
    commands.answer("sbatch", error=error, code=1)
    commands.answer("srun")
    with pytest.raises(ClusterError) as caught:
        submit(tmp_path, WorkerJob(["true"]), 2, parse_slurm("partition=none"))
    assert str(caught.value) == (
        "sbatch refuses the jobs: invalid partition specified: none; "
        "Batch job submission failed: Invalid partition name"
    )
    assert os.listdir(tmp_path / ".jobs") == []
    assert capfd.readouterr().err == ""


def test_workers_are_one_array_with_what_was_asked_for(
    tmp_path: Path, commands: Commands
):
    pytest.importorskip("submitit")
    commands.answer("sbatch", "Submitted batch job 12\n")
    commands.answer("srun")
    asked = parse_slurm(
        "partition=gpu,time=4:00:00,gpus_per_node=1,cpus_per_task=3,mem=2G"
    )
    record = submit(tmp_path, WorkerJob(["true"]), 3, asked)
    assert record.jobs == ("12_0", "12_1", "12_2")
    assert len(commands.called("sbatch")) == 1
    script = (record.folder(tmp_path) / "12_submission.sh").read_text()
    for line in (
        "--array=0-2%3",
        "--partition=gpu",
        "--time=240",
        "--gpus-per-node=1",
        "--cpus-per-task=3",
        "--mem=2G",
        "--requeue",
        "--signal=USR2@120",
    ):
        assert f"#SBATCH {line}\n" in script
    assert "srun" in script
    assert script.count("--cpus-per-task=3") == 2
