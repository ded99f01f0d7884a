"""Checks what all runs share: their index, the queue, and the sets of pictures."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.file_lock import LockError, LockTaken, file_lock
from workbench.core.base.files import put_aside
from workbench.core.checking.finding import Finding, InUse, Subject
from workbench.core.checking.records import look_for_leftovers
from workbench.core.checking.run_check import is_run, run_subject
from workbench.core.pictures.datasets import data_sets
from workbench.core.pictures.store import INDEX, StoredPictures, open_pictures
from workbench.core.pictures.writer import LOCK, unfinished
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.index import index_file, rebuild_index, why_wrong
from workbench.core.runs.store import RunFolder

_CHUNK_BYTES = 2**24


def every_subject(runs: Path, data: Path) -> list[Subject]:
    """Return all there is to check: every run by its folder, and what they share."""
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    folders = [path for path in found if path.name[0] != "." and is_run(path)]
    return [
        *(run_subject(RunFolder(path)) for path in folders),
        Subject("folder of runs", runs, lambda _cancel: look_for_leftovers(runs)),
        Subject("queue", runs / "queue.json", partial(_queue_findings, runs)),
        Subject("index of the runs", index_file(runs), partial(_index_findings, runs)),
        *(_pictures_subject(folder, data) for folder in _picture_folders(data)),
    ]


def _queue_findings(runs: Path, _cancel: CancelFlag | None) -> Iterator[Finding]:
    queue = RunQueue(runs)
    notice = queue.damage()
    if notice:
        remedy = "repairing keeps what can be read, and all of it aside"
        yield Finding(queue.file, notice, remedy, queue.repair)


def _index_findings(runs: Path, _cancel: CancelFlag | None) -> Iterator[Finding]:
    wrong = why_wrong(runs)
    if wrong:
        mend = partial(_index_rebuilt, runs)
        yield Finding(index_file(runs), wrong, "repairing makes it anew", mend)


def _index_rebuilt(runs: Path) -> str:
    rebuild_index(runs)
    return "the index is made anew"


def _picture_folders(data: Path) -> list[Path]:
    """Return the folders of the sets of pictures, which are at most two deep."""
    found = [*data.glob(f"*/{INDEX}"), *data.glob(f"*/*/{INDEX}")]
    return sorted({file.parent for file in found})


def _pictures_subject(folder: Path, data: Path) -> Subject:
    name = folder.relative_to(data).as_posix()
    look = partial(_pictures_findings, folder, data)
    hold = partial(_pictures_held, folder)
    return Subject(f"data set {name}", folder, look, hold, "data set")


@contextlib.contextmanager
def _pictures_held(folder: Path, _repair: bool) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            if (folder / LOCK).exists():
                stack.enter_context(file_lock(folder / LOCK, wait=False))
        except LockTaken:
            raise InUse("it is being written, and left alone") from None
        except LockError:  # it cannot be written, and is not
            pass
        yield


def _pictures_findings(
    folder: Path, data: Path, cancel: CancelFlag | None
) -> Iterator[Finding]:
    index = folder / INDEX
    try:
        stored = open_pictures(folder)
        wrong = "" if stored is None else _difference(stored, cancel)
    except DataError as error:
        wrong = str(error).partition(": import or fetch")[0]
        wrong = wrong.replace(f"{index} is", "it is")
    if wrong and _is_made_here(folder, data):
        remedy = "repairing puts it aside: the pictures are made again when needed"
        yield Finding(index, wrong, remedy, partial(_put_aside, index))
    elif wrong:
        yield Finding(index, wrong, "import or fetch the data set again")
    for part in unfinished(folder):
        wrong = "it was left half written by an import that is gone"
        yield Finding(part, wrong, "repairing removes it", partial(_removed, part))


def _difference(stored: StoredPictures, cancel: CancelFlag | None) -> str:
    """Return what is wrong with the pictures: they are named after their digest."""
    pixels = stored.pictures.reshape(-1)
    digest = hashlib.sha256()
    for first in range(0, len(pixels), _CHUNK_BYTES):
        stop_if(cancel)
        digest.update(pixels[first : first + _CHUNK_BYTES].data)
    found = digest.hexdigest()[: len(stored.digest)]
    if found == stored.digest:
        return ""
    return f"pictures-{stored.digest}.npy is damaged: its digest is {found}"


def _is_made_here(folder: Path, data: Path) -> bool:
    """Return whether the pictures of a folder are made again when they are missing."""
    makers = (each for each in data_sets(data) if each.is_made_here(data))
    places = (maker.report(data).folder for maker in makers)
    return any(place and folder.is_relative_to(place) for place in places)


def _put_aside(index: Path) -> str:
    return f"{index.name} is kept as {put_aside(index).name}"


def _removed(part: Path) -> str:
    part.unlink(missing_ok=True)
    return f"{part.name} is removed"
