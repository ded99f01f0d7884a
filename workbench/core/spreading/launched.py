"""What torchrun says to the processes that it starts."""

from __future__ import annotations

import os

from workbench.core.spreading.place import Place, SpreadError

_PLACE = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")


def launched() -> Place | None:
    """Return this process's place among those that torchrun started, if it did."""
    if not all(name in os.environ for name in _PLACE):
        return None
    number, processes, number_here, here = map(_whole_number, _PLACE)
    place = Place(number, processes, number_here, here)
    return place if place.processes > 1 else None


def launch() -> str:
    """Return torchrun's name of the launch; empty where there is none.

    Those that nobody gave a name it calls "none", all of them.
    """
    name = os.environ.get("TORCHELASTIC_RUN_ID", "") if launched() else ""
    return "" if name == "none" else name


def is_launched_again() -> bool:
    """Whether torchrun started all anew, after one of them had ended."""
    return bool(launch()) and _whole_number("TORCHELASTIC_RESTART_COUNT") > 0


def _whole_number(name: str) -> int:
    text = os.environ.get(name, "0")
    try:
        return int(text)
    except ValueError:
        raise SpreadError(f"{name}={text}: torchrun sets it to a number") from None
