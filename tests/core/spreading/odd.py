"""``python -m tests.core.spreading.odd HOW PORT NUMBER COUNT``: follows, but oddly.

Only the first does; others follow as they should.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

import torch

from workbench.core.runs.store import RunFolder
from workbench.core.spreading import meeting
from workbench.core.spreading.following import follow
from workbench.core.spreading.place import Place
from workbench.core.spreading.starting import computing_at
from workbench.core.spreading.stores import local_store
from workbench.core.spreading.wire import Wire
from workbench.core.spreading.words import End

CPU = torch.device("cpu")
STATUS = 3
"""What one that leaves ends with."""


def follows(how: str) -> list[str]:
    """Return what Python is told that a process follows so by."""
    return ["-m", "tests.core.spreading.odd", how]


class Interrupting:
    """A wire on whose words so many are answered; then Ctrl-C is pressed.

    Where the last word is ``heard`` nothing is said to it either, and it is pressed
    again.
    """

    def __init__(self, wire: Wire, answered: int, *, is_heard: bool) -> None:
        self._wire, self._left, self._is_heard = wire, answered, is_heard
        self.send = wire.send

    def receive(self, of: int, device: torch.device) -> tuple[Any, Any]:
        said = self._wire.receive(of, device)
        if self._left == 0:
            os.kill(os.getppid(), signal.SIGINT)
            if self._is_heard:
                word, _ = self._wire.receive(of, device)
                assert isinstance(word, End)
                os.kill(os.getppid(), signal.SIGINT)
            rest()
        self._left -= 1
        return said


def rest() -> NoReturn:
    """Do nothing, until killed."""
    while True:
        signal.pause()


def main() -> None:
    """Leave when all are to begin, or be silent after so many answers."""
    how, *numbers = sys.argv[1:]
    port, number, count = map(int, numbers)
    place = Place(number, count, number, count, is_local=True)
    if how == "leaves" and number == 1:
        meeting.group_of_two = lambda *_: os._exit(STATUS)
    came = meeting.come(local_store(port), place)
    assert came is not None
    wire, terms = came
    computing = computing_at(RunFolder(terms.folder).config(), CPU, place)
    kind, answered = how.split("-")
    odd: Any = Interrupting(wire, int(answered), is_heard=kind == "stays")
    follow(odd if number == 1 else wire, computing, CPU)


if __name__ == "__main__":
    main()
