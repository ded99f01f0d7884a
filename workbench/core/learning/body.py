"""A model without its head, put to the same inputs step after step."""

from __future__ import annotations

from collections.abc import Callable

from workbench.core.base.lazy import torch
from workbench.core.learning.dense import dense
from workbench.core.learning.params import Params


class Body:
    """Answers about one x, whatever ``embed`` makes of it, under weight after weight.

    Where nothing but the head has moved since the time before, the rest is not computed
    again: most of the work, for learners that adapt the head alone.
    """

    def __init__(self, embed: Callable[[Params], torch.Tensor]) -> None:
        self._embed = embed
        self._leaves: list[torch.Tensor] = []
        self.seen = torch.empty(0)
        """What the head was applied to last."""

    def outputs(self, theta: Params) -> torch.Tensor:
        """Return the outputs [n, outputs] under these weights."""
        leaves = [leaf for name, leaf in theta.items() if not name.startswith("head.")]
        if not self._leaves or any(
            one is not other for one, other in zip(self._leaves, leaves, strict=True)
        ):
            self._leaves = leaves
            self.seen = self._embed(theta)
        return dense(theta, "head", self.seen)
