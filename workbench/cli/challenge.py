"""``challenge``: Omniglot's official 20 one-shot runs, or more of their form."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.cli._arguments import add_usual_arguments, whole
from workbench.cli._display import views_text
from workbench.cli._progress import progress
from workbench.core.base.errors import DataError
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.phrases import percent
from workbench.core.base.program import command
from workbench.core.base.splits import Split
from workbench.core.config.run_config import ConfigError, Mistake
from workbench.core.learning.episode import Episode
from workbench.core.learning.task_family import TaskSettings
from workbench.core.results.challenge_figures import (
    error_text,
    errors,
    interval_text,
    no_different,
    ranked,
)
from workbench.core.results.proportion import Proportion
from workbench.core.runs.search import find_run

if TYPE_CHECKING:
    from workbench.core.results.challenge import Challenge

_MANNERS = ("this run, one query at a time", "this run, queries together")
_WIDTH = 32
_SEED = 0
"""Drawn runs are the same for every model, the first of many those of few."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_name", metavar="RUN", help="a run's folder, name or id, or 'bundled'"
    )
    parser.add_argument(
        "--archive", type=Path, metavar="PATH", help="all_runs.zip, or it unpacked"
    )
    parser.add_argument(
        "--episodes",
        type=whole,
        metavar="N",
        help="draw so many runs of the same form from Omniglot's pictures instead: 20 "
        "characters of one evaluation alphabet, support by one drawer, queries by "
        "another",
    )
    parser.add_argument(
        "--split",
        choices=["test", "validation"],
        help="draw them from the evaluation alphabets (test), or from the background "
        "alphabets that validate",
    )
    parser.add_argument("--steps", type=whole, help="inner steps (else the run's)")
    parser.add_argument(
        "--views", type=whole, help="views of each picture (else the run's)"
    )
    parser.add_argument(
        "--checkpoint", default="best", choices=["best", "latest"], help="which one"
    )
    add_usual_arguments(parser, "device", "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """Answer the challenge and print the error beside the published ones."""
    from workbench.core.base.devices import choose_device
    from workbench.core.results.challenge import check_fits, run_challenge
    from workbench.core.training.judging import under
    from workbench.core.training.trained import Trained

    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    device = choose_device(arguments.device)
    trained = Trained.load(folder, arguments.checkpoint, device)
    check_fits(trained)
    changes = {
        f"evaluation.{name}": getattr(arguments, name)
        for name in ("steps", "views")
        if getattr(arguments, name) is not None
    }
    if changes:
        trained = under(trained, changes)
    ask = _drawn if arguments.episodes else _official
    asked = ask(arguments, trained.config.task.input_shape[-1])
    with progress("Answering", quiet=arguments.json) as show:
        result = run_challenge(trained, asked.runs, show)
    seen = characters_seen(trained.config.task, arguments.split or "test")
    record: dict[str, Any] = {
        "run": str(folder.path),
        "step": trained.step,
        "steps": trained.config.evaluation.steps,
        "views": trained.config.evaluation.views,
        "checkpoint": arguments.checkpoint,
        "trials": errors(result.alone).trials,
        **_judged(result.alone, ""),
        **_judged(result.together, "_transductive"),
        "ranking": [rank._asdict() for rank in ranked(_by_manner(result))],
        **_told_by_alphabet(asked.homes, result.alone),
        "trained_on_background": seen == 0,
        "characters_seen_in_training": seen,
        **asked.facts,
    }
    _warn(record)
    if arguments.json:
        sys.stdout.write(json.dumps(record) + "\n")
    else:
        _print(record, result)
    return 0


class _Asked(NamedTuple):
    """Runs, the alphabet of each (or why they are unknown), and facts to be told."""

    runs: Sequence[Episode]
    homes: Sequence[str | None] | str
    facts: dict[str, Any]


def _official(arguments: argparse.Namespace, side: int) -> _Asked:
    from workbench.core.results.challenge import find_archive, is_published, read_runs

    if arguments.split:
        message = "--split is of runs that are drawn: say how many with --episodes"
        raise ConfigError([Mistake("", message)])
    data = data_folder(arguments.data)
    archive = arguments.archive or find_archive(data)
    runs = read_runs(archive, side)
    homes = alphabets_by_pictures(read_runs(archive), data)
    return _Asked(runs, homes, {"archive_is_published": is_published(archive)})


def _drawn(arguments: argparse.Namespace, side: int) -> _Asked:
    from workbench.core.results.one_shot_set import OneShotSet, draw_runs
    from workbench.tasks.omniglot import omniglot_pictures, split_classes

    if arguments.archive:
        message = "give either --archive, the official runs, or --episodes, drawn ones"
        raise ConfigError([Mistake("", message)])
    split: Split = arguments.split or "test"
    names = split_classes("lake")[split]
    alphabets = dict.fromkeys(name.partition("/")[0] for name in names)
    stored = omniglot_pictures(data_folder(arguments.data), side=side)
    drawn = draw_runs(stored.index, alphabets, arguments.episodes, _SEED)
    return _Asked(
        OneShotSet(stored, drawn),
        [run.alphabet for run in drawn],
        {"drawn": arguments.episodes, "split": split},
    )


def _judged(wrong: tuple[int, ...], suffix: str) -> dict[str, Any]:
    """Return what is told of the answers given in one manner."""
    found = errors(wrong)
    told = {
        "error": found.share,
        "errors": found.hits,
        "interval": found.interval,
        "no_different_from": no_different(found),
        "per_run": [errors([each]).share for each in wrong],
    }
    return {name + suffix: value for name, value in told.items()}


def _by_manner(result: Challenge) -> dict[str, Proportion]:
    return dict(zip(_MANNERS, map(errors, result), strict=True))


def _told_by_alphabet(
    homes: Sequence[str | None] | str, wrong: tuple[int, ...]
) -> dict[str, Any]:
    """Return the errors of each alphabet, or why they are left out."""
    from workbench.core.results.challenge_alphabets import by_alphabet

    if isinstance(homes, str):
        return {"by_alphabet": None, "by_alphabet_left_out": homes}
    known = [home for home in homes if home is not None]
    if len(known) < len(homes):
        strange = [n for n, home in enumerate(homes, start=1) if home is None]
        named = ", ".join(f"run{number:02}" for number in strange)
        why = f"the pictures of {named} are of no evaluation alphabet of Omniglot's"
        return {"by_alphabet": None, "by_alphabet_left_out": why}
    found = by_alphabet(known, wrong)
    told = {
        name: {"error": each.share, "errors": each.hits, "trials": each.trials}
        for name, each in found.items()
    }
    return {"alphabets": known, "by_alphabet": told}


def alphabets_by_pictures(
    runs: Iterable[Episode], data: Path
) -> Sequence[str | None] | str:
    """Return each run's alphabet, None where unknown, or what it takes to find them."""
    from workbench.core.results.challenge_alphabets import alphabets_of
    from workbench.tasks.omniglot import omniglot_pictures
    from workbench.tasks.omniglot_archive import EVALUATION

    try:
        return alphabets_of(runs, omniglot_pictures(data), EVALUATION)
    except DataError:
        return (
            "the archive does not name alphabets; with Omniglot in the data folder "
            f"({command('data fetch omniglot')}) they are found by their pictures"
        )


def characters_seen(task: TaskSettings, split: Split = "test") -> int | None:
    """Return how many characters of the alphabets asked about were trained on.

    None where the run was trained on something else than Omniglot.
    """
    from workbench.tasks.omniglot import Omniglot, split_classes

    if not isinstance(task, Omniglot):
        return None
    trained = split_classes(task.split, task.split_seed)["train"]
    return len(set(trained).intersection(split_classes("lake")[split]))


def _warn(record: dict[str, Any]) -> None:
    seen = record["characters_seen_in_training"]
    if seen:
        sys.stderr.write(
            f"warning: this run was trained on {seen} characters of the challenge's "
            "alphabets: its error is too low. Train on the background alphabets alone, "
            "with --set task.split=lake\n"
        )
    if record.get("archive_is_published") is False:
        sys.stderr.write("warning: the archive is not the published one\n")


def _print(record: dict[str, Any], result: Challenge) -> None:
    if "drawn" not in record:
        for number, error in enumerate(record["per_run"], start=1):
            sys.stdout.write(f"run{number:02}  {percent(error, 1):>7} error\n")
        sys.stdout.write("\n")
    _print_alphabets(record)
    sys.stdout.write(_trained_on(record))
    by_manner = _by_manner(result)
    for manner, found in by_manner.items():
        told = f"{error_text(found)}, {interval_text(found.interval)}"
        sys.stdout.write(f"{manner:{_WIDTH}}{told}\n")
    sys.stdout.write("\n")
    for rank in ranked(by_manner):
        mark = "  <" if rank.is_run else ""
        sys.stdout.write(f"{rank.name:{_WIDTH}}{percent(rank.error, 1):>7}{mark}\n")
    sys.stdout.write("\n")
    for manner, found in by_manner.items():
        alike = ", ".join(no_different(found)) or "none of the published figures"
        sys.stdout.write(
            f"{manner}: no different from {alike} by these {found.trials} trials\n"
        )


def _print_alphabets(record: dict[str, Any]) -> None:
    if record["by_alphabet"] is None:
        why = record["by_alphabet_left_out"]
        sys.stdout.write(f"error by alphabet is left out: {why}\n")
        return
    sys.stdout.write("error by alphabet, one query at a time\n")
    for name, told in record["by_alphabet"].items():
        found = error_text(Proportion(told["errors"], told["trials"]))
        sys.stdout.write(f"{name:{_WIDTH}}{found}\n")


def _trained_on(record: dict[str, Any]) -> str:
    if record["characters_seen_in_training"] is None:
        trained_on = "other data than Omniglot"
    elif record["trained_on_background"]:
        trained_on = "background alphabets alone"
    else:
        trained_on = "characters of these alphabets as well"
    steps = f"{record['steps']} inner steps{views_text(record['views'])}"
    return f"\ntrained on {trained_on}; {steps}\n"
