"""How soon the window is there: the real start, in fresh processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workbench.gui.measuring.figure import Figure, at_most

ORDER = 10
STARTS = 5
_LIMIT = 1.0
_SECONDS = 300


def starting(_seconds: float, starts: int = STARTS) -> list[Figure]:
    """Return when the window is painted and when torch is there, medians of starts.

    One start before them is not counted: it leaves Python's bytecode behind, which is
    there at every later one.
    """
    with tempfile.TemporaryDirectory() as folder:
        _start(Path(folder))
        times = [_start(Path(folder)) for _ in range(starts)]
    painted, computed, ready, _ = (
        statistics.median(column) for column in zip(*times, strict=True)
    )
    about = f"after process start, median of {starts}"
    return [
        at_most(_LIMIT, Figure("first paint", painted, "s", about)),
        Figure("first paint computing", computed, "s", "the processor time until then"),
        Figure("torch ready", ready, "s", about),
    ]


def _start(folder: Path) -> tuple[float, ...]:
    """Return when the window was painted and the time used; the same for torch."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "FEWSHOT_RUNS": str(folder / "runs"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "workbench.gui.measuring.watched_start"]
    start = time.time()
    done = subprocess.run(
        [*command, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        timeout=_SECONDS,
        check=True,
        text=True,
    )
    painted, computed, ready, used = map(float, done.stdout.split())
    return painted - start, computed, ready - start, used
