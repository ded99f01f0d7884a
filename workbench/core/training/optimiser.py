"""The outer optimiser: a step of all leaves in one call, its numbers kept as tensors.

Torch's own optimisers call the same kernels. Before they do they ask every leaf what it
is, and import torch's compiler, which takes as long as all the rest of torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.config.sections import TrainingSettings
from workbench.core.learning.params import Params, leaves

Slots: TypeAlias = "dict[str, dict[str, torch.Tensor]]"
"""An optimiser's numbers: by the place of the leaf, and by name."""


def optimiser_for(
    settings: TrainingSettings, meta: Params, *, is_recorded: bool
) -> Optimiser:
    """Return the outer optimiser; one that is recorded reads its rate on the device.

    A trust region keeps no numbers, as gradient descent does not.
    """
    tensors = leaves(meta)
    rate: Any = settings.meta_lr
    if is_recorded:
        rate = torch.full((), rate, device=tensors[0].device)
    return (Adam if settings.optimiser == "adam" else Sgd).of(tensors, rate)


class Optimiser:
    """Changes leaves by their slopes, with numbers of its own for each of them.

    ``rate`` is the size of the next step, a tensor where steps are recorded.
    """

    def __init__(
        self,
        leaves: list[torch.Tensor],
        numbers: list[dict[str, torch.Tensor]],
        rate: Any,
    ) -> None:
        self.leaves, self.numbers, self.rate = leaves, numbers, rate

    @classmethod
    def of(cls, leaves: list[torch.Tensor], rate: Any) -> Self:
        """Return one that has made no step yet."""
        return cls(leaves, [{} for _ in leaves], rate)

    @classmethod
    def joined(cls, optimisers: Sequence[Self]) -> Self:
        """Return one that makes the steps of all, on their own numbers."""
        return cls(
            [leaf for each in optimisers for leaf in each.leaves],
            [numbers for each in optimisers for numbers in each.numbers],
            optimisers[0].rate,
        )

    def set_rate(self, rate: float) -> None:
        """Let the next step be of this size."""
        if isinstance(self.rate, torch.Tensor):
            self.rate.fill_(rate)
        else:
            self.rate = rate

    def step(self, slopes: list[torch.Tensor]) -> None:
        """Change the leaves, which have these slopes."""
        raise NotImplementedError

    @property
    def tensors(self) -> list[torch.Tensor]:
        """What a step changes, besides the leaves."""
        return [tensor for each in self.numbers for tensor in each.values()]

    @property
    def slots(self) -> Slots:
        """Its numbers."""
        return {str(index): each for index, each in enumerate(self.numbers) if each}

    def may_have_had(self, slots: Slots) -> bool:
        """Return whether an optimiser like this one may have had these numbers."""
        return not slots or _shapes(slots) == _shapes(self.slots)

    def restore(self, slots: Slots) -> None:
        """Go on from these numbers; before the first step there may be none."""
        for index, each in self.slots.items():
            for name, tensor in each.items():
                tensor.copy_(slots[index][name]) if slots else tensor.zero_()


class Sgd(Optimiser):
    """Goes down the slopes."""

    def step(self, slopes: list[torch.Tensor]) -> None:
        """Change the leaves, which have these slopes."""
        torch._fused_sgd_(
            self.leaves,
            slopes,
            [],
            lr=self.rate,
            weight_decay=0.0,
            momentum=0.0,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )


class Adam(Optimiser):
    """Kingma and Ba's, with their settings; all leaves of a run count steps at once."""

    def __init__(
        self,
        leaves: list[torch.Tensor],
        numbers: list[dict[str, torch.Tensor]],
        rate: Any,
    ) -> None:
        super().__init__(leaves, numbers, rate)
        self._means = [each["exp_avg"] for each in numbers]
        self._squares = [each["exp_avg_sq"] for each in numbers]
        self._steps = [each["step"] for each in numbers]
        self._counts = list({id(step): step for step in self._steps}.values())

    @classmethod
    def of(cls, leaves: list[torch.Tensor], rate: Any) -> Self:
        """Return one that has made no step yet."""
        step = torch.zeros((), device=leaves[0].device)
        numbers = [
            {
                "step": step,
                "exp_avg": torch.zeros_like(leaf),
                "exp_avg_sq": torch.zeros_like(leaf),
            }
            for leaf in leaves
        ]
        return cls(leaves, numbers, rate)

    def step(self, slopes: list[torch.Tensor]) -> None:
        """Change the leaves, which have these slopes."""
        torch._foreach_add_(self._counts, 1)
        torch._fused_adam_(
            self.leaves,
            slopes,
            self._means,
            self._squares,
            [],
            self._steps,
            lr=self.rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )


def _shapes(slots: Slots) -> dict[str, dict[str, torch.Size]]:
    return {
        index: {name: number.shape for name, number in slot.items()}
        for index, slot in slots.items()
    }
