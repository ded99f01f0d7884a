"""How submitted jobs stand: waiting and why, running and where, or how they ended.

Slurm's accounting is often off, so only ``squeue`` is asked, which forgets a job some
minutes after its end; from then on what the job itself left behind is believed.
"""

from __future__ import annotations

import io
import pickle
import socket
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from typing_extensions import override

from workbench.core.base.errors import MALFORMED
from workbench.core.base.files import read
from workbench.core.base.processes import is_running
from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.records import Submitted
from workbench.core.clusters.slurm import ask_slurm


class Stand(StrEnum):
    """Where a job is on its way."""

    WAITING = "waiting"
    RUNNING = "running"
    REQUEUED = "requeued"
    """It ran, was preempted or ran out of time, and waits to go on."""
    ENDING = "ending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Return whether nothing comes after it."""
        return self in (Stand.DONE, Stand.FAILED, Stand.CANCELLED)


class Standing(NamedTuple):
    """How a job stands; ``why`` it waits or failed, and on which ``host`` it is."""

    job: str
    stand: Stand
    host: str = ""
    why: str = ""


_WAITING = {"PENDING", "CONFIGURING", "SUSPENDED", "RESV_DEL_HOLD", "STOPPED"}
_RUNNING = {"RUNNING", "RESIZING", "SIGNALING", "STAGE_OUT"}
_REQUEUED = {"REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT"}
_FIELDS = ("JobArrayID", "State", "Reason", "NodeList", "RestartCnt")
_UNKNOWN = "Invalid job id"
_LEFT_NOTHING = "it is gone and left no result"


def standing(runs: Path, records: Iterable[Submitted]) -> dict[str, Standing]:
    """Return how each job stands; ClusterError if the cluster does not say."""
    records = list(records)
    of_slurm = [job for each in records if each.cluster == "slurm" for job in each.jobs]
    listed = _listed(of_slurm)
    return {
        job: _stands(runs, record, job, listed.get(job))
        for record in records
        for job in record.jobs
    }


def _stands(
    runs: Path, record: Submitted, job: str, listed: Standing | None
) -> Standing:
    if record.cluster == "local" and _is_process(record, job):
        return Standing(job, Stand.RUNNING, record.host)
    left = _left(runs, record, job)
    is_elsewhere = record.host != socket.gethostname()
    if record.cluster == "local" and is_elsewhere and left.why == _LEFT_NOTHING:
        why = f"as far as is known: only {record.host} can say"
        return Standing(job, Stand.RUNNING, record.host, why)
    if listed is None:
        return left
    if listed.stand is left.stand is Stand.FAILED and left.why != _LEFT_NOTHING:
        return listed._replace(why=left.why)  # it knows more than the exit status
    return listed


def _listed(jobs: list[str]) -> dict[str, Standing]:
    """Return how the jobs stand that Slurm still knows."""
    if not jobs:
        return {}
    arrays = sorted({job.partition("_")[0] for job in jobs}, key=int)
    form = ",".join(f"{name}:|" for name in _FIELDS)
    ask = ("--noheader", "--array", "--states=all", f"--Format={form}")
    try:
        answer = ask_slurm("squeue", *ask, f"--jobs={','.join(arrays)}")
    except ClusterError as error:
        if _UNKNOWN not in str(error):
            raise
        return {}
    rows = (line.strip().split("|") for line in answer.splitlines())
    found = (_of_slurm(*row[: len(_FIELDS)]) for row in rows if len(row) > 4)
    return {each.job: each for each in found}


def _of_slurm(job: str, state: str, reason: str, host: str, restarts: str) -> Standing:
    reason = "" if reason == "None" else reason
    if state in _WAITING:
        has_run = restarts.isdigit() and int(restarts) > 0
        return Standing(job, Stand.REQUEUED if has_run else Stand.WAITING, why=reason)
    if state in _RUNNING:
        return Standing(job, Stand.RUNNING, host)
    if state in _REQUEUED:
        return Standing(job, Stand.REQUEUED, why=reason)
    if state == "COMPLETING":
        return Standing(job, Stand.ENDING, host)
    if state == "COMPLETED":
        return Standing(job, Stand.DONE, host)
    if state == "CANCELLED":
        return Standing(job, Stand.CANCELLED, host)
    why = state.lower().replace("_", " ")
    if reason:
        why += f" ({reason})"
    return Standing(job, Stand.FAILED, host, why)


def _is_process(record: Submitted, job: str) -> bool:
    is_here = record.host == socket.gethostname()
    return is_here and is_running(int(job), record.marks.get(job, ""))


def _left(runs: Path, record: Submitted, job: str) -> Standing:
    """Return what a job that nobody knows any more has left behind."""
    try:
        outcome, value = _Plain(io.BytesIO(read(record.result(runs, job)))).load()
    except OSError:
        outcome, value = "", ""
    except (*MALFORMED, EOFError, pickle.UnpicklingError) as error:
        outcome, value = "error", f"its result cannot be read: {error}"
    if outcome == "success":
        return Standing(job, Stand.DONE)
    if job in record.cancelled:
        return Standing(job, Stand.CANCELLED)
    if outcome == "error":
        return Standing(job, Stand.FAILED, why=_last_line(value))
    return Standing(job, Stand.FAILED, why=_LEFT_NOTHING)


def _last_line(text: Any) -> str:
    lines = [line for line in str(text).splitlines() if line.strip()]
    return lines[-1].removeprefix("RuntimeError: ") if lines else ""


class _Plain(pickle.Unpickler):
    """Reads texts and numbers, and nothing that would run anything."""

    @override
    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        raise pickle.UnpicklingError(f"it has a {module_name}.{global_name}")
