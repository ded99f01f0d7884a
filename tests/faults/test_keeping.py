"""What a person keeps, with each disk operation failing in turn: old or new, whole."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.faults.disk import Fault
from tests.faults.walking import Broken, broken_at_every
from tests.made_runs import SMALL, small_config
from tests.made_stores import add_many
from tests.tasks.test_image_folder import folder_of
from workbench.core.config.run_config import RunConfig
from workbench.core.pictures.store import open_pictures
from workbench.core.queue.queue import RunQueue
from workbench.core.runs import index
from workbench.core.runs.bundle import bundle
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.export import export_csv, export_weights
from workbench.core.runs.index import all_rows
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.session import Sketch
from workbench.core.sketch.shelf import Shelf
from workbench.tasks.image_folder import ImageFolderData, ImportOptions

every_fault = pytest.mark.parametrize("fault", Fault)
SETTINGS = RunConfig.from_dict(SMALL)


def nothing(place: Path) -> None:
    """Begin with an empty folder."""
    place.mkdir(parents=True)


def without_left_overs(broken: Broken) -> None:
    """Who fails clears up after itself, and the next one after who was killed."""
    parts = [*broken.place.rglob("*.part"), *broken.place.rglob("*.partial")]
    assert not parts, broken.what


@every_fault
def test_a_new_run_is_there_or_it_is_not(fault: Fault, tmp_path: Path) -> None:
    def create(runs: Path) -> None:
        RunFolder.create(runs, SETTINGS, name="mine")

    for broken in broken_at_every(fault, nothing, create, tmp_path):
        before = len(readable(broken.place))
        assert before <= (not broken.error), broken.what
        assert before or broken.error or fault is Fault.KILL, broken.what
        create(broken.place)
        assert len(readable(broken.place)) == before + 1, broken.what


def readable(runs: Path) -> list[RunFolder]:
    """Return the folders that are runs; one that is killed half made is none."""
    rows = [row for row in all_rows(runs) if row.is_run]
    return [RunFolder(runs / row.folder) for row in rows]


@every_fault
def test_a_change_of_a_run_is_made_or_it_is_not(
    fault: Fault, run: RunFolder, tmp_path: Path
) -> None:
    more = run.config().replace({"training.iterations": 40})

    def begin(place: Path) -> None:
        shutil.copytree(run.path, place)

    def change(place: Path) -> None:
        folder = RunFolder(place)
        folder.update(notes="looked at")
        folder.replace_config(more)

    for broken in broken_at_every(fault, begin, change, tmp_path):
        folder = RunFolder(broken.place)
        assert folder.info().notes in ("", "looked at"), broken.what
        assert folder.info().state == "completed"
        assert folder.config() in (run.config(), more), broken.what
        change(broken.place)
        assert (folder.info().notes, folder.config()) == ("looked at", more)
        without_left_overs(broken)


@every_fault
def test_the_queue_is_the_old_one_or_the_new_one(fault: Fault, tmp_path: Path) -> None:
    def begin(runs: Path) -> None:
        RunQueue(runs).add([(name, small_config()) for name in "ab"])

    def change(runs: Path) -> None:
        queue = RunQueue(runs)
        (new,) = queue.add([("c", small_config())])
        queue.move(new.id, -2)

    def names(runs: Path) -> str:
        return "".join(item.name for item in RunQueue(runs).read().items)

    for broken in broken_at_every(fault, begin, change, tmp_path):
        assert names(broken.place) in ("ab", "abc", "cab"), broken.what
        assert not RunQueue(broken.place).read().notice, broken.what
        RunQueue(broken.place).add([("d", small_config())])
        assert names(broken.place)[-1] == "d", broken.what
        without_left_overs(broken)


@every_fault
def test_a_damaged_queue_is_kept_aside_before_it_is_replaced(
    fault: Fault, tmp_path: Path
) -> None:
    damaged = b'{"items": ['

    def begin(runs: Path) -> None:
        runs.mkdir()
        RunQueue(runs).file.write_bytes(damaged)

    def change(runs: Path) -> None:
        RunQueue(runs).add([("new", small_config())])

    for broken in broken_at_every(fault, begin, change, tmp_path):
        kept = [file.read_bytes() for file in broken.place.glob("queue*.json")]
        assert damaged in kept, broken.what
        change(broken.place)
        assert RunQueue(broken.place).read().items[-1].name == "new", broken.what


@every_fault
def test_imported_pictures_are_the_old_ones_or_the_new_ones(
    fault: Fault, tmp_path: Path
) -> None:
    old = folder_of(tmp_path / "old", {"a": 2, "b": 2})
    new = folder_of(tmp_path / "new", {"c": 2, "d": 3})

    def import_from(folder: Path, data: Path) -> None:
        options = ImportOptions(name="mine", size=8)
        ImageFolderData().import_from(data, folder, options)

    def begin(data: Path) -> None:
        import_from(old, data)

    def replace(data: Path) -> None:
        import_from(new, data)

    for broken in broken_at_every(fault, begin, replace, tmp_path / "data"):
        stored = open_pictures(broken.place / "pictures" / "mine")
        assert stored is not None, broken.what
        assert stored.index.names in (("a", "b"), ("c", "d")), broken.what
        replace(broken.place)
        stored = open_pictures(broken.place / "pictures" / "mine")
        assert stored is not None
        assert stored.index.names == ("c", "d"), broken.what
        kept = [file.name for file in stored.folder.iterdir()]
        assert len(kept) == 3, (broken.what, kept)


@every_fault
def test_a_first_import_is_there_or_it_is_not(fault: Fault, tmp_path: Path) -> None:
    new = folder_of(tmp_path / "new", {"c": 2, "d": 3})

    def import_new(data: Path) -> None:
        options = ImportOptions(name="mine", size=8)
        ImageFolderData().import_from(data, new, options)

    for broken in broken_at_every(fault, nothing, import_new, tmp_path / "data"):
        if broken.error:
            stored = open_pictures(broken.place / "pictures" / "mine")
            assert stored is None or stored.index.names == ("c", "d"), broken.what
        import_new(broken.place)
        stored = open_pictures(broken.place / "pictures" / "mine")
        assert stored is not None, broken.what


@every_fault
def test_a_sketch_session_is_the_old_one_or_the_new_one(
    fault: Fault, tmp_path: Path
) -> None:
    old, new = Sketch.blank(3), Sketch.blank(4)

    def begin(folder: Path) -> None:
        Shelf(folder).keep("mine", old)

    def change(folder: Path) -> None:
        shelf = Shelf(folder)
        shelf.open("mine")
        shelf.keep("mine", new)

    for broken in broken_at_every(fault, begin, change, tmp_path):
        kept = [*broken.place.rglob("[!.]*.json")]
        found = [Shelf(file.parent).open(file.stem) for file in kept]
        assert old in found or new in found, broken.what
        assert Shelf(broken.place).keep("another", new) == "another", broken.what
        if fault is not Fault.KILL:  # then the next to keep it sweeps up
            without_left_overs(broken)


@every_fault
def test_what_is_made_of_a_run_is_there_or_it_is_not(
    fault: Fault, run: RunFolder, tmp_path: Path
) -> None:
    def make(place: Path) -> None:
        export_csv(run, place / "metrics.csv", replace=True)
        export_weights(run, place / "weights.safetensors", replace=True)
        if not (place / "small").exists():
            bundle(run, place / "small")

    for broken in broken_at_every(fault, nothing, make, tmp_path / "made"):
        small = RunFolder(broken.place / "small")
        if small.path.exists():
            load_checkpoint(small.checkpoint("best"))
            assert small.config() == run.config(), broken.what
        make(broken.place)
        load_checkpoint(small.checkpoint("best"))
        without_left_overs(broken)


class _Faulty(sqlite3.Connection):
    """SQLite whose n-th statement fails, as where the disk does."""

    at: int = -1
    done: int = 0
    why: str = ""

    def execute(self, *given: Any) -> sqlite3.Cursor:
        self._ask()
        return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        self._ask()
        return super().executemany(*given)

    def _ask(self) -> None:
        cls = type(self)
        cls.done += 1
        if cls.done - 1 == cls.at:
            raise sqlite3.OperationalError(cls.why)


def faulty_index(why: str) -> Iterator[type[_Faulty]]:
    """Yield a connection for each statement that can fail."""
    at = 0
    while True:
        faulty = type("Faulty", (_Faulty,), {"at": at, "why": why})
        yield faulty
        if faulty.done <= at:
            return
        at += 1


@pytest.mark.parametrize(
    "why", ["disk I/O error", "database or disk is full", "database is locked"]
)
def test_runs_are_listed_whatever_their_index_cannot_do(
    why: str, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    add_many(runs, 5)
    expected = all_rows(runs)
    for faulty in faulty_index(why):
        for file in runs.glob("*/run.json"):
            file.touch()  # another time than the index has
        connect = sqlite3.connect

        def connected(*given: Any, **named: Any) -> sqlite3.Connection:
            return connect(*given, **named, factory=faulty)  # noqa: B023

        with mock.patch.object(index.sqlite3, "connect", connected):
            assert all_rows(runs) == expected
        assert all_rows(runs) == expected
