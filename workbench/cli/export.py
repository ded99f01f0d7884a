"""``export``: a run's metrics or weights for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.core.folders import runs_folder
from workbench.core.run_store import find_run

NAME = "export"
HELP = "write a run's metrics as CSV or TensorBoard files, or its weights"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_name", metavar="RUN", help="a run's folder, name or id")
    parser.add_argument(
        "--to",
        required=True,
        choices=["csv", "tensorboard", "weights"],
        help="weights: safetensors, with the lines of Python that use them beside",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="file, or folder")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="folder of runs")


def run(arguments: argparse.Namespace) -> int:
    """Write what was asked for and say where it is."""
    from workbench.core.export import EXPORTS

    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    written = EXPORTS[arguments.to](folder, arguments.path.expanduser())
    sys.stdout.write(f"{written}\n")
    if arguments.to == "weights":
        code = written.with_suffix(".py")
        sys.stdout.write(f"{code}\n\n{code.read_text(encoding='utf-8')}")
    return 0
