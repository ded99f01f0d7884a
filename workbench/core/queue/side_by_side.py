"""Trains the queue's runs side by side, turn by turn."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeVar

from workbench.core.queue import hold
from workbench.core.runs.store import State
from workbench.core.training.outer_loop import OuterLoop

T = TypeVar("T")


class Resting(Protocol):
    """A training, of which a meta-step is to be made with those of others."""

    @property
    def is_ready(self) -> bool:
        """Whether its next meta-step is to be made."""

    @property
    def loop(self) -> OuterLoop | None:
        """What makes its meta-steps; None before there is one."""

    def note(self, state: State) -> object:
        """Say in its folder that it waits, or goes on."""


class Together(Protocol):
    """What makes meta-steps of several runs at once, as a ``Company`` does."""

    def meet(self, loops: list[OuterLoop]) -> object:
        """Let them come to know each other."""

    def advance(self, loops: list[OuterLoop]) -> object:
        """Make the next meta-step of each."""


class Rest(NamedTuple):
    """The word of a life that the others may come as far."""

    training: Resting


def side_by_side(
    lives: Mapping[str, Generator[T | Rest, None, None]],
    paused: Callable[[], Collection[str]],
    company: Together,
) -> Iterator[T]:
    """Yield what the lives of runs yield, a turn of each after the other.

    A life is that of an item of the queue, by its id. It yields a ``Rest`` where
    the others are to come as far, and ends when its run does. ``paused`` are
    those that wait while the others go on.
    """
    left, pauses = dict(lives), _Pauses(paused)
    resting: dict[str, Resting] = {}
    with contextlib.ExitStack() as stack:
        for life in lives.values():
            stack.enter_context(contextlib.closing(life))
        while left:
            waiting = pauses.look(resting)
            going = [id for id in left if id not in waiting]
            _advance(company, [resting[id] for id in going if id in resting])
            for id in going:
                resting.pop(id, None)
                for each in left[id]:
                    if isinstance(each, Rest):
                        resting[id] = each.training
                        break
                    yield each
                else:
                    del left[id]
            if left and not going:
                time.sleep(hold.LOOK_SECONDS)


def _advance(company: Together, resting: list[Resting]) -> None:
    """Make the meta-steps that are next; where there are none yet, meet the others."""
    loops = [(each.is_ready, each.loop) for each in resting]
    company.meet([loop for is_ready, loop in loops if loop and not is_ready])
    company.advance([loop for is_ready, loop in loops if loop and is_ready])


class _Pauses:
    """Says in the folders of runs that wait that they do, and when they go on."""

    def __init__(self, paused: Callable[[], Collection[str]]) -> None:
        self._paused = paused
        self._said: dict[str, float] = {}

    def look(self, resting: Mapping[str, Resting]) -> Collection[str]:
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
