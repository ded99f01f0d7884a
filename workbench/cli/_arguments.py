"""What the command line's arguments may be, and what it says where they are not."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from typing_extensions import override

from workbench.core.base.program import command, program
from workbench.core.base.suggestions import did_you_mean

_CHOICE = re.compile(r"invalid choice: ['\"]?(.*?)['\"]? \(choose from (.*)\)")
_MOST = 2**31 - 1
_BARE = re.compile(r"(\w+)\.\w+=")
"""What may change a field, written without ``--set``."""

_USUAL: dict[str, dict[str, Any]] = {
    "device": {"default": "auto", "help": "auto, cpu or cuda"},
    "runs": {"type": Path, "metavar": "DIR", "help": "folder of runs"},
    "data": {"type": Path, "metavar": "DIR", "help": "folder of data sets"},
    "json": {"action": "store_true", "help": "print one JSON object a line"},
}


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and where to read how it is right.

    argparse's own puts the whole usage before it. Where there is an option ``--set``,
    ``section.field=value`` means the same without it.
    """

    def __init__(self, **options: Any) -> None:
        self._takes_value: set[str] = set()
        super().__init__(**options)

    @override
    def add_argument(self, *names: Any, **about: Any) -> argparse.Action:
        action = super().add_argument(*names, **about)
        if action.nargs != 0:
            self._takes_value.update(action.option_strings)
        return action

    @override
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        words = sys.argv[1:] if args is None else list(args)
        if "--set" in self._takes_value:
            words = [*self._with_set(words)]
        return super().parse_known_args(words, namespace)

    def _with_set(self, words: Sequence[str]) -> Iterator[str]:
        from workbench.core.config.sections import SECTIONS

        for before, word in zip(("", *words), words, strict=False):
            bare = _BARE.match(word)
            if bare and bare[1] in SECTIONS and before not in self._takes_value:
                yield "--set"
            yield word

    @override
    def error(self, message: str) -> NoReturn:
        words = self.prog.removeprefix(program()).split()
        hint = command(" ".join([*words, "--help"]))
        self.exit(2, f"error: {_in_words(message)} ({hint})\n")


def add_usual_arguments(parser: argparse.ArgumentParser, *names: str) -> None:
    """Declare those arguments that mean the same in every command."""
    for name in names:
        parser.add_argument(f"--{name}", **_USUAL[name])


def whole(text: str, least: int = 0) -> int:
    """Return the whole number that an argument is, from 0 on."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not least <= number <= _MOST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {least} to {_MOST:,}"
        )
    return number


def count(text: str) -> int:
    """Return the whole number that an argument is, from 1 on."""
    return whole(text, least=1)


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
