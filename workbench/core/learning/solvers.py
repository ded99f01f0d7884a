"""Linear solves with the Hessian, which is never formed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.learning.params import Params, add, dot, norm, subtract, tree_map


def hessian_of(
    loss: Callable[[Params], torch.Tensor], at: Params
) -> Callable[[Params], Params]:
    """Return the function v -> H v with the Hessian of ``loss`` at a point.

    The gradient is linearised once; every product is one backward pass through it.
    """
    # WORKAROUND: jvp(grad(loss)) fails under vmap in torch 2.13 ("ZeroTensors are
    # immutable"); H is symmetric, so that vjp(grad(loss)) is equal.
    transpose = torch.func.vjp(torch.func.grad(loss), at)[1]

    def product(vector: Params) -> Params:
        image: Params = transpose(vector)[0]
        return image

    return product


class Solution(NamedTuple):
    """What conjugate gradient found for A x = b.

    ``image`` is A x, put together of the images of x's parts, and ``residual`` is
    |b - A x| / |b|. ``stopped`` is 1 where it met a direction of negative curvature, in
    which A is not positive definite, and 0 elsewhere.
    """

    x: Params
    residual: torch.Tensor
    stopped: torch.Tensor
    image: Params


def conjugate_gradient(
    apply: Callable[[Params], Params], b: Params, steps: int
) -> Solution:
    """Solve A x = b for a positive definite A.

    At a direction of negative curvature it stops with the x that it has, or with b
    where that is the first direction of all, as Newton's method truncated does.

    The number of steps is fixed, so that tasks can be solved side by side; once it has
    stopped, or the residual is zero, further steps change nothing.
    """
    x = reached = tree_map(torch.zeros_like, b)
    residual, direction = b, b
    squared = dot(residual, residual)
    stopped = squared < 0
    for number in range(steps):
        image = apply(direction)
        curvature = dot(direction, image)
        stopped = stopped | (curvature < 0)
        rate = torch.where(stopped, 0.0, _ratio(squared, curvature))
        share = torch.where(stopped, 1.0, rate) if number == 0 else rate
        x, reached = add(x, direction, share), add(reached, image, share)
        residual = add(residual, image, -rate)
        previous, squared = squared, dot(residual, residual)
        direction = add(residual, direction, _ratio(squared, previous))
    left = _ratio(norm(subtract(b, reached)), norm(b))
    return Solution(x, left, stopped.to(left.dtype), reached)


def _ratio(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return a / b, and zero where b is zero."""
    is_zero = b == 0
    return torch.where(is_zero, torch.zeros_like(a), a / torch.where(is_zero, 1.0, b))
