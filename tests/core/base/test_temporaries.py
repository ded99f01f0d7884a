"""What a killed process began to write is swept, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.core.base.files import copy_atomically, write_atomically
from workbench.core.base.processes import has_run_since
from workbench.core.base.temporaries import left_behind, sweep, temporary_of

_BEGINS_TO_WRITE = """
import sys, time
from pathlib import Path
from workbench.core.base.files import written_atomically
with written_atomically(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("written", flush=True)
    sys.stdin.read()
"""
LONG_AGO = time.time() - 2 * 24 * 3600


@pytest.fixture
def half_written(tmp_path: Path):
    """Give a process that has written half of ``file``, and that file."""
    command = [sys.executable, "-c", _BEGINS_TO_WRITE, str(tmp_path / "file")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        yield writer, tmp_path / "file"
        writer.kill()


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def test_what_a_killed_process_left_goes_when_the_file_is_written(half_written):
    writer, file = half_written
    writer.kill()
    writer.wait()
    assert len(parts(file.parent)) == 1
    write_atomically(file, b"whole")
    assert (file.read_bytes(), parts(file.parent)) == (b"whole", [])


def test_what_a_living_process_writes_is_left_alone(half_written):
    writer, file = half_written
    write_atomically(file, b"ours")
    assert sweep(file.parent) == []
    assert len(parts(file.parent)) == 1
    writer.communicate()
    assert (file.read_bytes(), parts(file.parent)) == (b"half", [])


def test_only_what_was_to_be_the_same_file_goes_with_a_write(half_written):
    writer, file = half_written
    writer.kill()
    writer.wait()
    write_atomically(file.with_name("other"), b"")
    assert len(parts(file.parent)) == 1
    assert sweep(file.parent) != []
    assert parts(file.parent) == []


def test_a_folder_is_not_looked_through_again_for_a_file_written_again(
    tmp_path, monkeypatch
):
    write_atomically(tmp_path / "file", b"old")
    monkeypatch.delattr(os, "scandir")
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("name", [".file.000000-77.part", ".file.77.part"])
def test_what_another_machine_writes_goes_only_when_it_is_old(tmp_path, name):
    part = tmp_path / name
    part.write_bytes(b"half")
    assert left_behind(tmp_path) == []
    os.utime(part, (LONG_AGO, LONG_AGO))
    assert left_behind(tmp_path, "file") == [part]
    assert left_behind(tmp_path, "another") == []


def test_files_of_others_are_not_taken_for_ours(tmp_path):
    for name in ("film.mp4.part", ".part", ".notes.part", ".a.b-1.part", "x.1.part"):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    assert left_behind(tmp_path) == []
    assert left_behind(tmp_path / "gone") == []


def test_a_folder_left_half_written_goes_with_all_that_is_in_it(tmp_path):
    part = tmp_path / ".model.77.part"
    (part / "checkpoints").mkdir(parents=True)
    os.utime(part, (LONG_AGO, LONG_AGO))
    assert sweep(tmp_path, "model") == [part]
    assert list(tmp_path.iterdir()) == []


def test_a_process_born_later_only_has_the_number_of_another():
    assert has_run_since(os.getpid(), time.time())
    assert not has_run_since(os.getpid(), LONG_AGO - 365 * 24 * 3600)


@pytest.mark.parametrize("may_link", [True, False])
def test_a_copy_leaves_nothing_beside_it(tmp_path, may_link):
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"content")
    for _ in range(2):  # where both are one file, nothing is renamed
        copy_atomically(source, copy, may_link=may_link)
    assert copy.read_bytes() == b"content"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_copy_that_fails_names_its_place_and_leaves_nothing(tmp_path):
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"content")
    copy.mkdir()
    with pytest.raises(OSError, match="copy") as raised:
        copy_atomically(source, copy)
    assert raised.value.filename == str(copy)
    assert parts(tmp_path) == []
    assert not temporary_of(copy).exists()
