"""What the command line's arguments may be, and what it says where they are not."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

from typing_extensions import override

from workbench.core.base.program import command, program
from workbench.core.base.suggestions import did_you_mean

_CHOICE = re.compile(r"invalid choice: ['\"]?(.*?)['\"]? \(choose from (.*)\)")
_MOST = 2**31 - 1


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and where to read how it is right.

    argparse's own puts the whole usage before it.
    """

    @override
    def error(self, message: str) -> NoReturn:
        words = self.prog.removeprefix(program()).split()
        hint = command(" ".join([*words, "--help"]))
        self.exit(2, f"error: {_in_words(message)} ({hint})\n")


def whole(text: str) -> int:
    """Return the whole number that an argument is, from 0 on."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= _MOST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 0 to {_MOST:,}"
        )
    return number


def duration(text: str) -> float:
    """Return the length of time that an argument is."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number


def _in_words(message: str) -> str:
    message = message.removeprefix("argument ")
    wrong = _CHOICE.search(message)
    if wrong is None:
        return message
    choices = wrong[2].replace("'", "").split(", ")
    hint = did_you_mean(wrong[1], choices)
    told = f"{wrong[1]!r} is not one of {', '.join(choices)}{hint}"
    return message[: wrong.start()] + told
