"""``train``: trains a configuration, or resumes a run."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workbench.cli._arguments import add_usual_arguments
from workbench.cli._display import JsonLines, LiveBar
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.program import command
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    check_fields,
    parse_override,
)
from workbench.core.config.sections import CHANGEABLE_LATER, is_changeable_later
from workbench.core.runs.errors import RunError
from workbench.core.runs.new_run import new_run, train_further
from workbench.core.runs.search import find_run, list_runs
from workbench.core.runs.store import RunFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "config", nargs="?", metavar="CONFIG|PRESET", help="a TOML file or a preset"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field, as in --set algorithm.inner_lr=0.4, or just "
        "algorithm.inner_lr=0.4; may be repeated",
    )
    parser.add_argument(
        "--processes",
        metavar="N",
        help="share the tasks of a meta-batch out among N processes of this machine; "
        "on several machines torchrun starts them",
    )
    parser.add_argument("--resume", metavar="RUN", help="a run's folder, name or id")
    add_usual_arguments(parser, "runs", "data")
    parser.add_argument("--name", default="", help="what to call the run")
    add_usual_arguments(parser, "device", "json")


def run(arguments: argparse.Namespace) -> int:
    """Train to the end, or until Ctrl-C or SIGTERM, which stop with a checkpoint."""
    from workbench.core.base.devices import choose_device
    from workbench.core.spreading.starting import follow_launched
    from workbench.core.training.training import train

    if follow_launched():
        return 0
    choose_device(arguments.device)
    folder = _folder(arguments)
    display = JsonLines(folder) if arguments.json else LiveBar(folder)
    if _was_done_in_this_launch(folder):
        display.end()
        return 0
    _note_launch(folder)
    data = data_folder(arguments.data)
    try:
        with display, interrupts() as interrupted:
            training = train(
                folder,
                data=data,
                device=arguments.device,
                is_stopping=lambda: bool(interrupted),
            )
            for number, event in enumerate(training):
                step = training.began_at if arguments.resume else None
                if number == 0 and step is not None:
                    display.resume(step)
                display.show(event)
    finally:
        display.end()
    return 0


def _note_launch(folder: RunFolder) -> None:
    from workbench.core.spreading.launched import launch

    if launch():
        folder.update(launch=launch())


def _begun_in_this_launch(runs: Path) -> RunFolder | None:
    """Return the run that torchrun starts again; None where it does not."""
    from workbench.core.spreading.launched import is_launched_again, launch

    if not is_launched_again():
        return None
    begun = (run for run in list_runs(runs) if _launch_of(run) == launch())
    return next(begun, None)


def _was_done_in_this_launch(folder: RunFolder) -> bool:
    """Whether only another process had to end for all to be started again."""
    from workbench.core.spreading.launched import is_launched_again

    if not is_launched_again() or folder.info().state != "completed":
        return False
    from workbench.core.spreading.starting import dismiss_launched

    dismiss_launched(folder)
    return True


def _launch_of(run: RunFolder) -> str:
    with suppress(RunError):
        return run.info().launch
    return ""


def _folder(arguments: argparse.Namespace) -> RunFolder:
    texts = list(arguments.set)
    if arguments.processes:
        texts.append(f"training.processes={arguments.processes}")
    overrides = dict(map(parse_override, texts))
    runs = runs_folder(arguments.runs)
    begun = _begun_in_this_launch(runs)
    if begun is not None:
        return begun
    if arguments.resume:
        if arguments.config:
            raise ConfigError(
                [Mistake("", "give either a configuration or --resume, not both")]
            )
        return to_resume(find_run(arguments.resume, runs), overrides)
    if not arguments.config:
        raise ConfigError(
            [Mistake("", f"give a TOML file or a preset; {command('presets')} lists")]
        )
    config, preset = load_config(arguments.config)
    if overrides:
        config = config.replace(overrides)
    return new_run(runs, config, name=arguments.name, preset=preset)


def to_resume(folder: RunFolder, overrides: Mapping[str, Any]) -> RunFolder:
    """Return the run with overrides that leave what was trained as it was."""
    check_fields(overrides)
    for name in overrides:
        if not is_changeable_later(name):
            reason = (
                "cannot be changed in a run begun; train a new one, or change "
                f"{', '.join(CHANGEABLE_LATER)} or evaluation.*"
            )
            raise ConfigError([Mistake(name, reason)])
    if overrides:
        if folder.info().is_alive:
            raise RunError(f"{folder.path} is being trained: stop it first")
        train_further(folder, folder.config().replace(overrides))
    return folder


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """Collect Ctrl-C, or being told to end, to be noticed between meta-steps.

    A second Ctrl-C acts at once; being told to end again does not, for a cluster says
    it more than once. Only the main thread is told of either.
    """
    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return

    def on_signal(number: int, frame: object) -> None:
        if seen and number == signal.SIGINT:
            raise KeyboardInterrupt
        seen.append(number)

    previous = {
        number: signal.signal(number, on_signal)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield seen
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
