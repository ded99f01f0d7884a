"""How far the form's forecasts are from what training takes, preset by preset.

    FEWSHOT_DATA=... python -m tests.benchmarks.forecasts [--preset NAME] [--seconds 15]

Of each preset whose data are here the form's own forecaster is asked, in a process and
a user's folder of its own: by a trial, and once more when a run of the kind was made.
The truth is reckoned from a steady stretch of training with its checkpoints, and chunks
of evaluated tasks, by their numbers in the whole run. Printed is forecast over truth.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from workbench.core.base import figures
from workbench.core.base.devices import choose_device
from workbench.core.base.folders import data_folder
from workbench.core.config.holdings import missing_data
from workbench.core.config.presets import find_preset, list_presets
from workbench.core.config.run_config import RunConfig
from workbench.core.pacing.pace import CHUNK, Pace, Work
from workbench.core.runs.events import StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.outer_loop import OuterLoop
from workbench.core.training.training import train

_WARM_UP, _SETTLED = 6, 3
"""Steps, if there is time for them, and chunks, after which all that follow are alike.
"""


class Answer(NamedTuple):
    """What the form forecasts, in seconds, and in its own words."""

    seconds: float
    least: float
    most: float
    text: str


class Row(NamedTuple):
    """One preset: the forecast of a trial, that of memory, and the truth."""

    preset: str
    tried: Answer
    remembered: Answer
    truth: float


def main() -> None:
    """Measure the presets one after the other, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", action="append", help="may be repeated (else all)")
    parser.add_argument("--seconds", type=float, default=15.0)
    arguments = parser.parse_args()
    names = arguments.preset or [preset.name for preset in list_presets()]
    rows = []
    for name in names:
        if missing := missing_data(config_of(name), data_folder()):
            print(f"{name:34} left out: {missing.text}", flush=True)
            continue
        rows.append(measured(name, arguments.seconds))
        print(line(rows[-1]), flush=True)
    for title in ("tried", "remembered"):
        ratios = [getattr(row, title).seconds / row.truth for row in rows]
        print(f"{title}: {summary(ratios)}")


def measured(name: str, seconds: float) -> Row:
    """Ask for the forecast, train for a while, and ask once more."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_DATA_HOME"] = home
        data = data_folder().absolute()
        tried = alone(forecast, name, data)
        truth = alone(taken, name, data, seconds)
        return Row(name, tried, alone(forecast, name, data), truth)


def alone(function, *arguments):
    """Call a function in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def forecast(name: str, data: Path) -> Answer:
    """Return what the form says before a run."""
    from PySide6.QtCore import QCoreApplication

    from workbench.gui.experiment.forecast import Forecaster

    application = QCoreApplication([])
    forecaster = Forecaster(data)
    said = []
    forecaster.changed.connect(said.append)
    choose_device("auto")  # imports torch, as the window has by then
    forecaster.set_config(config_of(name))
    forecaster.wake()
    while not forecaster.is_settled:
        application.processEvents()
        time.sleep(0.01)
    forecaster.shut_down()
    expected = said[-1].expected()
    assert expected is not None, said[-1].text()
    return Answer(expected.seconds, expected.least, expected.most, expected.text())


def taken(name: str, data: Path, seconds: float) -> float:
    """Return what the preset takes in all, reckoned from a steady stretch of it."""
    config = config_of(name)
    once = {
        "evaluation.validation_tasks": (_SETTLED + 1) * CHUNK,
        "evaluation.every": 10**7,
    }
    short = config.replace(once)
    with tempfile.TemporaryDirectory() as runs:
        step = _step(RunFolder.create(Path(runs), short), data, seconds)
    loop = _loop(config, data)
    return Work.of(config).seconds(Pace(step, _chunk(loop, seconds / 5)))


def _step(folder: RunFolder, data: Path, seconds: float) -> float:
    """Return the seconds of a step, by this clock, and with all that goes with it."""
    begun = first = now = at = step = 0.0
    with contextlib.closing(train(folder, data=data)) as events:
        for event in events:
            if not isinstance(event, StepEvent):
                continue
            now, step = time.perf_counter(), event.step
            begun = begun or now
            is_early = step <= _WARM_UP or now - begun < seconds / 4
            if step == 1 or (is_early and now - begun < seconds):
                first, at = now, step
            elif now - first > seconds:
                break
    return (now - first) / (step - at)


def _loop(config: RunConfig, data: Path) -> OuterLoop:
    device = choose_device("auto")
    return OuterLoop(config, config.task.open(data, device), device)


def _chunk(loop: OuterLoop, seconds: float) -> float:
    times: list[float] = []
    while len(times) <= _SETTLED or sum(times[_SETTLED:]) < seconds:
        begun = time.perf_counter()
        loop.evaluate("validation", CHUNK)
        times.append(time.perf_counter() - begun)
    return statistics.mean(times[_SETTLED:])


def config_of(name: str) -> RunConfig:
    """Return a preset's configuration."""
    return RunConfig.from_dict(find_preset(name).config)


def line(row: Row) -> str:
    """Return a row as one line."""
    tried, remembered = (
        f"{answer.seconds / row.truth:5.2f} ({answer.text})"
        for answer in (row.tried, row.remembered)
    )
    return f"{row.preset:34} {figures.duration(row.truth):>14} {tried:40} {remembered}"


def summary(ratios: list[float]) -> str:
    """Return the median, the worst, and how many are within one and a half times."""
    errors = [max(ratio, 1 / ratio) for ratio in ratios]
    near = sum(error <= 1.5 for error in errors)
    return (
        f"median {statistics.median(ratios):.2f}, "
        f"worst {max(ratios, key=lambda ratio: max(ratio, 1 / ratio)):.2f}, "
        f"within 1.5 times {near} of {len(ratios)}"
    )


if __name__ == "__main__":
    main()
