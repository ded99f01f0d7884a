"""How evenly the window's thread is served while training goes on beside it."""

from __future__ import annotations

import numpy as np

from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_most
from workbench.gui.measuring.ticker import Ticker

ORDER = 20
_MOST_OF_IDLE = 1.5
_WORST_MS = 100.0


def jitter(seconds: float) -> list[Figure]:
    """Watch the window idle, then from the click on Start on, as long each."""
    config, data = stage.endless(WORKLOADS["omniglot5-1"], validate_every=20)
    ticker = Ticker()
    with stage.stage(config) as window:
        ticker.begin()
        stage.serve(seconds)
        idle = ticker.end()
        ticker.begin()
        training = stage.start(window)
        stage.serve(seconds)
        busy = ticker.end()
        stage.stop(training)
        steps = stage.steps_of(training)
    p99_idle, p99 = (float(np.quantile(times, 0.99)) for times in (idle, busy))
    about = f"16 ms timer, {seconds:g} s of {data}, {steps} meta-steps"
    return [
        Figure("jitter idle p99", p99_idle, "ms", f"16 ms timer, {seconds:g} s"),
        Figure("jitter training p99", p99, "ms", about),
        at_most(_MOST_OF_IDLE, Figure("jitter ratio", p99 / p99_idle, "x", about)),
        at_most(_WORST_MS, Figure("jitter worst", float(busy.max()), "ms", about)),
    ]
