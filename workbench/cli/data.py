"""``data``: list the data sets, download them, or bring in local copies."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.cli._wording import phrase, told_of
from workbench.core.base.cancelling import Cancelled, Progress
from workbench.core.base.errors import DataError
from workbench.core.base.folders import data_folder, expanded
from workbench.core.base.phrases import what_is_wrong
from workbench.core.base.settings import Settings
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.run_config import ConfigError, parse_override
from workbench.core.pictures.datasets import (
    DataReport,
    DataSet,
    DataState,
    data_set,
    data_sets,
)

_EVERY = 0.5
"""Seconds between two lines of progress in JSON."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the folder of data sets (else FEWSHOT_DATA, else the user's data folder)",
    )
    shared.add_argument(
        "--json", action="store_true", help="print one JSON object a line"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", parents=[shared], help="list the data sets")
    fetching = actions.add_parser("fetch", parents=[shared], help="download one")
    fetching.add_argument("name", metavar="NAME", help="as listed")
    importing = actions.add_parser(
        "import", parents=[shared], help="bring in a local copy"
    )
    importing.add_argument("name", metavar="NAME", help="what it is, as below")
    importing.add_argument("path", metavar="PATH", type=Path, help="a zip or a folder")
    _name_importable(importing)
    importing.add_argument(
        "--force", action="store_true", help="replace what is there under that name"
    )
    importing.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="how to import, such as name=pets or size=84",
    )


def run(arguments: argparse.Namespace) -> int:
    """List, fetch or import, and return the exit code."""
    data = data_folder(arguments.data)
    if arguments.action == "list":
        for found in data_sets(data):
            _show(found, found.report(data), as_json=arguments.json)
        return 0
    try:
        wanted = _wanted(arguments, data)
        options = _options(wanted, getattr(arguments, "set", []))
    except (DataError, ConfigError) as error:
        return _failed(told_of(error), 2, as_json=arguments.json)
    try:
        with _progress(as_json=arguments.json) as progress:
            if arguments.action == "fetch":
                wanted.fetch(data, progress)
                report = wanted.report(data)
            else:
                path = expanded(arguments.path)
                if not arguments.force:
                    _refuse_taken(wanted.made_by(path, options), data)
                report = wanted.import_from(data, path, options, progress)
                wanted = data_set(report.made or wanted.name, data)
    except DataError as error:
        return _failed(told_of(error), 1, as_json=arguments.json)
    except (Cancelled, KeyboardInterrupt):
        message = "stopped; a download goes on where it stopped"
        return _failed(message, 1, as_json=arguments.json)
    _show(wanted, report, as_json=arguments.json)
    return 0


def _name_importable(parser: argparse.ArgumentParser) -> None:
    """Let a parser's help say what NAME can be, looked up only where it is shown."""
    usual = parser.format_help

    def format_help() -> str:
        parser.epilog = f"NAME is one of {_importable(data_folder())}"
        return usual()

    parser.format_help = format_help  # type: ignore[method-assign]


def _importable(data: Path) -> str:
    """Return the names of what can be imported, each with what it stands for."""
    return ", ".join(
        f"{found.name} ({found.title})" for found in data_sets(data) if found.can_import
    )


def _wanted(arguments: argparse.Namespace, data: Path) -> DataSet:
    """Return the data set that is named; DataError says which there are."""
    try:
        return data_set(arguments.name, data)
    except DataError as error:
        if arguments.action != "import":
            raise
        kinds = {found.name for found in data_sets(data) if found.can_import}
        raise DataError(
            f"there is no data set {arguments.name!r} to import"
            f"{did_you_mean(arguments.name, kinds)} (NAME is one of "
            f"{_importable(data)})"
        ) from error


def _refuse_taken(name: str, data: Path) -> None:
    """Raise DataError where an import would replace what is there."""
    for there in data_sets(data):
        if there.name == name and there.report(data).state is DataState.READY:
            named = ", or another name with --set name=NAME" if there.options else ""
            raise DataError(
                f"{name} is there already: give --force to replace it{named}"
            )


def _options(wanted: DataSet, overrides: list[str]) -> Settings | None:
    """Return what was chosen for an import; ConfigError where it is not to be."""
    chosen = dict(_parsed(text, wanted.options) for text in overrides)
    if wanted.options is None:
        if chosen:
            raise DataError(
                f"{wanted.title} has nothing to --set: it is imported as is"
            )
        return None
    try:
        return wanted.options(**chosen)
    except ValidationError as error:
        known = wanted.options.model_fields
        mistakes = "; ".join(
            f"--set {'.'.join(map(str, item['loc']))}: {_mistake(dict(item), known)}"
            for item in error.errors()
        )
        raise DataError(f"{mistakes} (there are: {', '.join(known)})") from error


def _parsed(text: str, options: type[Settings] | None) -> tuple[str, Any]:
    """Return what --set says: what is to be text stays so, though it be a number."""
    name, value = parse_override(text)
    field = options.model_fields.get(name) if options is not None else None
    if field is not None and field.annotation is str and not isinstance(value, str):
        return name, text.partition("=")[2].strip()
    return name, value


def _mistake(item: dict[str, Any], known: Iterable[str]) -> str:
    if item["type"] == "extra_forbidden":
        return f"there is no such field{did_you_mean(str(item['loc'][0]), known)}"
    return what_is_wrong(item)


def _show(found: DataSet, report: DataReport, *, as_json: bool) -> None:
    if as_json:
        about: dict[str, object] = {"event": "data set", "name": found.name}
        about |= {"title": found.title, "licence": found.licence}
        about |= {"can_fetch": found.can_fetch}
        about |= {"imports": found.imports}
        splits = report.splits or found.splits
        print(
            json.dumps(
                {**about, **dataclasses.asdict(report), "splits": splits}, default=str
            )
        )
        return
    print(f"{found.name}: {report.state}")
    for line in _lines(found, report):
        print(f"    {line}")


def _lines(found: DataSet, report: DataReport) -> Iterator[str]:
    if report.classes:
        alphabets = f" in {report.groups} groups" if report.groups > 1 else ""
        yield (
            f"{report.classes:,} classes{alphabets}, {report.pictures:,} pictures, "
            f"{report.size}" + (f" in {report.folder}" if report.bytes else "")
        )
    if report.message:
        yield report.message
    if report.state is not DataState.READY:
        yield from filter(None, map(phrase, found.remedies))
    yield from (f"left out: {line}" for line in report.left_out[:10])
    if len(report.left_out) > 10:
        yield f"left out: {len(report.left_out) - 10:,} more"
    yield from report.splits or found.splits
    yield f"licence: {found.licence}"


def _failed(message: str, code: int, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"event": "end", "state": "failed", "message": message}))
    print(f"error: {message}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _progress(*, as_json: bool) -> Iterator[Progress]:
    """Give what shows progress: lines of JSON, or a bar on a terminal."""
    if as_json:
        yield _json_progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    shown = console.is_terminal
    with Bar(*columns, console=console, transient=True, disable=not shown) as bar:
        tasks: dict[str, int] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = int(bar.add_task(what))
            bar.update(bar.task_ids[tasks[what]], completed=done, total=total or None)

        yield show


def _json_progress() -> Progress:
    last = [0.0]

    def show(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] >= _EVERY or done == total:
            last[0] = now
            record = {"event": "progress", "what": what, "done": done, "total": total}
            print(json.dumps(record), flush=True)

    return show
