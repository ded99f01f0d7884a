"""The outer optimiser: made so that its steps can be recorded, kept as tensors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.config.sections import TrainingSettings
from workbench.core.learning.params import Params, leaves

Slots: TypeAlias = "dict[str, dict[str, torch.Tensor]]"
"""An optimiser's numbers: by the place of the leaf, and by name."""


def optimiser_for(
    settings: TrainingSettings, meta: Params, *, is_recorded: bool
) -> torch.optim.Optimizer:
    """Return the outer optimiser; one that is recorded reads its rate on the device."""
    rate: Any = settings.meta_lr
    tensors = leaves(meta)
    if is_recorded:
        rate = torch.full((), rate, device=tensors[0].device)
    if settings.optimiser == "sgd":
        return _light(torch.optim.SGD)(tensors, lr=rate, fused=True)
    adam = _light(torch.optim.Adam)
    return adam(tensors, lr=rate, fused=True, capturable=is_recorded)


@functools.cache
def _light(
    kind: type[torch.optim.Optimizer],
) -> Callable[..., torch.optim.Optimizer]:
    """Return an optimiser's class that does without torch's compiler.

    WORKAROUND: torch hides these methods from its compiler, and to do that imports it
    when the first is called (torch/_compile.py, torch/optim/optimizer.py). It takes as
    long to import as all the rest of torch.
    """
    kept = ("add_param_group", "state_dict", "load_state_dict")
    own = {name: inspect.unwrap(getattr(kind, name)) for name in kept}
    own["step"] = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), own)


def joined(
    optimisers: Iterable[Sequence[torch.optim.Optimizer]],
) -> torch.optim.Optimizer:
    """Return one that makes the steps of all, on their own numbers.

    Those of one rate are given together: they become one group of parameters.
    """
    groups = []
    state: dict[torch.Tensor, Any] = {}
    for alike in optimisers:
        params = [leaf for each in alike for leaf in each.param_groups[0]["params"]]
        groups.append({**alike[0].param_groups[0], "params": params})
        for each in alike:
            own = each.param_groups[0]["params"]
            state |= {leaf: each.state[leaf] for leaf in own}
        kind, defaults = type(alike[0]), alike[0].defaults
    joint = kind(groups, **defaults)
    joint.state.update(state)
    return joint


def set_rate(optimiser: torch.optim.Optimizer, rate: float, which: int = 0) -> None:
    """Let the next step of a group of parameters be of this size."""
    group = optimiser.param_groups[which]
    if isinstance(group["lr"], torch.Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


def slots_of(optimiser: torch.optim.Optimizer) -> Slots:
    """Return the optimiser's numbers."""
    slots = optimiser.state_dict()["state"]
    return {
        str(index): {key: torch.as_tensor(value) for key, value in slot.items()}
        for index, slot in slots.items()
        if any(value is not None for value in slot.values())
    }


def are_slots_of(optimiser: torch.optim.Optimizer, slots: Slots) -> bool:
    """Return whether an optimiser like this one may have had these numbers."""
    expected = _expected(optimiser)
    return all(expected.get(index) == of for index, of in _shapes(slots).items())


def restore_slots(optimiser: torch.optim.Optimizer, slots: Slots) -> None:
    """Let the optimiser go on from these numbers."""
    optimiser.load_state_dict(
        {
            "state": {int(index): slot for index, slot in slots.items()},
            "param_groups": optimiser.state_dict()["param_groups"],
        }
    )


def _shapes(slots: Slots) -> dict[str, dict[str, torch.Size]]:
    return {
        index: {name: number.shape for name, number in slot.items()}
        for index, slot in slots.items()
    }


def _expected(optimiser: torch.optim.Optimizer) -> dict[str, dict[str, torch.Size]]:
    """Return the shapes of an optimiser's numbers after a step; SGD has none."""
    if not isinstance(optimiser, torch.optim.Adam):
        return {}
    scalar = torch.Size()
    return {
        str(index): {"step": scalar, "exp_avg": leaf.shape, "exp_avg_sq": leaf.shape}
        for index, leaf in enumerate(optimiser.param_groups[0]["params"])
    }


def tensors_of(optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    """Return the tensors that a step changes, besides the parameters."""
    return [
        number
        for slot in optimiser.state.values()
        for number in slot.values()
        if isinstance(number, torch.Tensor)
    ]
