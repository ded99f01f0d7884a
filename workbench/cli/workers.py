"""``workers``: lists who trains what is queued, and stops some of them."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli._arguments import add_usual_arguments
from workbench.cli._wording import told_of
from workbench.core.base.folders import runs_folder
from workbench.core.base.json_text import to_text
from workbench.core.base.program import command
from workbench.core.runs.errors import RunError

if TYPE_CHECKING:
    from workbench.core.clusters.standing import Standing
    from workbench.core.queue.workers import WorkerRecord

_TITLES = ("worker", "machine", "process", "device", "job", "trains")
_OF_JOBS = ("job", "stands", "on", "why", "log")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--stop",
        nargs="+",
        default=[],
        metavar="WORKER|JOB",
        help="have workers stop with a checkpoint, wherever they are, and cancel jobs",
    )
    add_usual_arguments(parser, "runs", "json")


def run(arguments: argparse.Namespace) -> int:
    """List the workers that are there, and a cluster's jobs; or stop some."""
    from workbench.core.queue.workers import Workers

    runs = runs_folder(arguments.runs)
    workers, jobs = Workers(runs).present(), _jobs(runs)
    if arguments.stop:
        _stop(runs, arguments.stop, workers, jobs)
    elif arguments.json:
        sys.stdout.writelines(_records(workers, jobs))
    else:
        sys.stdout.writelines(_lines(runs, workers, jobs))
    return 0


def _jobs(runs: Path) -> dict[str, Standing]:
    """Return how a cluster's jobs stand: those last submitted, and what is not over.

    Where nobody can ask the cluster from here it says so: workers are there still.
    """
    from workbench.core.clusters.errors import ClusterError
    from workbench.core.clusters.records import submitted
    from workbench.core.clusters.standing import standing

    records = submitted(runs)
    try:
        stands = standing(runs, records) if records else {}
    except ClusterError as error:
        sys.stderr.write(f"warning: {told_of(error)}\n")
        return {}
    last = records[-1].jobs if records else ()
    return {
        job: each
        for job, each in stands.items()
        if job in last or not each.stand.is_over
    }


def _stop(
    runs: Path,
    names: Sequence[str],
    workers: Sequence[WorkerRecord],
    jobs: dict[str, Standing],
) -> None:
    from workbench.core.clusters.launching import cancel
    from workbench.core.queue.workers import Workers

    known = {each.id for each in workers}
    for name in names:
        if name not in known and name not in jobs:
            raise RunError(
                f"no worker and no job {name} for {runs}; {command('workers')} lists "
                "those that are there"
            )
    for name in known.intersection(names):
        Workers(runs).ask_to_stop(name)
        sys.stdout.write(f"{name} stops after its present meta-step\n")
    if chosen := [name for name in names if name in jobs]:
        cancel(runs, chosen)
        sys.stdout.write(f"cancelled: {', '.join(chosen)}\n")


def _lines(
    runs: Path, workers: Sequence[WorkerRecord], jobs: dict[str, Standing]
) -> Iterator[str]:
    from workbench.cli.runs import aligned
    from workbench.core.clusters.records import job_log

    if workers:
        yield from aligned([_TITLES, *map(_cells, workers)])
    else:
        how = command(f"work --runs {shlex.quote(str(runs))}")
        yield f"Nobody works here. To train what is queued, on any machine: {how}\n"
    if jobs:
        yield "\n"
        cells = (
            (job, stands.stand, stands.host, stands.why, str(job_log(runs, job)))
            for job, stands in jobs.items()
        )
        yield from aligned([_OF_JOBS, *cells])


def _cells(worker: WorkerRecord) -> tuple[str, ...]:
    place = worker.host, str(worker.pid), worker.device, worker.job or "–"
    return worker.id, *place, ", ".join(worker.doing) or "–"


def _records(
    workers: Sequence[WorkerRecord], jobs: dict[str, Standing]
) -> Iterator[str]:
    for each in workers:
        yield to_text({"event": "worker", **each.model_dump(mode="json")}) + "\n"
    for stands in jobs.values():
        record: dict[str, Any] = {"event": "job", **stands._asdict()}
        yield to_text(record) + "\n"
