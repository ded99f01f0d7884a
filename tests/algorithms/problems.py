"""Small problems in float64 on which algorithms are checked against other truths."""

from __future__ import annotations

from collections.abc import Callable

import torch

from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params, leaves, tree_map
from workbench.models.conv4 import Conv4
from workbench.models.mlp import Mlp


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def double(tree: Params) -> Params:
    return tree_map(lambda leaf: leaf.double(), tree)


def regression(seed: int = 0) -> tuple[TaskObjective, Params, Episode]:
    """A 1-5-4-1 network on a curve; initial weights large enough to matter."""
    model = Mlp(hidden=(5, 4), initial="xavier")
    generator = seeded(seed)
    params = double(model.start((1,), 1, generator))
    x = torch.rand(12, 1, generator=generator, dtype=torch.float64) * 4 - 2
    y = torch.sin(2 * x)
    episode = Episode(Examples(x[:5], y[:5]), Examples(x[5:], y[5:]))
    return TaskObjective(model, None), params, episode


def classification(seed: int = 0) -> tuple[TaskObjective, Params, Episode]:
    """A small conv4 with batch norm on three classes of random pictures."""
    return _pictures(Conv4(filters=3), seed)


def by_mlp(seed: int = 0) -> tuple[TaskObjective, Params, Episode]:
    """A small perceptron on the same pictures."""
    return _pictures(Mlp(hidden=(5, 4), initial="xavier"), seed)


def _pictures(model: ModelSettings, seed: int) -> tuple[TaskObjective, Params, Episode]:
    generator = seeded(seed)
    params = double(model.start((1, 16, 16), 3, generator))
    x = torch.rand(12, 1, 16, 16, generator=generator, dtype=torch.float64)
    y = torch.arange(3).repeat(4)
    episode = Episode(Examples(x[:6], y[:6]), Examples(x[6:], y[6:]))
    return TaskObjective(model, 3), params, episode


def flat(tree: Params) -> torch.Tensor:
    return torch.cat([leaf.flatten() for leaf in leaves(tree)])


def like(tree: Params, vector: torch.Tensor) -> Params:
    """Shape a vector as a tree: the inverse of ``flat``."""
    pieces = iter(vector.split([leaf.numel() for leaf in leaves(tree)]))
    return tree_map(lambda leaf: next(pieces).view_as(leaf), tree)


def ways(size: int, count: int = 6) -> torch.Tensor:
    """Return random directions of length one, in which every parameter has a part."""
    drawn = torch.randn(count, size, generator=seeded(7), dtype=torch.float64)
    return drawn / drawn.norm(dim=1, keepdim=True)


def central_differences(
    function: Callable[[Params], torch.Tensor],
    at: Params,
    along: torch.Tensor | None = None,
    width: float = 1e-6,
) -> torch.Tensor:
    """Return the slopes of ``function`` along directions, else by each parameter."""
    point = flat(at)
    along = torch.eye(len(point), dtype=torch.float64) if along is None else along

    def slope(way: torch.Tensor) -> torch.Tensor:
        step = width * way
        rise = function(like(at, point + step)) - function(like(at, point - step))
        return rise / (2 * width)

    return torch.stack([slope(way) for way in along])
