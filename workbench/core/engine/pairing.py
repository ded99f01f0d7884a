"""Products of matrices that are rounded alike in a run alone and in one of several.

What is one product in a run is one of a batch in several, and torch hands a single
product, or a batch of one, to another routine than a batch of more. Where the result is
a row or a column, or everything is small, that routine adds up in another order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten

_SMALL = 400
"""Multiplications below which torch computes a batch of products by itself."""


class Paired(TorchDispatchMode):
    """Has such products computed as in a batch, if need be of the same one twice."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(
        self, call: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do the operation."""
        if call is aten.mm.default:
            (rows, inner), columns = args[0].shape, args[1].shape[1]
            if 1 in (rows, columns):
                return _in_batch(args, 2)[0]
            if rows * inner * columns < _SMALL:
                return _in_batch(args, 1)[0]
        if call is aten.bmm.default:
            is_thin = 1 in (args[0].shape[1], args[1].shape[2])
            if is_thin and len(args[0]) == 1:
                return _in_batch([matrix[0] for matrix in args], 2)[:1]
        return call(*args, **(kwargs or {}))


def _in_batch(matrices: Any, times: int) -> torch.Tensor:
    return torch.bmm(*(matrix.expand(times, -1, -1) for matrix in matrices))
