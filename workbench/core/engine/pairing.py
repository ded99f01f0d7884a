"""Products of matrices rounded alike, whether one is in a batch or several are.

Torch hands a batch of one to another routine than a batch of several, and where the
result is a row or a column that routine adds up in another order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_PRODUCTS = {torch.ops.aten.bmm.default, torch.ops.aten.baddbmm.default}


class Paired(TorchDispatchMode):
    """Has a batch of one such product computed as a batch of the same one twice."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(
        self, call: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do the operation."""
        if call in _PRODUCTS:
            *_, left, right = args
            is_thin = 1 in (left.shape[1], right.shape[2])
            if len(left) == 1 and is_thin:
                twice = [matrix.expand(2, -1, -1) for matrix in args]
                return call(*twice, **(kwargs or {}))[:1]
        return call(*args, **(kwargs or {}))
