"""``challenge``: Omniglot's official 20 one-shot runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from workbench.core.folders import data_folder, runs_folder
from workbench.core.run_store import find_run

NAME = "challenge"
HELP = "run Omniglot's official one-shot challenge on a trained run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_name", metavar="RUN", help="a run's folder, name or id, or 'bundled'"
    )
    parser.add_argument(
        "--archive", type=Path, metavar="PATH", help="all_runs.zip, or it unpacked"
    )
    parser.add_argument("--runs", type=Path, metavar="DIR", help="folder of runs")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of data sets")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Answer the challenge and print the error beside the published ones."""
    from workbench.core.challenge import (
        PUBLISHED,
        find_archive,
        read_runs,
        run_challenge,
    )
    from workbench.core.trained import Trained

    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    trained = Trained.load(folder)
    archive = arguments.archive or find_archive(data_folder(arguments.data))
    result = run_challenge(trained, read_runs(archive))
    if arguments.json:
        record = {"run": str(folder.path), **result._asdict()}
        sys.stdout.write(json.dumps(record) + "\n")
        return 0
    for number, error in enumerate(result.per_run, start=1):
        sys.stdout.write(f"run{number:02}  {100 * error:5.1f} % error\n")
    sys.stdout.write(
        f"\n{'this run, one query at a time':32}{100 * result.error:5.1f} % error\n"
        f"{'this run, queries together':32}{100 * result.error_transductive:5.1f} %\n"
    )
    for name, error in PUBLISHED.items():
        sys.stdout.write(f"{name:32}{100 * error:5.1f} %\n")
    return 0
