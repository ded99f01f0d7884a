"""What a configuration takes here, found by a short trial."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from typing_extensions import override

from workbench.core.acting.policy import PolicyObjective
from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.devices import choose_device, describe, peak_memory_mb
from workbench.core.base.lazy import torch
from workbench.core.base.memory import available_bytes
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import one_thread
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.pacing.pace import CHUNK, Pace, Work
from workbench.core.planning.footprint import Footprint, footprint
from workbench.core.runs.checkpoint import save_checkpoint
from workbench.core.runs.events import to_json
from workbench.core.training.outer_loop import OuterLoop

_ENOUGH_SECONDS, _WHOLE_SECONDS = 0.5, 2.0
_PATIENCE_SECONDS = 8.0
_GROUPS = 5
_CALLS_WRITTEN_DOWN = 8
"""What it costs, in calls of one task, until engines replay: they call it, write it
down, and check it, one thread at a time."""
_FEW = 4
"""So many tasks that are acted in side by side tell what more of them take."""
_MOST_BYTES = 2**30
_SURELY, _BESIDES = 2, 64 * 2**20
"""A trial was never seen to take more than so many times its tensors, and so many bytes
besides: 0.7 to 1.0 times where they are large, and some 60 MB more."""


class Trial(NamedTuple):
    """What a trial found: what each part of a run takes, and GPU memory if there is.

    ``spread`` is by how many times its slow meta-steps took longer than its fast ones;
    it ``is_rough`` where none was made as those of a long run are.
    """

    pace: Pace
    spread: float
    is_rough: bool
    device: str
    memory_mb: float | None


class TooLargeToTry(Exception):
    """Not even one task surely fits into the bytes that a trial may take."""

    def __init__(self, needed: int, budget: int) -> None:
        self.needed, self.budget = needed, budget
        super().__init__(f"a trial could take {needed} bytes, and may take {budget}")


def trial_budget() -> int:
    """Return the bytes that a trial may take: little, for nobody asked for it."""
    return min(_MOST_BYTES, available_bytes() // 20)


def try_out(
    config: RunConfig,
    data: Path,
    cancel: CancelFlag | None = None,
    device: str = "auto",
) -> Trial:
    """Make a few meta-steps and throw them away; DataError if the data are not there.

    Of a meta-batch that could take too much memory a part is tried, and its time
    multiplied; so is one of which the whole would take too long. ``cancel`` is looked
    at between steps, and within the first wherever the model computes.
    """
    chosen = choose_device(device)
    size = footprint(config, chosen.type)
    affordable = _affordable_tasks(size)
    family = config.task.open(data, chosen, cancel)
    stop_if(cancel)
    whole = config.training.meta_batch
    tasks = whole if affordable >= size.at_once else affordable
    loop = OuterLoop(config.replace({"training.meta_batch": tasks}), family, chosen)
    loop.judge_by(_watched(loop.objective, lambda: stop_if(cancel)))
    steps = _steps(loop, cancel)
    pace = Work.of(config).like_steps(steps.typical * whole / tasks)
    pace = pace._replace(checkpoint=_seconds(lambda: _save(loop)))
    evaluable = int(affordable / _times_larger_evaluated(config))
    if evaluable >= loop.at_once(CHUNK):
        pace = pace._replace(chunk=_chunks(loop, cancel).typical)
    memory = peak_memory_mb(chosen) if chosen.type == "cuda" else None
    return Trial(pace, steps.spread, not steps.is_steady, describe(chosen), memory)


@dataclass(frozen=True)
class _Watched(TaskObjective):
    """An objective that is asked wherever a model computes whether to go on."""

    watch: Callable[[], None] = lambda: None

    @override
    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        self.watch()
        return super().embed(params, x)


@dataclass(frozen=True)
class _WatchedPolicy(_Watched, PolicyObjective):
    """The same of a policy."""


def _watched(objective: TaskObjective, watch: Callable[[], None]) -> TaskObjective:
    acts = isinstance(objective, PolicyObjective)
    watched = _WatchedPolicy if acts else _Watched
    return watched(**vars(objective), watch=watch)


class _Timed(NamedTuple):
    """How long calls took, and whether they were made as those that follow them."""

    seconds: list[float]
    is_steady: bool

    @property
    def typical(self) -> float:
        return statistics.median(self._means)

    @property
    def spread(self) -> float:
        return max(self._means) / min(self._means)

    @property
    def _means(self) -> list[float]:
        """The means of a few groups: one short call says little, as machines are."""
        size = math.ceil(len(self.seconds) / _GROUPS)
        starts = range(0, len(self.seconds), size)
        return [statistics.mean(self.seconds[at : at + size]) for at in starts]

    def times(self, factor: float) -> _Timed:
        return self._replace(seconds=[factor * each for each in self.seconds])


def _steps(loop: OuterLoop, cancel: CancelFlag | None) -> _Timed:
    """Time meta-steps; of a whole one that takes long, as many tasks as go at once."""
    episodes, rate = loop.episodes[0], loop.config.training.meta_lr
    tasks = loop.config.training.meta_batch

    def part(size: int) -> None:
        if size == tasks:
            to_json(loop.event(loop.advance()))  # as a run does with each
        else:
            with one_thread():
                float(loop.meta_step(episodes.tasks(slice(size)), rate)[0])

    if loop.collected is not None:
        return _side_by_side(part, tasks, loop.settles_after, cancel)
    return _in_parts(part, tasks, loop.at_once(tasks), loop.settles_after, cancel)


def _chunks(loop: OuterLoop, cancel: CancelFlag | None) -> _Timed:
    """Time the evaluation of a chunk of tasks."""
    if loop.collected is not None:
        together = loop.evaluate_together
        return _side_by_side(together, CHUNK, loop.settles_after, cancel)
    at_once, settles_after = loop.at_once(CHUNK), loop.settles_after
    return _in_parts(loop.evaluate_together, CHUNK, at_once, settles_after, cancel)


def _in_parts(
    part: Callable[[int], None],
    tasks: int,
    at_once: int,
    settles_after: int,
    cancel: CancelFlag | None,
) -> _Timed:
    """Time ``tasks``: all of them, or where that takes long as many as go at once.

    Where tasks are done one by one, a single one is done first: if it takes so long
    that engines could not write it down in time, it has to do.
    """
    rounds = math.ceil(tasks / at_once)
    if rounds > 1:
        stop_if(cancel)
        once = _seconds(lambda: part(1))
        if once * _CALLS_WRITTEN_DOWN > _PATIENCE_SECONDS:
            return _Timed([rounds * once], is_steady=False)
    found = _timed(lambda: part(at_once), settles_after, cancel).times(rounds)
    if rounds > 1 and found.is_steady and found.typical < _WHOLE_SECONDS:
        return _timed(lambda: part(tasks), 0, cancel)
    return found


def _side_by_side(
    part: Callable[[int], None],
    tasks: int,
    settles_after: int,
    cancel: CancelFlag | None,
) -> _Timed:
    """Time tasks that are acted in: so many side by side take little more than one.

    Where all of them would take long, a few tell of them. How they act is written down
    for each number of tasks anew: the first time takes up to twice as long.
    """
    few = min(tasks, _FEW)
    stop_if(cancel)
    first = _seconds(lambda: part(few))
    if first * tasks / few < 2 * _PATIENCE_SECONDS:
        return _timed(lambda: part(tasks), 1, cancel)
    found = _timed(lambda: part(few), settles_after - 1, cancel)
    return found.times(tasks / few)._replace(is_steady=False)


def _timed(
    work: Callable[[], object], settles_after: int, cancel: CancelFlag | None
) -> _Timed:
    """Time calls from where they are all alike; or the last, if that takes too long."""
    seconds: list[float] = []
    while True:
        stop_if(cancel)
        seconds.append(_seconds(work))
        steady = seconds[settles_after:]
        if sum(steady) >= _ENOUGH_SECONDS or sum(seconds) >= _PATIENCE_SECONDS:
            return _Timed(steady or seconds[-1:], is_steady=bool(steady))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _save(loop: OuterLoop) -> None:
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(Path(folder) / "tried.safetensors", loop.checkpoint())


def _times_larger_evaluated(config: RunConfig) -> float:
    """Return how many times more pictures a task has when it is evaluated."""
    trained = sum(config.examples_per_class("train"))
    evaluated = config.evaluation.views * sum(config.examples_per_class("validation"))
    return max(1.0, evaluated / trained)


def _affordable_tasks(size: Footprint) -> int:
    """Return how many tasks at once surely fit into the budget."""
    budget = trial_budget()
    room = (budget - _BESIDES) / _SURELY - size.fixed_bytes
    tasks = int(room // size.task_bytes)
    if tasks < 1:
        needed = _SURELY * (size.fixed_bytes + size.task_bytes) + _BESIDES
        raise TooLargeToTry(needed, budget)
    return tasks
