"""Pickles from anyone: arrays, dicts, lists, strings and numbers, and nothing run.

A pickle is a program that may call what it names. Here every name is answered with a
stand-in that only takes notes; one that is not needed for an array of numbers is
refused before anything is called, and so is one that would unfold to what no memory
holds.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from workbench.core.base.errors import MALFORMED, DataError
from workbench.core.base.files import open_to_read
from workbench.core.base.phrases import one_line
from workbench.core.pictures.pickle_weight import check_pickle

_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_NUMBERS = "buif"
_MOST_BYTES = 16 * 2**30
_UNFINISHED = object()


def read_pickle(path: Path) -> Any:
    """Return what the pickle in ``path`` holds; DataError names what is refused."""
    try:
        with open_to_read(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > _MOST_BYTES:
                raise DataError(f"{path} is larger than {_MOST_BYTES:,} bytes")
            check_pickle(file, size)
            file.seek(0)
            return _plain(_Reader(path, file).load(), {})
    except DataError:
        raise
    except (OSError, pickle.UnpicklingError, EOFError, MemoryError) as error:
        raise _unreadable(path, error) from error
    except MALFORMED as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: BaseException) -> DataError:
    why = one_line(str(error)) or type(error).__name__
    return DataError(f"{path} is no whole pickle of arrays ({why}): get it again")


class _Reader(pickle.Unpickler):
    """Reads a pickle, its names answered with stand-ins."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        super().__init__(file, encoding="bytes")
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in _MULTIARRAY:
            return _Reconstruct()
        if name == "scalar" and module in _MULTIARRAY:
            return _Scalar()
        if name == "_frombuffer" and module in _NUMERIC:
            return _FromBuffer()
        if (module, name) == ("numpy", "ndarray"):
            return _Token()
        if (module, name) == ("numpy", "dtype"):
            return _DTypeMaker()
        if (module, name) == ("collections", "OrderedDict"):
            return _DictMaker()
        if (module, name) == ("_codecs", "encode"):
            return _Encode()
        if name == "bytes" and module in ("__builtin__", "builtins"):
            return _NoBytes()
        asked = one_line(f"{module}.{name}")
        raise DataError(
            f"{self._path} would use {asked}, which is refused: only arrays, dicts, "
            "lists, strings and numbers are read. Nothing in it was run"
        )

    def persistent_load(self, pid: Any) -> Any:
        raise DataError(
            f"{self._path} refers to something outside it, which is refused"
        )


class _Token:
    """Stands for the class of arrays; it can do nothing."""

    __slots__ = ()


class _DType:
    """Notes of a dtype of numbers: its code, like ``u1``, and then its byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: str) -> None:
        self.code, self.order = code, "|"

    def __setstate__(self, state: Any) -> None:
        order = _text(state[1])
        if order not in ("<", ">", "|", "=") or set(state[2:5]) != {None}:
            raise TypeError("an array of records")
        self.order = order

    def real(self) -> np.dtype[Any]:
        return np.dtype(self.order.replace("|", "=") + self.code)


class _DTypeMaker:
    """Stands for ``numpy.dtype``: takes the codes of numbers only."""

    __slots__ = ()

    def __call__(self, code: Any, *_: Any) -> _DType:
        name = _text(code)
        if name[:1] not in tuple(_NUMBERS) or name[1:] not in ("1", "2", "4", "8"):
            raise TypeError(f"an array of {name!r}, not of numbers")
        return _DType(name)


class _Array:
    """Notes of an array, filled by the state that follows in the pickle."""

    __slots__ = ("value",)

    value: npt.NDArray[Any]

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, by_column, content = state
        self.value = _array(content, dtype, shape, "F" if by_column else "C")


class _Reconstruct:
    """Stands for what begins an array."""

    __slots__ = ()

    def __call__(self, *_: Any) -> _Array:
        return _Array()


class _FromBuffer:
    """Stands for what makes an array in pickles of protocol 5."""

    __slots__ = ()

    def __call__(self, content: Any, dtype: Any, shape: Any, order: Any) -> _Array:
        made = _Array()
        made.value = _array(content, dtype, shape, order)
        return made


class _Scalar:
    """Stands for what makes one of numpy's numbers."""

    __slots__ = ()

    def __call__(self, dtype: Any, content: Any) -> int | float | bool:
        number: int | float | bool = _array(content, dtype, (), "C").item()
        return number


class _DictMaker:
    """Stands for an ordered dictionary, as every dictionary is by now."""

    __slots__ = ()

    def __call__(self, items: Any = ()) -> dict[Any, Any]:
        return dict(items)


class _NoBytes:
    """Stands for ``bytes``, by which old protocols write those of an empty array."""

    __slots__ = ()

    def __call__(self) -> bytes:
        return b""


class _Encode:
    """Stands for ``codecs.encode``, by which old protocols write bytes."""

    __slots__ = ()

    def __call__(self, text: Any, encoding: Any) -> bytes:
        if _text(encoding) != "latin1":
            raise TypeError("bytes in an unknown form")
        return _text(text).encode("latin1")


def _array(content: Any, dtype: Any, shape: Any, order: Any) -> npt.NDArray[Any]:
    if not isinstance(content, bytes | bytearray) or not isinstance(dtype, _DType):
        raise TypeError("an array of something else than numbers")
    if order not in ("C", "F"):
        raise TypeError(f"an array in the order {order!r}")
    return np.frombuffer(content, dtype.real()).reshape(shape, order=order)


def _text(value: Any) -> str:
    """Return a string, which Python 2 wrote as bytes."""
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, str):
        return value
    raise TypeError(f"a {type(value).__name__} in the place of a string")


def _plain(value: Any, seen: dict[int, Any]) -> Any:
    """Return ``value`` with arrays for the notes of them; TypeError for the rest."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, str | bytes | bytearray | int | float | None):
        return value
    if not isinstance(value, dict | list | tuple):
        raise TypeError(f"it holds a {type(value).__name__}")
    if id(value) not in seen:
        seen[id(value)] = _UNFINISHED
        if isinstance(value, dict):
            made: Any = {_key(key): _plain(value[key], seen) for key in value}
        else:
            made = [_plain(item, seen) for item in value]
        seen[id(value)] = made
    if seen[id(value)] is _UNFINISHED:
        raise TypeError("it holds itself")
    return seen[id(value)]


def _key(key: Any) -> str | int:
    return key if isinstance(key, int) else _text(key)
