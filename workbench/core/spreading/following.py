"""A process that follows: it answers what the one that leads asks, until the end."""

from __future__ import annotations

import pickle
from typing import Any

from workbench.core.base.lazy import torch
from workbench.core.engine.engine import TaskFunction
from workbench.core.spreading.part import Computing, Part
from workbench.core.spreading.place import LEADER
from workbench.core.spreading.wire import Wire
from workbench.core.spreading.words import Ask, AskAgain, End, Failed, Totals


def follow(wire: Wire, computing: Computing, device: torch.device) -> None:
    """Answer until told to end; RuntimeError where the one that leads is gone."""
    following = _Following(computing)
    while True:
        word, tree = wire.receive(LEADER, device)
        if isinstance(word, End):
            return
        said: Totals | Failed = Totals()
        totals = None
        try:
            totals = following.answer(word, tree)
        except Exception as error:  # whatever fails here fails where it was asked
            said = Failed.by(error, device)
        wire.send(LEADER, said, totals).wait()


class _Following:
    """Knows the functions that were sent, and the part that was asked for last."""

    def __init__(self, computing: Computing) -> None:
        self._computing = computing
        self._functions: dict[int, TaskFunction] = {}
        self._part: tuple[Part, TaskFunction, tuple[Any, ...], bool] | None = None

    def answer(self, word: Ask | AskAgain, tree: Any) -> Any:
        """Return the sums of what is asked for."""
        first = tree
        if isinstance(word, Ask):
            first, episodes, rest = tree
            if word.function:
                self._functions[word.number] = pickle.loads(word.function)
            function = self._functions[word.number]
            self._part = Part(episodes, word.sizes), function, rest, word.is_step
        assert self._part is not None
        part, function, rest, is_step = self._part
        return self._computing.totals(part, function, *first, *rest, is_step=is_step)
