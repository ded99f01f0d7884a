"""How smooth the window stays while the queue works off a sweep of a thousand runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from workbench.core.config.run_config import RunConfig
from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.core.planning.sweep import Planned, plan_sweep
from workbench.core.queue.queue import QueueState, RunQueue
from workbench.core.runs.store import RunInfo
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_most
from workbench.gui.measuring.ticker import Ticker
from workbench.gui.queue.queue_worker import QueueWorker

ORDER = 25
SHORT, LONG = 10, 1000
_MOST_OF_SHORT = 1.5
_WORST_MS = 100.0
_SEEDS = 5
_STEPS_A_SECOND = 1500
_ENDED_MEANWHILE = 4


def long_sweep(seconds: float) -> list[Figure]:
    """Watch a short sweep and a long one, each half done, while they are trained."""
    short, long = (_watched(number, seconds) for number in (SHORT, LONG))
    about = f"16 ms timer, {seconds:g} s beside a worker, Sweeps and Queue in view"
    return _compared(short, long, about)


def _compared(short: np.ndarray, long: np.ndarray, about: str) -> list[Figure]:
    """Return the figures of the milliseconds between firings in either sweep."""
    p99_short, p99 = (float(np.quantile(times, 0.99)) for times in (short, long))
    ratio = Figure("long sweep ratio", p99 / p99_short, "x", about)
    worst = Figure("long sweep worst", float(long.max()), "ms", about)
    return [
        Figure(f"sweep of {SHORT:,} p99", p99_short, "ms", about),
        Figure(f"sweep of {LONG:,} p99", p99, "ms", about),
        at_most(_MOST_OF_SHORT, ratio),
        at_most(_WORST_MS, worst),
    ]


def _watched(number: int, seconds: float) -> np.ndarray:
    """Return the milliseconds between firings while the second half is trained."""
    config, _ = stage.endless(WORKLOADS["sinusoid-1"], validate_every=100)
    iterations = max(1, round(_STEPS_A_SECOND * seconds / _ENDED_MEANWHILE))
    config = config.replace({"training.iterations": iterations})
    with tempfile.TemporaryDirectory() as place:
        half_done(Path(place) / "runs", config, number)
        with stage.stage(config, Path(place)) as window:
            window.session.show_panel("Sweeps")
            window.session.show_panel("Queue")
            ticker, queue = Ticker(), RunQueue(window.session.runs)
            window.session.actions.trigger("queue.start")
            stage.serve_until(lambda: _is_begun(queue.read()))
            ticker.begin()
            stage.serve(seconds)
            times = ticker.end()
            window.session.actions.trigger("queue.stop")
            worker = window.findChild(QueueWorker)
            stage.serve_until(lambda: worker is None or not worker.is_running)
            return times


def _is_begun(state: QueueState) -> bool:
    return bool(state.begun or state.finished)


def half_done(runs: Path, config: RunConfig, number: int) -> None:
    """Make a sweep over seeds and rates, of which half is done and the rest queued."""
    rates = np.geomspace(1e-4, 1e-2, number // _SEEDS).round(7).tolist()
    planned = plan_sweep(config, range(_SEEDS), {"training.meta_lr": rates})
    queue = RunQueue(runs)
    items = queue.add([(each.label, each.config) for each in planned])
    done = items[: number // 2]
    for number, (item, each) in enumerate(zip(done, planned, strict=False)):
        _add_done(runs, number, each, item.sweep)
    queue.remove([item.id for item in done])


def _add_done(runs: Path, number: int, planned: Planned, sweep: str) -> None:
    """Add a run as its end leaves it, with no waiting for the disk."""
    id = f"20260101-000000-{number:06x}"
    folder = runs / f"sweep-{id}"
    folder.mkdir()
    info = RunInfo(
        id=id,
        name=planned.label,
        state="completed",
        created="2026-01-01T00:00:00+00:00",
        step=planned.config.training.iterations,
        iterations=planned.config.training.iterations,
        sweep=sweep,
        best=1 / (1 + number),
        test={"loss": 1 / (1 + number), "loss_ci95": 0.01, "accuracy": None},
    )
    (folder / "run.json").write_text(info.model_dump_json())
    (folder / "config.toml").write_text(planned.config.to_toml())
