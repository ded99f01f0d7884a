"""``table``: the published figures beside those measured here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.core.base.folders import runs_folder
from workbench.core.runs.index import all_rows

NAME = "table"
HELP = "print the published figures beside those measured here"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="folder of runs")


def run(arguments: argparse.Namespace) -> int:
    """Print each figure, the runs behind it and what differs from the paper."""
    from workbench.core.results.results_table import results_table
    from workbench.core.results.table_text import markdown, plain

    runs = runs_folder(arguments.runs)
    cells = results_table(runs, all_rows(runs))
    sys.stdout.write(markdown(cells) if arguments.markdown else plain(cells))
    return 0
