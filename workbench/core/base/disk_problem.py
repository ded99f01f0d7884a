"""Why a disk refuses a file: what is in the way, and what helps against just that."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from workbench.core.base.errors import MAKE_ROOM, Problem, Remedy, RemedyKind

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_TAKEN = {errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}


def disk_problem(error: OSError, path: Path, *elsewhere: Remedy) -> Problem:
    """Return why a file could not be written: ``path``, where the error names none.

    ``elsewhere`` is what helps wherever the folder cannot be used.
    """
    file = Path(os.fsdecode(error.filename)) if error.filename else path
    why, number = error.strerror or str(error), error.errno
    if error.filename and number in _TAKEN | _FORBIDDEN and os.path.isdir(file):
        return Problem(f"a folder is in its place ({why})", (_move_away(file),))
    if number in _FULL:
        text = f"there is no room for it on the disk ({why})"
        return Problem(text, (MAKE_ROOM, *elsewhere))
    if number == errno.EROFS:
        return Problem(f"the disk is read-only ({why})", (_allow(file), *elsewhere))
    if number in _FORBIDDEN:
        return Problem(f"it may not be written ({why})", (_allow(file), *elsewhere))
    if number == errno.ENOENT and not os.path.isdir(file.parent):
        return Problem(f"there is no folder {file.parent}", elsewhere)
    if number == errno.ENOTDIR:
        taken = next((each for each in file.parents if os.path.isfile(each)), file)
        text = f"{taken} is no folder ({why})"
        return Problem(text, (_move_away(taken), *elsewhere))
    return Problem(why, elsewhere)


def _move_away(file: Path) -> Remedy:
    return Remedy(kind=RemedyKind.MOVE_AWAY, subject=str(file))


def _allow(file: Path) -> Remedy:
    """Return that writing must be allowed: to the file, or else to its folder."""
    is_shut = os.path.exists(file) and not os.access(file, os.W_OK)
    folder = next((each for each in file.parents if os.path.isdir(each)), file.parent)
    shut = file if is_shut else folder
    return Remedy(kind=RemedyKind.ALLOW_WRITING, subject=str(shut))
