"""``report``: one run or a comparison as one HTML file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.cli._arguments import add_usual_arguments
from workbench.core.base.folders import expanded, runs_folder
from workbench.core.runs.search import find_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_names", nargs="+", metavar="RUN", help="a run's folder, name or id"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the HTML file"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace the file if it is there already"
    )
    add_usual_arguments(parser, "runs")


def run(arguments: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    from workbench.core.results.report import write_report

    runs = runs_folder(arguments.runs)
    folders = [find_run(name, runs) for name in arguments.run_names]
    written = write_report(folders, expanded(arguments.out), replace=arguments.force)
    sys.stdout.write(f"{written}\n")
    return 0
