"""Workers submitted to a cluster, all by one array of jobs; and cancelled."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.core.base.extras import missing_of
from workbench.core.base.lazy import imported
from workbench.core.base.processes import is_running, process_mark
from workbench.core.clusters import worker_job
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.records import Submitted, refused, submitted, write_record
from workbench.core.clusters.slurm import ask_slurm, said_by
from workbench.core.clusters.worker_job import GPUS as _GPUS
from workbench.core.clusters.worker_job import WorkerJob

_MOST_REQUEUES = 1000
"""How often a job that ran out of time is requeued; its runs go on where they were."""

_NO_LIMIT = 365 * 24 * 60
"""Minutes that a local job may take: no one else waits for its place."""

_children: list[Any] = []
"""Local jobs of this process, which has to ask what became of them."""


def missing_for_clusters() -> str:
    """Return what is to be installed before workers can be submitted, if anything."""
    return missing_of("cluster", "submitit", "cloudpickle")


def submit(
    runs: Path,
    job: WorkerJob,
    workers: int,
    settings: Mapping[str, int | str],
    cluster: str = "slurm",
) -> Submitted:
    """Submit workers for a folder of runs and write down which jobs they are.

    ``settings`` are ``parse_slurm``'s. ``cluster`` may be ``local``: then they are
    processes of this machine.
    """
    check_cluster(cluster)
    record = Submitted(
        name=f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}",
        cluster=cluster,
        host=socket.gethostname(),
        since=time.time(),
        command=tuple(job.command),
        settings=dict(settings),
    )
    runs = runs.absolute()
    write_record(runs, record)  # first of all: jobs that nobody knows of are lost
    try:
        jobs = _submitted(record, runs, [_placed(job, cluster)] * workers)
    except BaseException:
        _forget(runs, record)
        raise
    ids = tuple(each.job_id for each in jobs)
    marks = {}
    if cluster == "local":
        _children.extend(jobs)
        marks = {each: process_mark(int(each)) for each in ids}
    record = record.model_copy(update={"jobs": ids, "marks": marks})
    try:
        write_record(runs, record)
    except ClusterError:
        _end(record, ids)
        raise
    return record


def cancel(runs: Path, jobs: Collection[str]) -> None:
    """Cancel jobs, whoever submitted them: waiting ones, and those that run.

    Their workers are told to end, and write checkpoints.
    """
    for record in submitted(runs):
        of_these = tuple(job for job in record.jobs if job in jobs)
        if of_these:
            _end(record, of_these)
            all_of_them = tuple(dict.fromkeys((*record.cancelled, *of_these)))
            write_record(runs, record.model_copy(update={"cancelled": all_of_them}))


def check_cluster(cluster: str) -> None:
    """Raise ClusterError where no jobs can be submitted from here."""
    missing = missing_for_clusters()
    if missing:
        raise ClusterError(f"workers cannot be submitted: {missing}")
    if cluster == "slurm" and shutil.which("sbatch") is None:
        raise ClusterError(
            "there is no sbatch on this machine: submit from one that has Slurm's "
            "commands, such as the cluster's login node"
        )


def _placed(job: WorkerJob, cluster: str) -> WorkerJob:
    """Return the job as it is run there: a local one has the GPUs that are here."""
    if cluster != "local" or _GPUS not in os.environ:
        return job
    here = {_GPUS: os.environ[_GPUS]}
    return WorkerJob(job.command, here | job.environment)


def _submitted(record: Submitted, runs: Path, workers: list[WorkerJob]) -> list[Any]:
    submitit, refusals = imported("submitit"), imported("submitit.core.utils")
    executor = submitit.AutoExecutor(
        record.folder(runs),
        cluster=record.cluster,
        local_max_num_timeout=_MOST_REQUEUES,
        slurm_max_num_timeout=_MOST_REQUEUES,
    )
    executor.update_parameters(**_parameters(record))
    try:
        # What sbatch refuses is also printed; it is told once.
        with _pickled_with_source(), contextlib.redirect_stderr(io.StringIO()):
            return list(executor.submit_array(workers))
    except (refusals.FailedJobError, refusals.FailedSubmissionError) as error:
        why = said_by("sbatch", str(error))
        raise ClusterError(f"sbatch refuses the jobs: {why}") from error
    except OSError as error:
        raise refused(error, record.folder(runs)) from error


def _parameters(record: Submitted) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "fewshot-worker",
        "stderr_to_stdout": True,
        # A cluster may be set up not to.
        "slurm_additional_parameters": {"requeue": True},
        **record.settings,
    }
    if record.cluster == "local":
        given["timeout_min"] = _NO_LIMIT
    if "cpus_per_task" in given:  # which its steps do not inherit since Slurm 22.05
        given["slurm_srun_args"] = [f"--cpus-per-task={given['cpus_per_task']}"]
    return given


@contextlib.contextmanager
def _pickled_with_source() -> Iterator[None]:
    cloudpickle = imported("cloudpickle")
    cloudpickle.register_pickle_by_value(worker_job)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(worker_job)


def _forget(runs: Path, record: Submitted) -> None:
    folder = record.folder(runs)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.with_name(f"{record.name}.json").unlink()


def _end(record: Submitted, jobs: Collection[str]) -> None:
    if record.cluster == "slurm":
        ask_slurm("scancel", "--quiet", *jobs)
        return
    if record.host != socket.gethostname():
        raise ClusterError(f"processes of {record.host} can only be ended there")
    for job in jobs:
        if is_running(int(job), record.marks.get(job, "")):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(job), signal.SIGTERM)
