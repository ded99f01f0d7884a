"""Reads anybody's pairs of a picture or vector and its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from workbench.core.base.errors import DataError

_AS_IT_IS = ("1", "L", "I", "I;16", "F", "RGB")
_CHANNELS = (1, 3, 4)


class Pairs(Protocol):
    """A map-style data set: a length, and (picture or vector, label) by number."""

    def __len__(self) -> int:
        """Return how many pairs there are."""

    def __getitem__(self, number: int, /) -> Any:
        """Return a pair; a mapping gives its first two values."""


def read_pairs(dataset: Pairs) -> tuple[torch.Tensor, list[str]]:
    """Return all examples, [n, ...], and their labels as text."""
    if not len(dataset):
        raise DataError("the data set is empty")
    examples: list[torch.Tensor] = []
    labels = []
    for number in range(len(dataset)):
        x, y = _pair(dataset[number], number)
        found = _tensor(x, number)
        first = examples[0] if examples else found
        if (found.shape, found.dtype) != (first.shape, first.dtype):
            raise DataError(
                f"example {number} has the size {_size(found)}, and the first "
                f"{_size(first)}: bring all to one size, as with a transform"
            )
        examples.append(found)
        labels.append(_label(y, number))
    return torch.stack(examples), labels


def _pair(item: Any, number: int) -> tuple[Any, Any]:
    values = [*item.values()] if isinstance(item, Mapping) else item
    is_pair = isinstance(values, list | tuple) and len(values) >= 2
    # A mapping may hold more: an item of any other kind is what it is.
    if not is_pair or (values is item and len(item) > 2):
        raise DataError(
            f"example {number} is {type(item).__name__}, and not a pair of a picture "
            "or vector and its label"
        )
    return values[0], values[1]


def _label(y: Any, number: int) -> str:
    size = np.asarray(y).size if hasattr(y, "item") else 1
    if size != 1:
        raise DataError(f"the label of example {number} is {size:,} values, not one")
    return str(y.item() if hasattr(y, "item") else y)


def _size(x: torch.Tensor) -> str:
    kind = " of bytes" if x.dtype == torch.uint8 else ""
    return " x ".join(map(str, x.shape)) + kind


def _tensor(x: Any, number: int) -> torch.Tensor:
    """Return a picture as [C, H, W], of bytes or of numbers, or a vector as it is."""
    if isinstance(x, torch.Tensor):
        found = x.detach().cpu()
    else:
        array = np.asarray(_in_colours(x))
        if array.dtype.kind not in "uifb":
            raise DataError(
                f"example {number} is {type(x).__name__}: pictures, arrays and tensors "
                "are taken"
            )
        found = torch.from_numpy(array.copy(order="C"))
    if found.ndim not in (1, 2, 3):
        raise DataError(
            f"example {number} is {type(x).__name__} with {found.ndim} axes: give "
            "pictures or vectors, and the label second"
        )
    if found.ndim == 2:
        found = found[None]
    elif found.ndim == 3 and _has_colours_last(x, found.shape):
        found = found.permute(2, 0, 1)
    if found.dtype == torch.bool:
        found = 255 * found.byte()
    return found if found.dtype == torch.uint8 else found.float()


def _in_colours(x: Any) -> Any:
    """Return a picture of PIL whose numbers mean a palette, ink or glass as RGB."""
    is_picture = isinstance(x, Image.Image)
    return x.convert("RGB") if is_picture and x.mode not in _AS_IT_IS else x


def _has_colours_last(x: Any, shape: Sequence[int]) -> bool:
    """Return where colours stand: first in tensors and last elsewhere, if both fit."""
    is_first = isinstance(x, torch.Tensor) and shape[0] in _CHANNELS
    return shape[2] in _CHANNELS and not is_first
