"""What all runs share is checked too: the index, the queue and the sets of pictures."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.made_runs import small_config
from tests.made_stores import add_damaged, add_run
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.file_lock import file_lock
from workbench.core.checking.finding import Checked, check
from workbench.core.checking.shared import every_subject
from workbench.core.pictures.store import PictureIndex, open_pictures
from workbench.core.pictures.writer import PictureWriter
from workbench.core.queue.queue import RunQueue
from workbench.core.runs.index import RunIndex, all_rows, index_file


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    for name in ("one", "two"):
        add_run(folder, name=name)
    all_rows(folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "pictures" / "mine"
    index = PictureIndex((1, 2, 2), ("a",), (3,), (0,), ("all",))
    with PictureWriter(folder, index.shape) as writer:
        writer.append(np.arange(12, dtype=np.uint8).reshape(3, 1, 2, 2))
        writer.finish(index)
    return tmp_path / "data"


def checked(runs: Path, data: Path, *, repair: bool = False) -> list[Checked]:
    return [check(each, repair=repair) for each in every_subject(runs, data)]


def wrong(runs: Path, data: Path, *, repair: bool = False) -> list[str]:
    found = checked(runs, data, repair=repair)
    return [finding.text for each in found for finding in each.findings]


def test_all_that_is_kept_is_looked_at(runs, data):
    names = [each.name for each in every_subject(runs, data)]
    assert names[-4:] == [
        "folder of runs",
        "queue",
        "index of the runs",
        "data set pictures/mine",
    ]
    assert len(names) == 6
    assert wrong(runs, data) == []


def test_nothing_kept_yet_is_all_well(tmp_path):
    assert wrong(tmp_path / "no runs", tmp_path / "no data") == []
    assert list(tmp_path.iterdir()) == []


def test_damaged_folders_are_all_told_of_and_no_other(runs, data):
    add_damaged(runs, 10)
    found = [each for each in checked(runs, data) if each.findings]
    assert len(found) == 9  # one has nothing of a run any more
    left = [each for each in checked(runs, data, repair=True) if each.findings]
    assert {f.file.name for each in left for f in each.findings} == {"config.toml"}
    for folder in runs.iterdir():  # nobody is making them just now
        if folder.is_dir():
            os.utime(folder, (1.7e9, 1.7e9))
    damaged = [row for row in all_rows(runs) if row.state == "damaged"]
    assert len(damaged) == 3


def test_a_damaged_queue_keeps_what_can_be_read(runs, data):
    queue = RunQueue(runs)
    queue.add([("a", small_config()), ("b", small_config())])
    queue.file.write_bytes(queue.file.read_bytes()[:-40])
    assert wrong(runs, data) == [
        "it is damaged, and 1 item can be read of it; repairing keeps what can be "
        "read, and all of it aside"
    ]
    assert wrong(runs, data, repair=True) == []
    assert [item.name for item in queue.read().items] == ["a"]
    assert (runs / "queue.damaged-1.json").is_file()


@pytest.mark.parametrize("content", [b"no index" * 1000, None])
def test_a_damaged_index_is_made_anew(runs, data, content):
    file = index_file(runs)
    file.write_bytes(content or file.read_bytes()[:5000] + b"\xff" * 9000)
    (said,) = wrong(runs, data)
    assert "repairing makes it anew" in said
    assert wrong(runs, data, repair=True) == []
    assert len(RunIndex(runs).rows()) == 2


def test_an_index_that_says_otherwise_than_a_folder_is_made_anew(runs, data):
    folder = next(path for path in runs.iterdir() if path.name.startswith("one"))
    file = folder / "run.json"
    about = file.stat()
    changed = file.read_bytes().replace(b'"one"', b'"eno"')
    with file.open("r+b") as there:  # neither its size nor its time is another
        there.write(changed)
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    (said,) = wrong(runs, data)
    assert folder.name in said
    assert wrong(runs, data, repair=True) == []
    assert {row.name for row in all_rows(runs)} == {"eno", "two"}


def test_pictures_that_changed_are_told_of_by_their_digest(runs, data):
    (array,) = data.rglob("*.npy")
    content = bytearray(array.read_bytes())
    content[-1] ^= 1
    array.write_bytes(content)
    (said,) = wrong(runs, data)
    assert f"{array.name} is damaged: its digest is " in said
    assert said.endswith("import or fetch the data set again")


def test_a_damaged_index_of_pictures_is_told_of(runs, data):
    (index,) = data.rglob("index.json")
    index.write_text("{")
    (said,) = wrong(runs, data, repair=True)
    assert said.startswith("it is damaged (")
    assert said.endswith("; import or fetch the data set again")
    assert index.read_text() == "{"


def test_pictures_made_here_are_put_aside_to_be_made_again(runs, glyphs_at_hand):
    (index,) = glyphs_at_hand.rglob("index.json")
    index.unlink()
    index.write_text("{")
    (said,) = wrong(runs, glyphs_at_hand)
    assert "made again when needed" in said
    assert wrong(runs, glyphs_at_hand, repair=True) == []
    assert open_pictures(index.parent) is None


def test_an_import_that_was_killed_leaves_nothing(runs, data):
    (index,) = data.rglob("index.json")
    part = index.with_name("77.partial")
    part.write_bytes(b"half")
    with file_lock(index.with_name("lock")):
        assert checked(runs, data)[-1].note == "it is being written, and left alone"
    assert wrong(runs, data) != []
    assert wrong(runs, data, repair=True) == []
    assert not part.exists()


def test_a_check_can_be_cancelled(runs, data):
    cancel = threading.Event()
    cancel.set()
    for subject in every_subject(runs, data):
        if subject.name.startswith(("one", "data set")):
            with pytest.raises(Cancelled):
                check(subject, cancel=cancel)
