"""What was submitted for a folder of runs, so that any process can see to it.

runs/.jobs/NAME.json says which jobs; runs/.jobs/NAME/ has submitit's files and logs.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import OTHER_RUNS
from workbench.core.base.files import read, write_atomically
from workbench.core.clusters.errors import ClusterError

JOBS = ".jobs"
"""What the folder is called, among those of runs."""


class Submitted(BaseModel):
    """Jobs that were submitted together: all run the same command."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    cluster: str
    """``slurm``, or ``local`` for processes of ``host``."""
    host: str
    """Where they were submitted."""
    since: float
    command: tuple[str, ...]
    settings: dict[str, int | str] = {}
    jobs: tuple[str, ...] = ()
    marks: dict[str, str] = {}
    """What tells a local job's process from a later one of its number."""
    cancelled: tuple[str, ...] = ()

    def folder(self, runs: Path) -> Path:
        """Return where submitit keeps what is theirs."""
        return runs / JOBS / self.name

    def log(self, runs: Path, job: str) -> Path:
        """Return where a job's output goes, once it has begun."""
        return self.folder(runs) / f"{job}_0_log.out"

    def result(self, runs: Path, job: str) -> Path:
        """Return where a job says how it ended."""
        return self.folder(runs) / f"{job}_0_result.pkl"


def submitted(runs: Path) -> list[Submitted]:
    """Return what was submitted, the oldest first; what cannot be read is left out."""
    found = map(_read, (runs / JOBS).glob("*.json"))
    return sorted(filter(None, found), key=lambda each: (each.since, each.name))


def submission_of(runs: Path, job: str) -> Submitted:
    """Return the last submission that a job is of; ClusterError if it is of none."""
    for each in reversed(submitted(runs)):
        if job in each.jobs:
            return each
    raise ClusterError(f"no job {job} was submitted for {runs}")


def job_log(runs: Path, job: str) -> Path:
    """Return where a job's output is; there is no such file until it has begun."""
    return submission_of(runs, job).log(runs, job)


def write_record(runs: Path, record: Submitted) -> None:
    """Write a record down; ClusterError if it cannot be."""
    folder = runs / JOBS
    try:
        record.folder(runs).mkdir(parents=True, exist_ok=True)
        content = record.model_dump_json(indent=1).encode()
        write_atomically(folder / f"{record.name}.json", content)
    except OSError as error:
        raise refused(error, folder) from error


def refused(error: OSError, folder: Path) -> ClusterError:
    """Return what is told where the disk refuses something in a folder."""
    text, remedies = disk_problem(error, folder, OTHER_RUNS)
    return ClusterError(f"cannot write {error.filename or folder}: {text}", *remedies)


def _read(file: Path) -> Submitted | None:
    try:
        return Submitted.model_validate_json(read(file))
    except (OSError, ValidationError):
        return None
