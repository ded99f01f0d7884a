"""Has a cluster train what is queued, by workers that are its jobs."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.base.json_text import to_text
from workbench.core.base.phrases import counted
from workbench.core.base.program import command
from workbench.core.config.run_config import ConfigError, Mistake

if TYPE_CHECKING:
    from workbench.core.queue.queue import RunQueue

CLUSTERS = ("slurm", "local")
"""Where workers can be launched; local ones are processes that nobody waits for."""


def add_launch_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what says where workers are launched, and what they need there."""
    parser.add_argument(
        "--launch",
        choices=CLUSTERS,
        help="have workers trained as jobs of a cluster, and return at once; local "
        "ones are processes of this machine",
    )
    parser.add_argument(
        "--slurm",
        default="",
        metavar="KEY=VALUE,...",
        help="what each job asks of Slurm, as in "
        "partition=gpu,time=4:00:00,gpus_per_node=1",
    )


def check_launch(arguments: argparse.Namespace) -> None:
    """Refuse what could not be launched, before anything is queued for it."""
    from workbench.core.clusters.launching import check_cluster
    from workbench.core.clusters.settings import parse_slurm

    if arguments.slurm and arguments.launch != "slurm":
        raise ConfigError([Mistake("", "--slurm is for --launch slurm: give both")])
    if arguments.launch:
        parse_slurm(arguments.slurm)
        check_cluster(arguments.launch)


def launch(
    queue: RunQueue, arguments: argparse.Namespace, words: Sequence[str]
) -> None:
    """Submit workers that are told these words; say which jobs they are."""
    from workbench.core.clusters.launching import submit
    from workbench.core.clusters.settings import parse_slurm
    from workbench.core.clusters.worker_job import WorkerJob
    from workbench.core.queue.crew import worker_command, worker_environment

    workers = arguments.workers or 1
    job = WorkerJob(worker_command(words, workers), worker_environment())
    settings = parse_slurm(arguments.slurm) if arguments.launch == "slurm" else {}
    record = submit(queue.runs, job, workers, settings, arguments.launch)
    if arguments.json:
        sys.stdout.write(to_text({"event": "submitted", "jobs": record.jobs}) + "\n")
        return
    jobs = f"{counted(workers, 'job')}: {', '.join(record.jobs)}"
    sys.stdout.write(f"Submitted {jobs}\n")
    where = f" --runs {shlex.quote(str(queue.runs))}" if arguments.runs else ""
    how = command(f"workers{where}")
    sys.stdout.write(f"To look at them, or stop one: {how}\n")
