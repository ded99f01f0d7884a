"""``runs``: lists the runs there are, and how they stand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.cli._arguments import add_usual_arguments
from workbench.core.base.folders import runs_folder
from workbench.core.base.json_text import to_text
from workbench.core.base.phrases import one_line
from workbench.core.base.program import command
from workbench.core.results.score_text import row_text, score_text
from workbench.core.runs.filter import matching
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow

_TITLES = (
    "state",
    "name",
    "learner",
    "task",
    "seed",
    "step",
    "best",
    "test",
    "tested with",
    "id",
)
_LONGEST_NAME = 60
_HIDDEN = ("fields", "pid", "host", "process_mark", "heartbeat", "group_key")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "filter",
        nargs="*",
        metavar="FILTER",
        help="what the window's filter takes: words to be found, state=completed, "
        "inner_lr>0.1, tag=paper, '\"two words\"'; after -- also -word",
    )
    add_usual_arguments(parser, "runs", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the runs that the filter accepts; damaged folders say what they are."""
    runs = runs_folder(arguments.runs)
    rows = all_rows(runs)
    chosen = matching(rows, " ".join(arguments.filter))
    if arguments.json:
        for row in chosen:
            sys.stdout.write(to_text(record(row, runs)) + "\n")
    elif rows and not chosen:
        sys.stdout.write(f"None of {len(rows):,} in {runs} matches.\n")
    else:
        _print(chosen, runs)
    return 0


def record(row: RunRow, runs: Path) -> dict[str, object]:
    """Return what there is to say of a run, for JSON."""
    said = {key: value for key, value in row._asdict().items() if key not in _HIDDEN}
    return {
        **said,
        "folder": str(runs / row.folder),
        "tags": row.tags.split(", ") if row.tags else [],
        "config": row.config,
    }


def _print(rows: list[RunRow], runs: Path) -> None:
    if not rows:
        message = f"No runs in {runs}. To make one: {command('train PRESET')}"
        sys.stdout.write(message + "\n")
    table = [_cells(row) for row in rows if row.is_run]
    if table:
        sys.stdout.writelines(aligned([_TITLES, *table]))
    for row in rows:
        if not row.is_run:
            sys.stdout.write(
                f"{row.state}  {one_line(row.name)}: {one_line(row.problem)}\n"
            )
    if any(row.state == "damaged" for row in rows):
        sys.stdout.write(f"To repair what can be: {command('check --all --repair')}\n")


def _cells(row: RunRow) -> tuple[str, ...]:
    return (
        row.state,
        one_line(row.name, _LONGEST_NAME),
        row.algorithm,
        f"{row.task} {row.setting}",
        "" if row.seed is None else str(row.seed),
        f"{row.step:,}/{row.iterations:,}",
        score_text(row.best, None, row.measure),
        row_text(row),
        row.tested_with,
        row.id,
    )


def aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: ten thousand of them are too many for rich's."""
    from rich.cells import cell_len

    sizes = [[cell_len(cell) for cell in row] for row in table]
    widths = [max(column) for column in zip(*sizes, strict=True)]
    for row, size in zip(table, sizes, strict=True):
        padded = (
            cell + " " * (width - taken)
            for cell, width, taken in zip(row, widths, size, strict=True)
        )
        yield "  ".join(padded).rstrip() + "\n"
