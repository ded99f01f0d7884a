"""Parameter trees: nested dictionaries of tensors, and their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from workbench.core.base.lazy import torch

Params: TypeAlias = dict[str, Any]
"""A dictionary from names to tensors or to further dictionaries."""


def tree_map(function: Callable[..., Any], tree: Params, *others: Params) -> Params:
    """Apply ``function`` to the corresponding leaves of trees of one shape."""
    return {
        name: tree_map(function, leaf, *(other[name] for other in others))
        if isinstance(leaf, dict)
        else function(leaf, *(other[name] for other in others))
        for name, leaf in tree.items()
    }


def named_leaves(tree: Params, prefix: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Yield every leaf with its path, like ``alpha/conv1.weight``."""
    for name, leaf in tree.items():
        if isinstance(leaf, dict):
            yield from named_leaves(leaf, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", leaf


def leaves(tree: Params) -> list[torch.Tensor]:
    """Return the leaves in the tree's order."""
    return [leaf for _, leaf in named_leaves(tree)]


def unflatten(named: dict[str, torch.Tensor]) -> Params:
    """Rebuild the tree whose ``named_leaves`` are given."""
    tree: Params = {}
    for path, leaf in named.items():
        *parents, name = path.split("/")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
            if not isinstance(branch, dict):
                raise TypeError(f"{path!r} lies below a leaf")
        branch[name] = leaf
    return tree


def add(a: Params, b: Params, scale: Any = 1.0) -> Params:
    """Return a + scale * b, rounded alike for a number and for a tensor of it."""
    if isinstance(scale, float):
        return tree_map(lambda x, y: torch.add(x, y, alpha=scale), a, b)
    return tree_map(lambda x, y: torch.addcmul(x, y, scale), a, b)


def subtract(a: Params, b: Params) -> Params:
    """Return a - b."""
    return tree_map(torch.sub, a, b)


def dot(a: Params, b: Params) -> torch.Tensor:
    """Return the inner product over all leaves, as a scalar tensor."""
    products = [(x * y).sum() for x, y in zip(leaves(a), leaves(b), strict=True)]
    return torch.stack(products).sum()


def norm(a: Params) -> torch.Tensor:
    """Return the Euclidean norm over all leaves, as a scalar tensor."""
    return dot(a, a).sqrt()


def clip(tree: Params, limit: float | None) -> Params:
    """Clip every entry to [-limit, limit]; no limit, no change."""
    if limit is None:
        return tree
    return tree_map(lambda leaf: leaf.clamp(-limit, limit), tree)


def norm_of(tensors: list[torch.Tensor]) -> torch.Tensor:
    """Return the norm of all their numbers."""
    norms = torch.stack(torch._foreach_norm(tensors))  # noqa: SLF001
    whole: torch.Tensor = torch.linalg.vector_norm(norms)
    return whole


def fill(tree: Params, numbers: Params) -> None:
    """Write numbers into a tree's tensors."""
    with torch.no_grad():
        tree_map(torch.Tensor.copy_, tree, numbers)


def count(tree: Params) -> int:
    """Return how many numbers the tree holds."""
    return sum(leaf.numel() for leaf in leaves(tree))
