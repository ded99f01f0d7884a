"""``bench``: how fast training is here, and how much memory it takes."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from workbench.cli._arguments import add_usual_arguments, duration

T = TypeVar("T")

_MEMORY_STEPS = (5, 100)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    from workbench.core.planning.bench_workloads import ALGORITHMS, WORKLOADS

    parser.add_argument(
        "--workload",
        action="append",
        choices=list(WORKLOADS),
        help="what to measure; may be repeated (else all)",
    )
    parser.add_argument(
        "--algorithm",
        action="append",
        choices=ALGORITHMS,
        help="with what, where it goes with that; may be repeated (else all)",
    )
    add_usual_arguments(parser, "device")
    parser.add_argument(
        "--memory",
        action="store_true",
        help="instead: peak memory at 5 and at 100 inner steps",
    )
    parser.add_argument(
        "--operations",
        action="store_true",
        help="instead: which of torch's operations take a meta-step's time",
    )
    parser.add_argument(
        "--window",
        action="store_true",
        help="instead: the window's start, smoothness, cost to training and memory",
    )
    parser.add_argument(
        "--seconds",
        type=duration,
        default=60.0,
        help="with --window: how long each measurement watches (else 60)",
    )
    add_usual_arguments(parser, "json")


def run(arguments: argparse.Namespace) -> int:
    """Measure one after the other, each in a process of its own."""
    if arguments.memory:
        return _memory(arguments)
    if arguments.window:
        return _window(arguments.seconds, as_json=arguments.json)
    from workbench.core.planning.bench_workloads import (
        ALGORITHMS,
        WORKLOADS,
        measure,
        pairs,
    )

    chosen = arguments.workload or WORKLOADS, arguments.algorithm or ALGORITHMS
    if arguments.operations:
        return _operations(pairs(*chosen), arguments.device, as_json=arguments.json)
    for workload, algorithm in pairs(*chosen):
        measured = _alone(measure, workload, algorithm, arguments.device)
        _show(measured._asdict(), as_json=arguments.json)
    return 0


def _operations(pairs: list[tuple[str, str]], device: str, *, as_json: bool) -> int:
    from workbench.core.planning.operations import operations

    for workload, algorithm in pairs:
        found = _alone(operations, workload, algorithm, device)
        if not as_json:
            sys.stdout.write(f"{workload}, {algorithm}\n")
        for each in found:
            if as_json:
                about = {"workload": workload, "algorithm": algorithm}
                _show(about | each._asdict(), as_json=True)
            else:
                sys.stdout.write(
                    f"{100 * each.share:5.1f} % {each.milliseconds:9.2f} ms "
                    f"{each.calls:8,.0f} x {each.name or 'all others'}\n"
                )
        sys.stdout.flush()
    return 0


def _memory(arguments: argparse.Namespace) -> int:
    from workbench.core.planning.bench_workloads import ALGORITHMS, memory

    for algorithm in arguments.algorithm or ALGORITHMS:
        few, many = (
            _alone(memory, algorithm, steps, arguments.device)
            for steps in _MEMORY_STEPS
        )
        figures = {
            "algorithm": algorithm,
            **{
                f"peak_memory_mb_{steps}_steps": peak
                for steps, peak in zip(_MEMORY_STEPS, (few, many), strict=True)
            },
            "ratio": many / few,
        }
        _show(figures, as_json=arguments.json)
    return 0


def _window(seconds: float, *, as_json: bool) -> int:
    """Measure the window, on the display there is or offscreen."""
    from workbench.gui.app.start import missing_display, missing_libraries

    if missing_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    problem = missing_libraries()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    from workbench.gui.measuring import measurements

    for work in measurements():
        for figure in _alone(work, seconds):
            if as_json:
                _show(figure._asdict(), as_json=True)
            else:
                sys.stdout.write(f"{figure}\n")
                sys.stdout.flush()
    return 0


def _alone(work: Callable[..., T], *arguments: Any) -> T:
    """Return work(*arguments), done in a new process: its peak is the work's own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def _show(figures: dict[str, Any], *, as_json: bool) -> None:
    rounded = {
        name: round(figure, 4) if isinstance(figure, float) else figure
        for name, figure in figures.items()
    }
    line = (
        json.dumps(rounded)
        if as_json
        else "  ".join(f"{name} {figure}" for name, figure in rounded.items())
    )
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
