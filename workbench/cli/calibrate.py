"""``calibrate``: finds how sure a run's answers to sketches may be."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from workbench.cli._arguments import add_usual_arguments, whole
from workbench.cli._progress import progress
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.phrases import percent
from workbench.core.runs.search import find_run

if TYPE_CHECKING:
    from workbench.core.sketch.calibration import Calibration


_THOUSANDTHS = 1000
_HEAD = "ways shots   right  off before     now       T  own none  others none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_name", metavar="RUN", help="a run's folder, name or id, or 'bundled'"
    )
    parser.add_argument(
        "--tasks",
        type=whole,
        default=60,
        help="validation tasks for each number of ways and shots, at least 2",
    )
    parser.add_argument("--seed", type=whole, default=0, help="seed of the tasks")
    add_usual_arguments(parser, "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, keep it beside the checkpoint, and print what was found."""
    from workbench.core.sketch.calibrating import calibrate
    from workbench.core.sketch.calibration import keep_calibration, serving_checkpoint
    from workbench.core.training.trained import Trained

    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    checkpoint = serving_checkpoint(folder)
    steps = calibrate(
        Trained.load(folder, checkpoint.stem),
        data_folder(arguments.data),
        tasks=max(2, arguments.tasks),
        seed=arguments.seed,
    )
    with progress("Calibrating", quiet=arguments.json) as show:
        while True:
            try:
                share = next(steps)
            except StopIteration as end:
                found: Calibration = end.value
                break
            if show is not None:
                show(round(_THOUSANDTHS * share), _THOUSANDTHS)
    keep_calibration(found, checkpoint)
    sys.stdout.write(found.model_dump_json() + "\n" if arguments.json else _text(found))
    return 0


def _text(found: Calibration) -> str:
    sizes = (
        f"{size.ways:4} {size.shots:5} {percent(size.accuracy, 1):>7} "
        f"{percent(size.error_before, 1):>11} {percent(size.error, 1):>7} "
        f"{size.temperature:7.3g} {percent(size.refused, 1):>9} "
        f"{percent(size.caught, 1):>12}"
        for size in found.sizes
    )
    rates = (
        f"{each.rate:4g} × the inner rate: {percent(each.accuracy, 1)} right"
        for each in found.rates
    )
    return "\n".join([_HEAD, *sizes, *rates]) + "\n"
