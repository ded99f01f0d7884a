"""What one meta-step does to the meta-parameters, all of it on the device."""

from __future__ import annotations

from typing import Any, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import Recorded, Recorder
from workbench.core.engine.engine import Engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import TaskGradient
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params, clip, leaves, tree_map

Slots: TypeAlias = "dict[str, dict[str, torch.Tensor]]"
"""An optimiser's numbers: by the place of the leaf, and by name."""


class MetaStep:
    """Meta-parameters, the learner's state and the optimiser, and a step of them.

    Their tensors stay the same ones, and only their numbers change: a step can be
    recorded once and replayed.
    """

    def __init__(
        self,
        config: RunConfig,
        engine: Engine,
        meta: Params,
        state: Params,
        record: Recorder | None,
    ) -> None:
        self.meta = meta
        self.state = state
        self.extras: tuple[str, ...] = ()
        """What figures there are besides the loss, the accuracy and the norm."""
        self._learner = config.algorithm
        self._objective = TaskObjective.of(config)
        self._clip = config.training.meta_clip
        self._engine = engine
        self._record = record
        self._optimiser = _optimiser(config, meta, is_recorded=record is not None)
        self._begin()

    def __call__(self, episodes: Episode, rate: float) -> torch.Tensor:
        """Make a step; return its figures, which the next one may overwrite."""
        group = self._optimiser.param_groups[0]
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
        figures, _ = self._step(episodes)
        return figures

    def gradient(self, episodes: Episode, meta: Params, state: Params) -> TaskGradient:
        """Return what the episodes say in the mean about meta-parameters."""
        said: TaskGradient = self._engine.mean(
            self._task_gradient, episodes, meta, state
        )
        return said

    @property
    def slots(self) -> Slots:
        """The optimiser's numbers."""
        slots = self._optimiser.state_dict()["state"]
        return {
            str(index): {key: torch.as_tensor(value) for key, value in slot.items()}
            for index, slot in slots.items()
            if any(value is not None for value in slot.values())
        }

    def restore(self, meta: Params, state: Params, slots: Slots) -> None:
        """Go on from these numbers."""
        _fill(self.meta, meta)
        _fill(self.state, state)
        self._optimiser.load_state_dict(
            {
                "state": {int(index): slot for index, slot in slots.items()},
                "param_groups": self._optimiser.state_dict()["param_groups"],
            }
        )
        self._begin()

    def _begin(self) -> None:
        """Begin with steps as they are written: what was recorded is of other slots."""
        self._step = (
            Recorded(self._update, self._changed, self._record)
            if self._record
            else self._update
        )

    def _update(self, episodes: Episode) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Change all as the episodes say; return the figures and the gradient."""
        said = self.gradient(episodes, self.meta, self.state)
        gradient = leaves(clip(said.gradient, self._clip))
        norm = torch.nn.utils.get_total_norm(gradient)
        for leaf, slope in zip(leaves(self.meta), gradient, strict=True):
            leaf.grad = slope
        self._optimiser.step()
        _fill(self.state, said.state)
        self.extras = tuple(said.extras)
        figures = torch.stack([said.loss, said.accuracy, norm, *said.extras.values()])
        return figures, gradient

    def _task_gradient(
        self, meta: Params, state: Params, episode: Episode
    ) -> TaskGradient:
        return self._objective.task_gradient(self._learner, meta, state, episode)

    def _changed(self) -> list[torch.Tensor]:
        slots = [
            number
            for slot in self._optimiser.state.values()
            for number in slot.values()
            if isinstance(number, torch.Tensor)
        ]
        return [*leaves(self.meta), *leaves(self.state), *slots]


def _fill(tree: Params, numbers: Params) -> None:
    """Write numbers into a tree's tensors."""
    with torch.no_grad():
        tree_map(torch.Tensor.copy_, tree, numbers)


def _optimiser(
    config: RunConfig, meta: Params, *, is_recorded: bool
) -> torch.optim.Optimizer:
    """Return the outer optimiser; one that is recorded reads its rate on the device."""
    rate: Any = config.training.meta_lr
    tensors = leaves(meta)
    if is_recorded:
        rate = torch.full((), rate, device=tensors[0].device)
    if config.training.optimiser == "sgd":
        return torch.optim.SGD(tensors, lr=rate, fused=True)
    return torch.optim.Adam(tensors, lr=rate, fused=True, capturable=is_recorded)
