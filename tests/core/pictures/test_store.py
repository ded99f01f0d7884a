"""Pictures kept in a file: whole or not at all."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from workbench.core.base.errors import DataError
from workbench.core.pictures.store import (
    PictureIndex,
    StoredPictures,
    open_pictures,
    read_index,
)
from workbench.core.pictures.writer import PictureWriter, is_writable

SHAPE = (1, 4, 4)


def made_index(classes: int = 3, each: int = 2) -> PictureIndex:
    return PictureIndex(
        shape=SHAPE,
        names=tuple(f"{name}/حرف {name} 🖋" for name in range(classes)),
        counts=(each,) * classes,
        groups=(0,) * classes,
        group_names=("all",),
        splits={"train": ("0/حرف 0 🖋",)},
    )


def made_pictures(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, *SHAPE), dtype=np.uint8)


def write(folder: Path | None, seed: int = 0, classes: int = 3) -> StoredPictures:
    index = made_index(classes)
    with PictureWriter(folder, SHAPE) as writer:
        for picture in made_pictures(index.total, seed):
            writer.append(picture[None])
        return writer.finish(index)


def write_a_wrong_one(folder: Path) -> None:
    with PictureWriter(folder, SHAPE) as writer:
        writer.append(made_pictures(1))
        writer.append(made_pictures(1).astype(np.float32))  # type: ignore[arg-type]


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_was_written_is_read_again(tmp_path: Path, in_memory: bool) -> None:
    stored = write(None if in_memory else tmp_path / "a")
    assert stored.index == made_index()
    np.testing.assert_array_equal(stored.pictures, made_pictures(6))
    np.testing.assert_array_equal(stored.of_class(2), made_pictures(6)[4:])


def test_stored_pictures_are_mapped_not_loaded(tmp_path: Path) -> None:
    write(tmp_path)
    stored = open_pictures(tmp_path)
    assert stored is not None
    assert isinstance(stored.pictures, np.memmap)


def test_a_new_data_set_takes_the_place_of_the_old_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    write(tmp_path, seed=0)
    write(tmp_path, seed=1, classes=100)
    stored = open_pictures(tmp_path)
    assert stored is not None
    np.testing.assert_array_equal(stored.pictures, made_pictures(200, seed=1))
    assert len(list(tmp_path.glob("*.npy"))) == 1
    assert not list(tmp_path.glob("*.partial"))


def test_an_error_while_writing_leaves_the_old_data_set(tmp_path: Path) -> None:
    write(tmp_path)
    before = sorted(file.name for file in tmp_path.iterdir())
    with pytest.raises(ValueError, match="is not"):
        write_a_wrong_one(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    assert read_index(tmp_path) == made_index()


def test_an_error_in_a_new_folder_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not"):
        write_a_wrong_one(tmp_path / "pictures" / "mine")
    assert not list(tmp_path.iterdir())
    (tmp_path / "here").mkdir()
    with pytest.raises(ValueError, match="is not"):
        write_a_wrong_one(tmp_path / "here")
    assert not list((tmp_path / "here").iterdir())


def test_who_waits_for_a_writer_that_gives_up_writes_then(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    writers = [threading.Thread(target=write, args=(folder, seed)) for seed in (1, 2)]
    with PictureWriter(folder, SHAPE) as writer:  # never finished
        writer.append(made_pictures(1))
        for thread in writers:
            thread.start()
    for thread in writers:
        thread.join()
    stored = open_pictures(folder)
    assert stored is not None
    assert len(list(folder.glob("*.npy"))) == 1


def test_a_folder_that_another_writer_makes_meanwhile_is_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, stat = tmp_path / "mine", Path.stat

    def made_after_the_look(path: Path, **how: bool) -> os.stat_result:
        try:
            return stat(path, **how)
        finally:
            os.makedirs(folder, exist_ok=True)

    monkeypatch.setattr(Path, "stat", made_after_the_look)
    assert is_writable(folder)


def test_where_nothing_can_be_locked_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(DataError, match=r"lock: a folder is in its place"):
        write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


def test_a_killed_writer_leaves_the_old_data_set_and_the_next_sweeps_up(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from workbench.core.pictures.writer import PictureWriter\n"
        "writer = PictureWriter(Path(sys.argv[1]), (1, 4, 4)).__enter__()\n"
        "writer.append(np.zeros((9, 1, 4, 4), np.uint8))\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert list(tmp_path.glob("*.partial"))
    assert read_index(tmp_path) == made_index()
    write(tmp_path, seed=2)
    assert not list(tmp_path.glob("*.partial"))


def test_an_empty_folder_holds_no_pictures(tmp_path: Path) -> None:
    assert open_pictures(tmp_path) is None
    assert open_pictures(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"form": 99}', '{"form": "\\ud800"}', "\x00\x01", 9999 * "["],
    ids=ascii,
)
def test_a_damaged_index_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"index\.json is damaged.*import or fetch"):
        open_pictures(tmp_path)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("shape", [1, 4, math.inf]),
        ("shape", [1, 4, -4]),
        ("shape", 99 * [4]),
        ("counts", [10**30, 2, 2]),
        ("counts", ["9" * 3000, 2, 2]),
        ("groups", [0, 7, 0]),
        ("names", ["\ud800", "b", "c"]),
        ("picture_names", ["only one"]),
        ("left_out", [None]),
        ("splits", {"train": ["nobody"]}),
        ("splits", {"train": ["0/حرف 0 🖋"], "test": ["0/حرف 0 🖋"]}),
        ("splits", {"trian": ["0/حرف 0 🖋"]}),
        ("names", ["a", "a", "b"]),
        ("names", ["a", {"b": 1}, "c"]),
        ("counts", [2.5, 2, 2]),
        ("array", "\ud800" + "x" * 5000),
    ],
)
def test_an_index_whose_parts_do_not_fit_is_named(
    tmp_path: Path, part: str, wrong: object
) -> None:
    write(tmp_path)
    file = tmp_path / "index.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {part: wrong}))
    with pytest.raises(DataError, match=r"index\.json is damaged.*import or") as raised:
        read_index(tmp_path)
    assert len(str(raised.value).encode()) < 500


@pytest.mark.parametrize("part", ["splits", "picture_names", "left_out"])
def test_an_index_without_one_of_its_parts_is_named(tmp_path: Path, part: str) -> None:
    write(tmp_path)
    file = tmp_path / "index.json"
    file.write_text(file.read_text("utf-8").replace(f'"{part}"', '"x"'), "utf-8")
    with pytest.raises(DataError, match=rf"index\.json is damaged .it has no {part}"):
        read_index(tmp_path)


def test_a_pipe_for_an_index_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "index.json")
    with pytest.raises(DataError, match=r"damaged .*not a regular file"):
        read_index(tmp_path)


@pytest.mark.parametrize("head", ["(" * 40, "{'shape':", "\\", "[" * 99, "PK"])
def test_an_array_with_a_damaged_head_is_named(tmp_path: Path, head: str) -> None:
    write(tmp_path)
    array = next(tmp_path.glob("*.npy"))
    content, start = array.read_bytes(), 0 if head == "PK" else 10
    array.write_bytes(content[:start] + head.encode() + content[start + len(head) :])
    with pytest.raises(DataError, match=r"npy is damaged.*import or fetch"):
        open_pictures(tmp_path)


def test_an_array_whose_head_would_fill_the_stack_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    array = next(tmp_path.glob("*.npy"))
    head = b"-" * 9000 + b"1\n"
    begin = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little")
    array.write_bytes(begin + head + array.read_bytes()[128:])
    with pytest.raises(DataError, match=r"npy is damaged.*import or fetch"):
        open_pictures(tmp_path)


def test_an_array_in_another_order_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    array = next(tmp_path.glob("*.npy"))
    array.write_bytes(array.read_bytes().replace(b"False", b"True ", 1))
    with pytest.raises(DataError, match="does not begin"):
        open_pictures(tmp_path)


def test_a_truncated_array_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    array = next(tmp_path.glob("*.npy"))
    array.write_bytes(array.read_bytes()[:-5])
    with pytest.raises(DataError, match=r"npy is damaged.*import or fetch"):
        open_pictures(tmp_path)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    next(tmp_path.glob("*.npy")).unlink()
    with pytest.raises(DataError, match="is missing beside it"):
        open_pictures(tmp_path)


def test_an_index_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "a")
    index = tmp_path / "b" / "index.json"
    index.parent.mkdir()
    text = (tmp_path / "a" / "index.json").read_text(encoding="utf-8")
    index.write_text(text.replace('"pictures-', '"../a/pictures-'), encoding="utf-8")
    with pytest.raises(DataError, match="is missing beside it"):
        open_pictures(tmp_path / "b")


def test_a_folder_that_is_a_file_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write to"):
        write(tmp_path / "file")


def test_a_full_disk_is_a_data_error_and_the_old_data_set_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    write(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(DataError, match=r"cannot write to .*unchanged"):
            write(tmp_path, classes=10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read_index(tmp_path) == made_index()
    assert not list(tmp_path.glob("*.partial"))


def test_a_folder_that_forbids_writing_is_not_writable(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "to" / "come")
    tmp_path.chmod(0o555)
    try:
        assert not is_writable(tmp_path / "to" / "come")
    finally:
        tmp_path.chmod(0o755)


def test_an_array_whose_head_claims_to_be_long_takes_no_memory(tmp_path: Path) -> None:
    write(tmp_path)
    array = next(tmp_path.glob("*.npy"))
    content = array.read_bytes()
    array.write_bytes(b"\x93NUMPY\x02\x00" + b"\xff\xff\xff\x7f" + content[12:])
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"npy is damaged.*does not begin"):
            open_pictures(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
