"""Pickles from strangers: what is data is read, and nothing else happens."""

from __future__ import annotations

import collections
import datetime
import functools
import pathlib
import pickle
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core.base.errors import DataError
from workbench.core.pictures.unpickling import read_pickle


class Payload:
    """Leaves a file behind if it is ever run."""

    def __init__(self, mark: Path, call: Any = None) -> None:
        self.call = call or (pathlib.Path.touch, (mark,))

    def __reduce__(self) -> Any:
        return self.call


def write(path: Path, content: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_dicts_lists_strings_and_numbers_are_read(
    tmp_path: Path, protocol: int
) -> None:
    pictures = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    content = {
        "image_data": pictures,
        "by column": np.asfortranarray(pictures[0]),
        "class_dict": {"n01": [0, 1], "حرف 🖋": list(np.arange(3))},
        "others": (1.5, None, True, b"bytes", -(2**70)),
        "floats": np.linspace(0, 1, 5),
        "swapped": np.arange(5, dtype=">i4"),
        "empty": np.zeros((0, 3)),
        "ordered": collections.OrderedDict(a=1),
    }
    found = read_pickle(write(tmp_path / "a.pkl", content, protocol))
    for name in ("image_data", "by column", "floats", "swapped", "empty"):
        np.testing.assert_array_equal(found[name], content[name])
        assert found[name].dtype == content[name].dtype
    assert found["class_dict"] == {"n01": [0, 1], "حرف 🖋": [0, 1, 2]}
    assert found["others"] == [1.5, None, True, b"bytes", -(2**70)]
    assert found["ordered"] == {"a": 1}


def test_what_python_2_wrote_is_read(tmp_path: Path) -> None:
    """The bytes are those of ``cPickle.dumps`` in Python 2, protocol 2."""
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x04\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x04\x01\x02\xfe\xfftb"
    )
    path = tmp_path / "old.pkl"
    path.write_bytes(b"\x80\x02}(U\nimage_data" + array + b"U\x01n]K\x03au.")
    found = read_pickle(path)
    np.testing.assert_array_equal(found["image_data"], [1, 2, 254, 255])
    assert found["n"] == [3]


@pytest.mark.parametrize("protocol", range(6))
def test_a_payload_is_refused_by_name_and_not_run(
    tmp_path: Path, protocol: int
) -> None:
    mark = tmp_path / "run"
    hidden = {"image_data": [1, {"deep": Payload(mark)}]}
    path = write(tmp_path / "evil.pkl", hidden, protocol)
    with pytest.raises(DataError, match=r"would use .*, which is refused.*was run"):
        read_pickle(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ((eval, ("1",)), "builtins.eval"),
        ((getattr, ("", "upper")), "builtins.getattr"),
        ((subprocess.Popen, ("true",)), "subprocess.Popen"),
        ((functools.partial, (print,)), "functools.partial"),
        ((np.load, ("x",)), "numpy.load"),
        ((np.memmap, ("x",)), "numpy.memmap"),
        ((collections.defaultdict, (list,)), "collections.defaultdict"),
        ((datetime.date, (2020, 1, 1)), "datetime.date"),
    ],
)
def test_every_other_name_is_refused(tmp_path: Path, call: Any, name: str) -> None:
    path = write(tmp_path / "evil.pkl", Payload(tmp_path, call))
    with pytest.raises(DataError, match=f"would use {name}, which is refused"):
        read_pickle(path)


def test_a_damaged_name_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "damaged.pkl"
    path.write_bytes(b"cnumpy\0\x1b" + b"x" * 5000 + b"\ndtype\n.")
    with pytest.raises(DataError, match="would use numpy") as refused:
        read_pickle(path)
    text = str(refused.value)
    assert text.isprintable()
    assert len(text) < 1000


