"""``check``: says what is wrong with kept runs, and repairs what can be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.cli._arguments import add_usual_arguments
from workbench.cli._progress import progress
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.json_text import to_text
from workbench.core.base.program import command
from workbench.core.config.run_config import ConfigError, Mistake

if TYPE_CHECKING:
    from workbench.core.checking.finding import Checked, Subject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_name", nargs="?", metavar="RUN", help="a run's folder, name or id"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="every run, and with them the queue, the index and the data sets",
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="put right what can be; what is replaced is kept aside",
    )
    add_usual_arguments(parser, "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each thing that is wrong; return 1 if something is still."""
    from workbench.core.checking.finding import check

    subjects = _subjects(arguments)
    done: list[Checked] = []
    with progress("Checking", quiet=arguments.json) as show:
        for subject in subjects:
            done.append(check(subject, repair=arguments.repair))
            sys.stdout.writelines(_lines(done[-1], as_json=arguments.json))
            if show is not None:
                show(len(done), len(subjects))
    if not arguments.json:
        sys.stdout.write(_summary(done, arguments))
    return int(any(each.findings for each in done))


def _subjects(arguments: argparse.Namespace) -> list[Subject]:
    from workbench.core.checking.run_check import find_folder, run_subject
    from workbench.core.checking.shared import every_subject

    runs = runs_folder(arguments.runs)
    if bool(arguments.run_name) == arguments.all:
        raise ConfigError([Mistake("", "give either a run or --all")])
    if arguments.all:
        return every_subject(runs, data_folder(arguments.data))
    return [run_subject(find_folder(arguments.run_name, runs))]


def _lines(checked: Checked, *, as_json: bool) -> Iterator[str]:
    subject = checked.subject
    if as_json:
        yield to_text(_record(checked)) + "\n"
        return
    said = [checked.note] if checked.note else []
    said += [f"repaired: {what}" for what in checked.done]
    lines = [f"{subject.place}: {what}" for what in said]
    lines += [f"{finding.file}: {finding.text}" for finding in checked.findings]
    for line in lines:  # the name of a folder need not be text
        yield line.encode(errors="replace").decode() + "\n"


def _record(checked: Checked) -> dict[str, object]:
    return {
        "event": "checked",
        "name": checked.subject.name,
        "path": str(checked.subject.place),
        "note": checked.note,
        "repaired": list(checked.done),
        "wrong": [
            {
                "file": str(finding.file),
                "wrong": finding.wrong,
                "remedy": finding.remedy,
                "can_be_repaired": finding.mend is not None,
            }
            for finding in checked.findings
        ],
    }


def _summary(done: list[Checked], arguments: argparse.Namespace) -> str:
    from workbench.core.checking.finding import what_they_are

    wrong = [each for each in done if each.findings]
    found = f"{len(wrong):,} with something wrong" if wrong else "all well"
    text = f"{what_they_are(each.subject for each in done)} checked: {found}\n"
    if any(each.mendable for each in wrong):
        what = "--all" if arguments.all else arguments.run_name
        text += f"To repair: {command(f'check {what} --repair')}\n"
    return text
