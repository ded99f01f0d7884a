"""``work``: trains what is queued, beside any number of other workers."""

from __future__ import annotations

import argparse
import sys

from workbench.cli._arguments import add_usual_arguments, count
from workbench.core.base.folders import runs_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_usual_arguments(parser, "runs", "data", "device", "json")
    parser.add_argument(
        "--wait",
        dest="patience",
        action="store_const",
        const="always",
        default="none",
        help="wait for more when nothing is left, until it is told to stop",
    )
    # For who begins several, so that none takes what is for others.
    parser.add_argument("--share", type=count, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--crew", action="store_true", help=argparse.SUPPRESS)
    # For a window, which lets the queue go on that it holds.
    parser.add_argument(
        "--stay",
        dest="patience",
        action="store_const",
        const="held",
        help=argparse.SUPPRESS,
    )


def run(arguments: argparse.Namespace) -> int:
    """Train until nothing waits; Ctrl-C and SIGTERM stop with a checkpoint."""
    from workbench.cli._working import left_over, train_queued
    from workbench.core.base.devices import choose_device
    from workbench.core.queue.crew import DISMISSED
    from workbench.core.queue.queue import RunQueue
    from workbench.core.queue.working import Patience
    from workbench.core.runs.errors import RunError

    choose_device(arguments.device)
    runs = runs_folder(arguments.runs)
    if arguments.runs and not runs.is_dir():
        raise RunError(f"there is no folder {runs} to work in: is it mounted here?")
    queue = RunQueue(runs)
    patience = Patience(arguments.patience)
    failed, is_dismissed = train_queued(
        queue, arguments, patience=patience, share=arguments.share or 1
    )
    if not arguments.json:
        sys.stdout.write(f"{left_over(queue).free} left in the queue\n")
    if is_dismissed and arguments.crew:
        return DISMISSED
    # What fails is for the queue to tell who began several: a job of a cluster is well.
    return 1 if failed and not arguments.share else 0
