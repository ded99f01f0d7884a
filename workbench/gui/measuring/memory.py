"""How much memory the window holds while a long run is drawn."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from workbench.core.base.devices import peak_memory_mb
from workbench.core.base.lazy import torch
from workbench.core.planning.bench_workloads import WORKLOADS
from workbench.core.runs.events import EvaluationEvent, Event, StepEvent, StepScore
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.gui.measuring import stage
from workbench.gui.measuring.figure import Figure, at_most
from workbench.gui.training.run_controller import RunController

ORDER = 50
EVENTS = 100_000
_PARTS = 10
"""The events of each half come in as many batches."""

_VALIDATE_EVERY = 200
_MOST_GROWTH_MB = 64.0


def memory(_seconds: float, events: int = EVENTS) -> list[Figure]:
    """Follow a run that writes its events batch by batch, with its plots on."""
    config, _ = stage.endless(WORKLOADS["sinusoid-1"], _VALIDATE_EVERY)
    with stage.stage(config) as window:
        folder = RunFolder.create(window.session.runs, config)
        folder.update(
            state="running", pid=os.getppid(), host=socket.gethostname(), message=""
        )
        writer = MetricsWriter(folder, 0)
        window.session.set_run(folder)
        training, size = stage.training_of(window), events // (2 * _PARTS)
        held = []
        for half in range(2):
            for part in range(_PARTS):
                first = (half * _PARTS + part) * size + 1
                writer.append(list(_events(first, size)))
                last = first + size - 1
                stage.serve_until(partial(_has_come, training, last))
            stage.serve(0.2)
            held.append(held_mb())
        writer.close()
        window.session.set_run(None)
    about = f"followed live, a validation every {_VALIDATE_EVERY} steps"
    return [
        Figure(f"memory at {events // 2:,} events", held[0], "MB", about),
        Figure(f"memory at {events:,} events", held[1], "MB", about),
        at_most(
            _MOST_GROWTH_MB,
            Figure("memory growth", held[1] - held[0], "MB", "between the two"),
        ),
    ]


def _has_come(training: RunController, step: int) -> bool:
    return stage.steps_of(training) >= step


def held_mb() -> float:
    """Return the memory this process holds now; its peak where that is not told."""
    if not sys.platform.startswith("linux"):
        return peak_memory_mb(torch.device("cpu"))
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _events(first: int, count: int) -> Iterator[Event]:
    losses = np.random.default_rng(first).normal(1.0, 0.2, count)
    for step, loss in enumerate(losses.tolist(), start=first):
        yield StepEvent(step, loss, None, 1.0, 1e-3)
        if step % _VALIDATE_EVERY == 0:
            scores = tuple(
                StepScore(k, loss, 0.1, None, None, loss, 0.1, None, None)
                for k in range(11)
            )
            samples = tuple((loss,) * len(scores) for _ in range(4))
            yield EvaluationEvent(
                step, "validation", 100, True, 1, scores, False, samples
            )
