"""How smoothly a plot of long runs is panned and zoomed."""

from __future__ import annotations

import time

import numpy as np

from workbench.core.config.run_config import RunConfig
from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.core.runs.events import StepEvent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_least
from workbench.gui.training.plot_board import PlotBoard

ORDER = 40
RUNS, STEPS = 5, 100_000
_LEAST = 30.0
_FRAMES = (8, 240)
_STEP = 0.93


def panning(seconds: float, steps: int = STEPS) -> list[Figure]:
    """Zoom in and out of the meta-loss of five runs, and pan at every width."""
    config, _ = stage.endless(WORKLOADS["sinusoid-1"], steps)
    runs = tuple(
        ShownRun(_a_run(config, number, steps), number) for number in range(RUNS)
    )
    with stage.stage(config) as window:
        board = window.findChild(PlotBoard)
        if not isinstance(board, PlotBoard):
            raise TypeError("the window has no plots")
        board.show_runs(runs)
        board.redraw()
        plot = board.plot("meta_loss")
        if not isinstance(plot, Graph):
            raise TypeError(f"{plot} has no axes")
        stage.serve(0.2)
        plot.set_following(False)
        least, most = _FRAMES
        frames = min(most, max(least, round(_LEAST * seconds)))
        times = [_frame(plot, frame, frames) for frame in range(frames)]
        board.show_runs(())
    about = f"median of {frames} frames, {steps:,} steps in each of {RUNS} runs"
    slow = float(np.quantile(times, 0.95))
    return [
        at_least(
            _LEAST, Figure("pan and zoom", 1 / float(np.median(times)), "fps", about)
        ),
        Figure("pan and zoom p95", 1000 * slow, "ms", about),
    ]


def _frame(plot: Graph, frame: int, frames: int) -> float:
    """Zoom in during the first half, out during the second, and pan in between."""
    start = time.perf_counter()
    if frame % 2:
        factor = _STEP if frame < frames // 2 else 1 / _STEP
        plot.box.scaleBy((factor, 1.0))
    else:
        plot.box.translateBy((0.01 * plot.box.viewRect().width(), 0.0))
    plot.view.viewport().repaint()
    return time.perf_counter() - start


def _a_run(config: RunConfig, number: int, steps: int) -> RunHistory:
    history = RunHistory(f"run {number}", f"run {number}", config)
    losses = np.random.default_rng(number).normal(1.0, 0.2, steps).tolist()
    history.add(
        StepEvent(step, loss, None, 1.0, 1e-3)
        for step, loss in enumerate(losses, start=1)
    )
    return history
