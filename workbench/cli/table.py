"""``table``: the published figures beside those measured here."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from workbench.cli._arguments import add_usual_arguments
from workbench.cli._wording import settings
from workbench.core.base.folders import runs_folder
from workbench.core.base.program import command
from workbench.core.runs.index import all_rows

if TYPE_CHECKING:
    from workbench.core.results.results_table import TableCell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    add_usual_arguments(parser, "runs")


def run(arguments: argparse.Namespace) -> int:
    """Print each figure, the runs behind it and what differs from the paper."""
    from workbench.core.results.results_table import results_table
    from workbench.core.results.table_text import markdown, plain

    runs = runs_folder(arguments.runs)
    cells = results_table(runs, all_rows(runs))
    text = markdown(cells) if arguments.markdown else plain(cells, offer)
    sys.stdout.write(text)
    return 0


def offer(cell: TableCell) -> str:
    """Return what to type to measure a figure; nothing where no preset aims at it."""
    if cell.preset is None:
        return ""
    changes = cell.evaluated_with()
    then = f", then evaluate RUN {settings(changes)}" if changes else ""
    return f"; {command(f'train {cell.preset.name}')}{then}"