HEAD = b"\x80\x04"
DTYPE = b"cnumpy\ndtype\n"
NDARRAY = b"cnumpy\nndarray\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"not a pickle",
        HEAD + b"}",
        HEAD + NDARRAY + b".",
        HEAD + NDARRAY + b"(K\x01tR.",
        HEAD + NDARRAY + b"}X\x01\x00\x00\x00aK\x01sb.",
        HEAD + RECONSTRUCT + b"}X\x01\x00\x00\x00aK\x01sb.",
        HEAD + RECONSTRUCT + b")R.",
        HEAD + RECONSTRUCT + b")R(K\x01b.",
        HEAD + RECONSTRUCT + b")\x81.",
        HEAD + DTYPE + b"X\x02\x00\x00\x00O8\x85R.",
        HEAD + DTYPE + b"X\x03\x00\x00\x00V99\x85R.",
        HEAD + DTYPE + b"X\x02\x00\x00\x00u1\x85RK\x05b.",
        HEAD + b"]\x94h\x00a.",
        HEAD + b"(lp0\nI1\nS'a\n.",
        HEAD + b"X\xff\xff\xff\x7fabc.",
        HEAD + b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
        HEAD + b"\x97.",
        HEAD + b"K\x01Q.",
        HEAD + b"\x82\x01.",
        HEAD + b"(" * 100_000 + b".",
        HEAD + b"]" * 100_000 + b"a" * 99_999 + b".",
    ],
)
def test_what_is_no_such_pickle_is_a_data_error(tmp_path: Path, program: bytes) -> None:
    path = tmp_path / "broken.pkl"
    path.write_bytes(program)
    with pytest.raises(DataError, match=r"broken\.pkl"):
        read_pickle(path)


def doubled(times: int, kind: type) -> Any:
    laughs: Any = kind(["ha"])
    for _ in range(times):
        laughs = kind([laughs, laughs])
    return laughs


@pytest.mark.parametrize("kind", [list, tuple])
def test_what_holds_itself_many_times_over_is_refused_at_once(
    tmp_path: Path, kind: type
) -> None:
    path = write(tmp_path / "laughs.pkl", doubled(60, kind))
    with pytest.raises(DataError, match=r"would unfold to more than 1,000,000 values"):
        read_pickle(path)
    assert read_pickle(write(path, doubled(10, kind)))


def test_a_key_that_would_take_for_ever_to_look_up_is_refused(tmp_path: Path) -> None:
    levels = b"".join(b"2\x86\x94" for _ in range(40))  # DUP, TUPLE2, MEMOIZE
    path = tmp_path / "key.pkl"
    path.write_bytes(HEAD + b"}K\x01" + levels + b"K\x02s.")
    with pytest.raises(DataError, match="would unfold to more"):
        read_pickle(path)


def test_a_list_filled_after_it_was_held_is_weighed_as_filled(tmp_path: Path) -> None:
    program = HEAD + b"]\x940"
    for number in range(40):  # the next list is held twice, and filled only then
        program += b"]\x940" + b"h%ch%cah%ca0" % (number, number + 1, number + 1)
    path = tmp_path / "outwards.pkl"
    path.write_bytes(program + b"h\x00.")
    with pytest.raises(DataError, match="would unfold to more"):
        read_pickle(path)


def test_a_number_in_it_asks_for_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "memo.pkl"
    path.write_bytes(b"Np200000000\n.")
    tracemalloc.start()
    with pytest.raises(DataError, match="would keep more than 13 values"):
        read_pickle(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**22


def test_an_array_larger_than_its_bytes_is_refused(tmp_path: Path) -> None:
    content = pickle.dumps(np.zeros(4, np.uint8), 2).replace(b"K\x04\x85", b"K\x09\x85")
    (tmp_path / "a.pkl").write_bytes(content)
    with pytest.raises(DataError, match="no whole pickle of arrays"):
        read_pickle(tmp_path / "a.pkl")


def test_an_array_of_objects_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pkl", np.array([{}, []], dtype=object))
    with pytest.raises(DataError, match="an array of 'O8', not of numbers"):
        read_pickle(path)
