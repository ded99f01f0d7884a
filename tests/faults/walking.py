"""Does a thing again and again, each time with the next disk operation failing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.disk import Disk, Fault, Killed, laid_under
from tests.fuzz.holding import check_message
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.temporaries import sweep_once

_TAKES_ROOM = {
    Fault.FULL: {"create", "write", "mkdir", "link", "fsync"},
    Fault.SHORT: {"write"},
}


class Broken(NamedTuple):
    """A folder after what was to be done in it failed; ``error`` is None of a kill.

    It is also None where the product can do without what failed.
    """

    place: Path
    what: str
    error: WorkbenchError | None


def broken_at_every(
    fault: Fault,
    begin: Callable[[Path], object],
    do: Callable[[Path], object],
    folder: Path,
) -> Iterator[Broken]:
    """Yield what is left in a new folder for every operation that can fail so.

    ``begin`` makes what is there before, and ``do`` is what a person wants done.
    """
    begin(folder / "whole")
    with laid_under(Disk(folder / "whole")) as disk:
        do(folder / "whole")
    for at, what in enumerate(disk.done):
        if what not in _TAKES_ROOM.get(fault, {what}):
            continue
        place = folder / str(at)
        begin(place)
        yield _broken(fault, at, place, do)
        shutil.rmtree(place)


def _broken(fault: Fault, at: int, place: Path, do: Callable[[Path], object]) -> Broken:
    error: WorkbenchError | None = None
    with laid_under(Disk(place, fault, at)) as disk:
        try:
            do(place)
        except WorkbenchError as raised:
            check_message(raised, str(place), "mine.json")
            error = raised
        except Killed:
            assert fault is Fault.KILL
        except BaseException as other:
            other.add_note(f"{fault.value} at operation {at}: {disk.done[at:][:1]}")
            raise
    assert disk.has_failed
    if fault is Fault.KILL:
        _forget_us(place)
    return Broken(place, f"{fault.value} at {at}, {disk.done[at]}", error)


def _forget_us(place: Path) -> None:
    """Let what is half written be of another process, as this one was not killed."""
    sweep_once.cache_clear()
    ours = f"-{os.getpid()}.part"
    for part in place.rglob(f".*{ours}"):
        part.rename(part.with_name(part.name.replace(ours, "-999999999.part")))
