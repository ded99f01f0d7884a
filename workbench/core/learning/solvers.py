"""Linear solves with the Hessian, which is never formed."""

from __future__ import annotations

from collections.abc import Callable

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


def conjugate_gradient(
    apply: Callable[[Params], Params], b: Params, steps: int
) -> tuple[Params, torch.Tensor]:
    """Solve A x = b for a positive definite A; return x and |b - A x| / |b|.

    The number of steps is fixed, so that tasks can be solved side by side; once the
    residual is zero, further steps change nothing.
    """
    x = tree_map(torch.zeros_like, b)
    residual, direction = b, b
    squared = dot(residual, residual)
    for _ in range(steps):
        image = apply(direction)
        rate = _ratio(squared, dot(direction, image))
        x = add(x, direction, rate)
        residual = add(residual, image, -rate)
        previous, squared = squared, dot(residual, residual)
        direction = add(residual, direction, _ratio(squared, previous))
    return x, _ratio(norm(subtract(b, apply(x))), norm(b))


def _ratio(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return a / b, and zero where b is zero."""
    is_zero = b == 0
    return torch.where(is_zero, torch.zeros_like(a), a / torch.where(is_zero, 1.0, b))
