"""``reproduce``: lists the papers' experiments, and does one of them again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli._arguments import add_usual_arguments
from workbench.cli._progress import progress
from workbench.cli._working import train_queued
from workbench.cli.runs import aligned
from workbench.core.base.devices import choose_device
from workbench.core.base.errors import DataError
from workbench.core.base.folders import data_folder, expanded, runs_folder
from workbench.core.base.json_text import to_text
from workbench.core.base.phrases import counted
from workbench.core.base.program import command
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.finishing import finish
from workbench.core.experiments.outcome import Outcome
from workbench.core.experiments.page import page_file, write_page
from workbench.core.experiments.parts import Table
from workbench.core.experiments.queueing import queue_missing
from workbench.core.experiments.reading import find_experiment, list_experiments
from workbench.core.experiments.standing import Planned
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import Patience
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow

_TITLES = ("experiment", "paper", "runs", "quick", "data", "shows")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "experiment",
        nargs="?",
        metavar="EXPERIMENT|FILE",
        help="its name or TOML file; without one, list them",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a first version, in minutes"
    )
    parser.add_argument(
        "--page-only",
        action="store_true",
        help="train and evaluate nothing: draw the page of what is there",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the page (else a file of the user's)"
    )
    add_usual_arguments(parser, "device", "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """List them; or train what is missing, evaluate, and draw the page."""
    return _reproduce(arguments) if arguments.experiment else _show_list(arguments)


def _show_list(arguments: argparse.Namespace) -> int:
    """Print every experiment with how much of it is there."""
    runs, data = runs_folder(arguments.runs), data_folder(arguments.data)
    rows = all_rows(runs)
    records = [_record(each, runs, rows, data) for each in list_experiments()]
    if arguments.json:
        sys.stdout.writelines(to_text(record) + "\n" for record in records)
        return 0
    sys.stdout.writelines(aligned([_TITLES, *map(_line, records)]))
    sys.stdout.write(
        f"\nTo do one: {command('reproduce NAME')}; a first version in minutes: "
        f"{command('reproduce NAME --quick')}\n"
    )
    return 0


def _record(
    experiment: Experiment, runs: Path, rows: Sequence[RunRow], data: Path
) -> dict[str, Any]:
    full, quick = (
        Outcome.of(runs, experiment, rows, quick=short) for short in (False, True)
    )
    wanted = full.needs(data)
    return {
        **experiment.model_dump(include={"name", "title", "paper", "shows"}),
        "all": full.all,
        "there": full.there,
        "quick_all": quick.all,
        "quick_there": quick.there,
        "data": ", ".join(need.title for need in wanted) or "none",
        "has_data": all(need.problem is None for need in wanted),
    }


def _line(record: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        record["name"],
        record["paper"],
        f"{record['there']}/{record['all']}",
        f"{record['quick_there']}/{record['quick_all']}",
        record["data"] + ("" if record["has_data"] else " (not here)"),
        record["shows"],
    )


def _reproduce(arguments: argparse.Namespace) -> int:
    """Train what is missing, evaluate, and draw the page; return the exit code."""
    experiment, quick = find_experiment(arguments.experiment), arguments.quick
    choose_device(arguments.device)
    runs = runs_folder(arguments.runs)
    outcome = Outcome.of(runs, experiment, all_rows(runs), quick=quick)
    if not arguments.page_only:
        _refuse_without_data(outcome, data_folder(arguments.data))
        _train(outcome, arguments)
        outcome = Outcome.of(runs, experiment, all_rows(runs), quick=quick)
        with progress("Evaluating, measuring", quiet=arguments.json) as show:
            tell = show or (lambda done, total: None)
            finish(outcome, data_folder(arguments.data), arguments.device, tell)
    given = arguments.out and expanded(arguments.out)
    path = write_page(outcome, given or page_file(experiment, quick=quick))
    _print(outcome, path, as_json=arguments.json)
    return 0 if outcome.there == outcome.all or arguments.page_only else 1


def _refuse_without_data(outcome: Outcome, data: Path) -> None:
    """Refuse, before anything is queued, where something is to be made of no data."""
    if outcome.there == outcome.all:
        return
    for need in outcome.needs(data):
        if need.problem is not None:
            raise DataError(need.problem.text, *need.problem.remedies)


def _train(outcome: Outcome, arguments: argparse.Namespace) -> None:
    """Train what is missing, as far as nobody else does and nothing stops it."""
    if not outcome.to_train:
        return
    queue = RunQueue(outcome.runs)
    waiting = queue_missing(queue, outcome.experiment, outcome.planned)
    if not arguments.json:
        sys.stdout.write(f"{counted(len(waiting), 'run')} to train\n")
    if queue.read().paused:
        how = command("sweep --resume")
        sys.stderr.write(f"the queue is paused; to go on: {how}\n")
        return
    ids = [item.id for item in waiting]
    train_queued(queue, arguments, patience=Patience.NONE, only=ids)
    others = [i for i in queue.read().waiting if i.id in ids and i.worker]
    if others:
        runs = counted(len(others), "run")
        sys.stderr.write(f"{runs} of these still trained by other workers\n")


def _print(outcome: Outcome, path: Path, *, as_json: bool) -> None:
    tables = [part for part in outcome.experiment.parts if isinstance(part, Table)]
    if as_json:
        for table in tables:
            for cell in (cell for row in outcome.figures(table) for cell in row):
                record = {"event": "figure", "table": table.title, **cell._asdict()}
                sys.stdout.write(to_text(record) + "\n")
        sys.stdout.write(to_text({"event": "page", "page": str(path)}) + "\n")
        return
    for table in tables:
        sys.stdout.write(f"\n{table.title}: published / measured here\n")
        sys.stdout.writelines(aligned(list(_lines(outcome, table))))
    sys.stdout.write("\n")
    for each in outcome.planned:
        if not each.is_there:
            sys.stdout.write(f"not there: {_state(each)}\n")
    if outcome.to_train:
        quick = " --quick" if outcome.quick else ""
        how = command(f"reproduce {outcome.experiment.name}{quick}")
        sys.stdout.write(f"To train what is missing: {how}\n")
    sys.stdout.write(f"Page: {path}\n")


def _lines(outcome: Outcome, table: Table) -> Iterator[Sequence[str]]:
    yield ("", *(column.title for column in table.columns))
    for row in outcome.figures(table):
        cells = (f"{cell.published or '–'} / {cell.measured or '–'}" for cell in row)
        yield (row[0].row, *cells)


def _state(planned: Planned) -> str:
    """Return how a run stands that is not there, in words."""
    seed = planned.config.training.seed
    name, row = f"{planned.name}, seed {seed}", planned.row
    if row is None:
        return f"{name}: not trained"
    if row.state == "failed":
        how = command(f"train --resume {row.id}")
        return f"{name}: failed: {row.message}; to try again: {how}"
    return f"{name}: {row.state} at {row.step:,} of {row.iterations:,} meta-steps"
