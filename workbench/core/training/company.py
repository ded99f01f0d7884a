"""A company: runs trained side by side, each with a folder and an end of its own.

What takes a small network a millisecond is a hundred operations, and what takes each of
them longest is to begin. So the meta-steps of runs that differ in numbers alone are
made as one batch (``abreast``), shared out among as many threads as torch may use.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar

from workbench.core.base.errors import WorkbenchError
from workbench.core.base.lazy import torch
from workbench.core.base.splits import Split
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.compiled import CompiledEngineOfRuns
from workbench.core.engine.engine import VmapEngine
from workbench.core.engine.memory import keep_freed_memory
from workbench.core.engine.shared_out import EngineOfRuns, SharedOut
from workbench.core.training.abreast import Abreast
from workbench.core.training.outer_loop import OuterLoop

_log = logging.getLogger(__name__)

T = TypeVar("T")

_OWN = {"training": {"seed", "meta_lr", "iterations", "checkpoint_every"}}
"""What may be another in every run of a batch, besides the learner's inner rates."""

_REFUSALS = (RuntimeError, TypeError, ValueError, WorkbenchError)
"""What happens where a learner cannot be computed as a batch of runs."""


class Company:
    """Makes the meta-steps of several outer loops together.

    A loop may come, stay away for a while, and leave at any time: the others go on.
    What cannot be computed as a batch is left to be made by each loop itself.
    """

    def __init__(self) -> None:
        self._kinds: dict[OuterLoop, str] = {}
        self._engines: dict[str, SharedOut] = {}
        self._batches: dict[tuple[OuterLoop, ...], Abreast] = {}
        self._refused: set[str] = set()
        self._curves: dict[OuterLoop, tuple[Any, torch.Tensor]] = {}

    def meet(self, loops: Sequence[OuterLoop]) -> list[Abreast]:
        """Bring loops at the same meta-step together; return their batches."""
        keep_freed_memory()
        return [self._batch(part) for part in self._parted(loops)]

    def advance(self, loops: Sequence[OuterLoop]) -> None:
        """Make the next meta-step of each, for it to go when it comes to it."""
        self._do(Abreast.advance, self.meet(loops))

    def curves(self, loop: OuterLoop, split: Split, number: int) -> torch.Tensor | None:
        """Return the loop's curves on a chunk of tasks; None if it is to make them.

        They are made for all loops at its meta-step, which are about to ask.
        """
        asked = split, number, loop.step
        if self._curves.get(loop, (None,))[0] != asked:
            batches = [
                batch
                for loops, batch in self._batches.items()
                if all(each.step == loop.step and not each.is_ahead for each in loops)
            ]
            made = self._do(lambda batch: batch.curves(split, number), batches)
            for batch, curves in made.items():
                self._curves |= {
                    each: (asked, rows)
                    for each, rows in zip(batch.loops, curves, strict=True)
                }
        found = self._curves.pop(loop, None)
        return found[1] if found and found[0] == asked else None

    def close(self) -> None:
        """Let go of the threads."""
        if "_pool" in vars(self):
            self._pool.shutdown()

    @cached_property
    def _threads(self) -> int:
        return torch.get_num_threads()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(
            self._threads, "company", initializer=lambda: torch.set_num_threads(1)
        )

    def _do(
        self, what: Callable[[Abreast], T], batches: Sequence[Abreast]
    ) -> dict[Abreast, T]:
        """Do something with all batches; leave out those that cannot be."""
        done = dict[Abreast, T]()
        for batch in batches:
            try:
                done[batch] = what(batch)
            except _REFUSALS as error:
                _log.info("Not trained as a batch: %s", error)
                self._refused.add(self._kind(batch.loops[0]))
        return done

    def _parted(self, loops: Sequence[OuterLoop]) -> list[tuple[OuterLoop, ...]]:
        """Part loops into batches; who has no like is no batch, and goes alone."""
        alike = defaultdict[Any, list[OuterLoop]](list)
        for loop in loops:
            if loop.collected:  # under weights that are its own
                continue
            if (kind := self._kind(loop)) not in self._refused:
                alike[kind, loop.step].append(loop)
        return [tuple(each) for each in alike.values() if len(each) > 1]

    def _batch(self, loops: tuple[OuterLoop, ...]) -> Abreast:
        if loops not in self._batches:
            self._batches = {
                others: batch
                for others, batch in self._batches.items()
                if not set(others).intersection(loops)
            }
            kind = self._kind(loops[0])
            if kind not in self._engines:
                self._engines[kind] = self._engine(loops[0].config)
            self._batches[loops] = Abreast(loops, self._engines[kind])
            for loop in loops:
                loop.company = self
        return self._batches[loops]

    def _engine(self, config: RunConfig) -> SharedOut:
        engine: EngineOfRuns = VmapEngine()
        if config.training.engine == "compiled":
            engine = CompiledEngineOfRuns(VmapEngine())
        return SharedOut(engine, self._pool, self._threads)

    def _kind(self, loop: OuterLoop) -> str:
        if loop not in self._kinds:
            self._kinds[loop] = _kind(loop.config)
        return self._kinds[loop]


def _kind(config: RunConfig) -> str:
    """Return what is the same in all runs that can be computed as one batch."""
    own = _OWN | {"algorithm": set(config.algorithm.inner_rates())}
    return config.model_dump_json(exclude=own)
