"""What became of a search's trials: as their runs say, and the queue of the others."""

from __future__ import annotations

import contextlib
import functools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from workbench.core.base.errors import WorkbenchError
from workbench.core.base.file_lock import LockTaken, file_lock
from workbench.core.base.files import stamp_of
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.queued import Queued, QueueState
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import EvaluationEvent
from workbench.core.runs.index import all_rows
from workbench.core.runs.metrics import Follower
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.core.searching.journal import write_journal
from workbench.core.searching.pruning import WARM_UP, Curve, reason_to_prune
from workbench.core.searching.search import Trial, TrialNote, TrialState
from workbench.core.searching.space import parse_space

_JOURNALS = ".searches"
_PATIENCE_SECONDS = 20.0
"""A worker waits so long for another that writes the journal, and no longer."""

_WORST_FIRST: tuple[TrialState, ...] = ("failed", "diverged", "running", "pruned")


class TrialRun(NamedTuple):
    """One run of a trial, of which there is one for each seed."""

    note: TrialNote
    state: TrialState
    seed: int | None = None
    score: float | None = None
    folder: RunFolder | None = None

    @property
    def curve(self) -> Curve:
        """Its validations by meta-step."""
        if self.folder is None:
            return {}
        metrics = self.folder.metrics
        return _curve(metrics, stamp_of(metrics))


@functools.lru_cache(maxsize=4096)
def _curve(metrics: Path, _stamp: tuple[int, int]) -> Curve:
    """Read a curve, once: there are hundreds of runs that are over."""
    return validations(_follower(metrics))


def _follower(metrics: Path) -> Follower:
    return Follower(metrics, only=EvaluationEvent.name)


def validations(follower: Follower) -> dict[int, float]:
    """Return the scores of the validations that are new in a run, by meta-step."""
    found = dict[int, float]()
    while events := follower.read_new()[1]:
        for event in events:
            if isinstance(event, EvaluationEvent) and event.split == "validation":
                found[event.step] = event.by_step[-1].robust
    return found


def trial_runs(runs: Path, sweep: str, state: QueueState) -> list[TrialRun]:
    """Return every run of a search's trials, begun or not."""
    items = [item for item in state.items if item.sweep == sweep and item.trial]
    waiting = {item.run for item in items if item.state in ("waiting", "running")}
    rows = {row.folder: row for row in all_rows(runs) if row.sweep == sweep}
    names = {*rows, *(item.run for item in items if item.run)}
    found = list[TrialRun]()
    for name in sorted(names):
        folder = RunFolder(runs / name)
        with contextlib.suppress(RunError):
            info = folder.info()
            note = info.trial or next((i.trial for i in items if i.run == name), None)
            if note is not None:
                stands = _stands(info, is_open=name in waiting)
                seed = rows[name].seed if name in rows else None
                found.append(TrialRun(note, stands, seed, _score(info), folder))
    there = {run.folder.path.name for run in found if run.folder}
    for item in items:
        if item.trial is not None and item.run not in there:
            is_to_come = item.state in ("waiting", "running")
            found.append(TrialRun(item.trial, "running" if is_to_come else "failed"))
    return found


def _stands(info: RunInfo, *, is_open: bool) -> TrialState:
    """Return how a trial's run stands; one that nobody will train on has failed."""
    if info.state == "completed":
        return "diverged" if _score(info) is None else "completed"
    if info.pruned:
        return "pruned"
    if info.state == "failed":
        return "diverged" if info.diverged else "failed"
    return "running" if is_open or info.is_alive else "failed"


def _score(info: RunInfo) -> float | None:
    return info.best if info.best is not None and math.isfinite(info.best) else None


def trials_of(found: Iterable[TrialRun]) -> list[Trial]:
    """Return the trials of these runs: each as good as its runs are on average."""
    by_number = defaultdict[int, list[TrialRun]](list)
    for run in found:
        by_number[run.note.number].append(run)
    return [_trial(by_number[number]) for number in sorted(by_number)]


def _trial(runs: list[TrialRun]) -> Trial:
    states = {run.state for run in runs}
    state = next((each for each in _WORST_FIRST if each in states), "completed")
    scores = [run.score for run in runs if run.score is not None]
    curves = [run.curve for run in runs] if state == "pruned" else []
    return Trial(
        number=runs[0].note.number,
        values=runs[0].note.values,
        state=state,
        score=fmean(scores) if state == "completed" else None,
        curve=_mean(curves),
    )


def _mean(curves: list[Curve]) -> dict[int, float]:
    steps = set.intersection(*map(set, curves)) if curves else set[int]()
    return {step: fmean(curve[step] for curve in curves) for step in sorted(steps)}


class Pruner:
    """Says of a trial's run whether it is to be given up, after each validation."""

    def __init__(self, runs: Path, seen: Callable[[], QueueState]) -> None:
        self._runs, self._seen = runs, seen
        self._followed: dict[Path, tuple[Follower, dict[int, float]]] = {}

    def reason(self, item: Queued, folder: RunFolder, step: int) -> str:
        """Return why the run is given up after this validation; empty if it is not.

        Others of the same seed are what it is compared with. One that has made all of
        its meta-steps costs nothing any more.
        """
        if item.trial is None or item.trial.search.prune == "none":
            return ""
        config = RunConfig.from_toml(item.config)
        iterations = config.training.iterations
        if not WARM_UP * iterations <= step < iterations:
            return ""
        found = trial_runs(self._runs, item.sweep, self._seen())
        others = [
            self._curve(run.folder)
            for run in found
            if run.folder and run.folder.path != folder.path
            if run.seed == config.training.seed and run.state != "failed"
        ]
        measure = Measure.of_problem(config.task.problem)
        own = self._curve(folder)
        return reason_to_prune(own, step, others, measure) if step in own else ""

    def _curve(self, folder: RunFolder) -> Curve:
        """Return a run's validations, of which only new ones are read."""
        if folder.path not in self._followed:
            self._followed[folder.path] = _follower(folder.metrics), {}
        follower, curve = self._followed[folder.path]
        curve |= validations(follower)
        return curve


def journals(runs: Path) -> Mapping[str, Path]:
    """Return the journals of searches, by their ids, for Optuna's own tools."""
    return {file.stem: file for file in sorted((runs / _JOURNALS).glob("*.journal"))}


def note_in_journal(runs: Path, state: QueueState, item: Queued) -> None:
    """See that the journal of an item's search says what its runs do.

    It is but an index: where it cannot be written, or who writes it is suspended,
    nothing is lost.
    """
    if item.trial is None:
        return
    folder = runs / _JOURNALS
    with contextlib.suppress(WorkbenchError, LockTaken, OSError):
        folder.mkdir(exist_ok=True)
        with file_lock(folder / f"{item.sweep}.lock", wait=_PATIENCE_SECONDS):
            _write(runs, state, item, folder / f"{item.sweep}.journal")


def _write(runs: Path, state: QueueState, item: Queued, file: Path) -> None:
    assert item.trial is not None
    config = RunConfig.from_toml(item.config)
    space = parse_space(item.trial.search.space, config)
    trials = trials_of(trial_runs(runs, item.sweep, state))
    is_less_better = Measure.of_problem(config.task.problem).is_less_better
    write_journal(file, item.sweep, space, trials, is_less_better=is_less_better)
