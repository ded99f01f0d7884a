"""``sweep``: trains a configuration over seeds and values, by one or more workers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from workbench.cli._arguments import add_usual_arguments, count
from workbench.cli._launching import add_launch_arguments, check_launch, launch
from workbench.cli._swept import show_sweep
from workbench.core.base.folders import runs_folder
from workbench.core.base.program import command
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    RunConfig,
    parse_override,
)
from workbench.core.planning.sweep import parse_grid, parse_seeds, plan_sweep
from workbench.core.searching.search import (
    MOST_TRIALS,
    USUAL_TRIALS,
    Prune,
    Sampler,
    Search,
)
from workbench.core.searching.space import is_range

if TYPE_CHECKING:
    from workbench.core.queue.queue import QueueState, RunQueue


_MOST_WORKERS = 1000
"""Any more are a slip of the pen, after which a machine hardly answers."""

_OF_A_CONFIGURATION = (
    "seeds",
    "grid",
    "search",
    "trials",
    "sampler",
    "prune",
    "set",
    "name",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "config",
        nargs="?",
        metavar="CONFIG|PRESET",
        help="a TOML file or a preset; without one, go on with the queue",
    )
    parser.add_argument(
        "--seeds", default="", metavar="0,1,2", help="seeds, as 0,1,2 or as 0-4"
    )
    parser.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="KEY=V,V",
        help="values of a field, as in --grid algorithm.inner_lr=0.1,0.4; may be "
        "repeated for every combination",
    )
    parser.add_argument(
        "--search",
        action="append",
        default=[],
        metavar="KEY=LOW..HIGH[:log]",
        help="search a field over a range, as in --search "
        "algorithm.inner_lr=0.001..1:log, or over values; may be repeated",
    )
    parser.add_argument(
        "--trials", type=count, metavar="N", help="how many values are tried: 30"
    )
    parser.add_argument(
        "--sampler",
        choices=get_args(Sampler),
        help="what chooses them: tpe learns from those before; a search over values "
        "alone tries each",
    )
    parser.add_argument(
        "--prune",
        choices=get_args(Prune),
        help="give up what is worse than half of the others were at the same step",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field for all runs; may be repeated",
    )
    parser.add_argument(
        "--show",
        nargs="?",
        const="",
        metavar="SWEEP|FILTER",
        help="train nothing: print how good each value is, of the newest sweep, of the "
        "one with this id, or of the runs that a filter finds",
    )
    parser.add_argument("--name", default="", help="what to call the runs")
    parser.add_argument(
        "--queue-only", action="store_true", help="add to the queue, train nothing now"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with a queue that was paused"
    )
    parser.add_argument(
        "--workers",
        type=_few,
        metavar="N",
        help="how many processes train, each a run at a time; usually one for each GPU",
    )
    add_launch_arguments(parser)
    # For a window, which lets the queue go on that it holds.
    parser.add_argument("--stay", action="store_true", help=argparse.SUPPRESS)
    add_usual_arguments(parser, "device", "runs", "data", "json")


def _few(text: str) -> int:
    number = count(text)
    if number > _MOST_WORKERS:
        raise argparse.ArgumentTypeError(
            f"{number:,} are too many: {_MOST_WORKERS:,} at most"
        )
    return number


def run(arguments: argparse.Namespace) -> int:
    """Queue what was asked for, then work the queue off; Ctrl-C keeps what is left."""
    from workbench.core.base.devices import choose_device
    from workbench.core.queue.queue import RunQueue

    if arguments.show is not None:
        runs = runs_folder(arguments.runs)
        show_sweep(runs, arguments.show, as_json=arguments.json)
        return 0
    check_launch(arguments)
    if not arguments.launch:  # where it is, there may be others
        choose_device(arguments.device)
    queue = RunQueue(runs_folder(arguments.runs))
    added = _add(queue, arguments)
    if arguments.resume:
        queue.pause(False)
        queue.pause_runs([item.id for item in queue.read().items], False)
    state = queue.read()
    if state.notice:
        sys.stderr.write(f"warning: {state.notice}\n")
    if not arguments.json:
        _tell(added, state, for_later=arguments.queue_only)
    if arguments.queue_only or not state.waiting:
        return 0
    if state.paused and not (arguments.stay and state.is_held):
        sys.stderr.write(f"the queue is paused; to go on: {_way_on(state)}\n")
        return 0
    if arguments.launch:
        _launch(queue, arguments)
        return 0
    failed = _train(queue, arguments)
    _tell_left(queue, arguments)
    return 1 if failed else 0


def _launch(queue: RunQueue, arguments: argparse.Namespace) -> None:
    """Have a cluster's jobs train what waits."""
    from workbench.cli._working import work_words
    from workbench.core.queue.working import Patience

    words = work_words(queue.runs.absolute(), arguments, Patience.NONE)
    launch(queue, arguments, words)


