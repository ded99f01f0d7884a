"""Trains the queue's runs side by side, turn by turn."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from typing import TypeVar

from workbench.core.planning import hold
from workbench.core.training.company import Company
from workbench.core.training.training import Training

T = TypeVar("T")


def side_by_side(
    lives: Mapping[str, Generator[T | Training, None, None]],
    paused: Callable[[], Collection[str]],
) -> Iterator[T]:
    """Yield what the lives of runs yield, a turn of each after the other.

    A life is that of an item of the queue, by its id. It yields its training where it
    rests, so that the others come as far, and ends when its run does. ``paused`` are
    those that wait while the others go on.
    """
    left, pauses = dict(lives), _Pauses(paused)
    resting: dict[str, Training] = {}
    with contextlib.ExitStack() as stack:
        company = stack.enter_context(contextlib.closing(Company()))
        for life in lives.values():
            stack.enter_context(contextlib.closing(life))
        while left:
            waiting = pauses.look(resting)
            going = [id for id in left if id not in waiting]
            _advance(company, [resting[id] for id in going if id in resting])
            for id in going:
                resting.pop(id, None)
                for each in left[id]:
                    if isinstance(each, Training):
                        resting[id] = each
                        break
                    yield each
                else:
                    del left[id]
            if left and not going:
                time.sleep(hold.LOOK_SECONDS)


def _advance(company: Company, resting: list[Training]) -> None:
    """Make the meta-steps that are next; where there are none yet, meet the others."""
    loops = [(each.is_ready, each.loop) for each in resting]
    company.meet([loop for is_ready, loop in loops if loop and not is_ready])
    company.advance([loop for is_ready, loop in loops if loop and is_ready])


class _Pauses:
    """Says in the folders of runs that wait that they do, and when they go on."""

    def __init__(self, paused: Callable[[], Collection[str]]) -> None:
        self._paused = paused
        self._said: dict[str, float] = {}

    def look(self, resting: Mapping[str, Training]) -> Collection[str]:
        """Return those that are to wait, which say so."""
        now, paused = time.monotonic(), self._paused()
        waiting = [id for id in paused if id in resting]
        for id in waiting:
            if now - self._said.get(id, -math.inf) > hold.SIGN_SECONDS:
                resting[id].note("paused")
                self._said[id] = now
        for id in self._said.keys() - set(waiting):
            del self._said[id]
            if id in resting:
                resting[id].note("running")
        return waiting
