"""Takes trees of tensors apart and puts them together, in microseconds.

Torch's own way asks for every branch what it is registered as, which takes longer than
a small network's arithmetic. What functions of tasks take and return are dictionaries,
lists, tuples and named tuples; all else is a leaf.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, TypeAlias

from workbench.core.base.lazy import torch

Shape: TypeAlias = "tuple[Any, ...] | None"
"""A branch's type, its keys and its branches' shapes; None for a leaf."""


def flatten(tree: Any) -> tuple[list[Any], Shape]:
    """Return a tree's leaves in its order, and what puts them together again."""
    leaves: list[Any] = []
    return leaves, _shape(tree, leaves)


def unflatten(leaves: list[Any], shape: Shape) -> Any:
    """Return the tree of such a shape with these leaves."""
    return _built(shape, iter(leaves))


def tensors_in(tree: Any) -> list[torch.Tensor]:
    """Return a tree's tensors in its order."""
    return tensors_of(flatten(tree)[0])


def tensors_of(leaves: list[Any]) -> list[torch.Tensor]:
    """Return those of the leaves that are tensors."""
    return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]


def _shape(tree: Any, leaves: list[Any]) -> Shape:
    of = type(tree)
    if of is dict or of is OrderedDict:
        branches = tuple([_shape(branch, leaves) for branch in tree.values()])
        return of, tuple(tree), branches
    if of is list or issubclass(of, tuple):
        return of, (), tuple([_shape(branch, leaves) for branch in tree])
    leaves.append(tree)
    return None


def _built(shape: Shape, leaves: Iterator[Any]) -> Any:
    if shape is None:
        return next(leaves)
    of, keys, shapes = shape
    branches = [_built(each, leaves) for each in shapes]
    if of is dict or of is OrderedDict:
        return of(zip(keys, branches, strict=True))
    return of(*branches) if hasattr(of, "_fields") else of(branches)