def _train(queue: RunQueue, arguments: argparse.Namespace) -> bool:
    """Train what waits, here or by several workers; return whether something failed."""
    from workbench.cli._working import have_trained, train_queued
    from workbench.core.queue.crew import usual_number
    from workbench.core.queue.working import Patience

    patience = Patience.HELD if arguments.stay else Patience.NONE
    workers = arguments.workers or usual_number(arguments.device)
    if workers > 1:
        return bool(have_trained(queue, arguments, workers, patience))
    failed, _ = train_queued(queue, arguments, patience=patience)
    return bool(failed)


def _tell_left(queue: RunQueue, arguments: argparse.Namespace) -> None:
    """Say what others train on, and what waits for whoever goes on."""
    from workbench.cli._working import left_over

    if arguments.json:
        return
    left = left_over(queue)
    if left.with_others:
        sys.stdout.write(f"{left.with_others} still trained by other workers\n")
    if left.free:
        way_on = _way_on(queue.read())
        sys.stdout.write(f"{left.free} left in the queue; go on: {way_on}\n")


def _tell(added: int, state: QueueState, *, for_later: bool) -> None:
    if not state.waiting:
        how = command("sweep PRESET --seeds 0,1,2")
        sys.stdout.write(f"Nothing is queued. To queue and train: {how}\n")
        return
    waiting = sum(item.runs for item in state.waiting)
    sys.stdout.write(f"{added} added, {waiting} in the queue\n")
    if for_later:
        sys.stdout.write(f"To train what is queued: {_way_on(state)}\n")


def _way_on(state: QueueState) -> str:
    """Return the command that trains what waits: who paused it must not be undone."""
    return command("sweep --resume" if state.paused else "sweep")


def _add(queue: RunQueue, arguments: argparse.Namespace) -> int:
    from workbench.core.queue.searches import search_item

    if not arguments.config:
        if any(getattr(arguments, name) for name in _OF_A_CONFIGURATION):
            message = "give the TOML file or preset that the seeds and fields are for"
            raise ConfigError([Mistake("", message)])
        return 0
    config, preset = load_config(arguments.config)
    overrides = dict(parse_override(text) for text in arguments.set)
    if overrides:
        config = config.replace(overrides)
    name = arguments.name or preset or Path(arguments.config).stem
    if search := _search(arguments, config):
        item = search_item(name, config, search, preset)
        queue.append([item])
        return item.runs
    for text in filter(is_range, arguments.grid):
        message = "a range is searched: give it by --search, or values by --grid"
        raise ConfigError([Mistake("", f"{text!r}: {message}")])
    seeds, grid = parse_seeds(arguments.seeds), parse_grid(arguments.grid)
    planned = plan_sweep(config, seeds, grid)
    names = [f"{name}, {one.label}" if one.label else name for one in planned]
    queue.add(
        [(label, one.config) for label, one in zip(names, planned, strict=True)], preset
    )
    return len(planned)


def _search(arguments: argparse.Namespace, config: RunConfig) -> Search | None:
    """Return the search that was asked for, if one was: of ranges, and of values."""
    asked = arguments.search or arguments.trials or arguments.sampler
    prune = arguments.prune or "none"
    if not asked and prune == "none":
        return None
    space = (*arguments.search, *arguments.grid)
    if not space:
        how = "give --search section.field=low..high, or values by --grid"
        raise ConfigError([Mistake("", f"nothing is searched: {how}")])
    if arguments.trials and arguments.trials > MOST_TRIALS:
        most = f"are too many for one search: {MOST_TRIALS:,} at most"
        raise ConfigError([Mistake("", f"{arguments.trials:,} trials {most}")])
    has_range = any(map(is_range, space))
    return Search(
        space=space,
        trials=arguments.trials or (USUAL_TRIALS if has_range else MOST_TRIALS),
        sampler=arguments.sampler or ("tpe" if has_range else "grid"),
        prune=prune,
        seed=config.training.seed,
        seeds=tuple(parse_seeds(arguments.seeds)),
    )
