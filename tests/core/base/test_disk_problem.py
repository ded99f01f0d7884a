"""A disk that refuses a file is told of by what is in the way, and what helps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import OTHER_RUNS, RemedyKind


def refused(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (errno.ENOSPC, "no room for it on the disk", RemedyKind.MAKE_ROOM),
        (errno.EDQUOT, "no room for it on the disk", RemedyKind.MAKE_ROOM),
        (errno.EACCES, "may not be written", RemedyKind.ALLOW_WRITING),
        (errno.EPERM, "may not be written", RemedyKind.ALLOW_WRITING),
        (errno.EROFS, "the disk is read-only", RemedyKind.ALLOW_WRITING),
    ],
)
def test_the_cause_and_its_remedy_are_named(tmp_path, number, text, kind):
    file = tmp_path / "gone" / "file"
    said, remedies = disk_problem(refused(number, file), file, OTHER_RUNS)
    assert text in said
    assert os.strerror(number) in said
    assert [each.kind for each in remedies] == [kind, RemedyKind.OTHER_RUNS]
    if kind is RemedyKind.ALLOW_WRITING:
        assert remedies[0].subject == str(tmp_path)


@pytest.mark.parametrize("number", [errno.EISDIR, errno.EACCES, errno.ENOTEMPTY])
def test_a_folder_in_a_file_s_place_is_to_be_moved_away(tmp_path, number):
    said, (remedy,) = disk_problem(refused(number, tmp_path), tmp_path, OTHER_RUNS)
    assert "a folder is in its place" in said
    assert (remedy.kind, remedy.subject) == (RemedyKind.MOVE_AWAY, str(tmp_path))


def test_a_file_in_a_folder_s_place_is_to_be_moved_away(tmp_path):
    taken = tmp_path / "runs"
    taken.write_text("")
    with pytest.raises(NotADirectoryError) as raised:
        (taken / "a" / "b").mkdir(parents=True)
    said, remedies = disk_problem(raised.value, tmp_path)
    assert said == f"{taken} is no folder (Not a directory)"
    assert [each.subject for each in remedies] == [str(taken)]


def test_of_what_nobody_foresaw_the_disk_s_own_words_are_told(tmp_path):
    error = OSError(errno.EIO, "Input/output error")
    assert disk_problem(error, tmp_path) == ("Input/output error", ())
