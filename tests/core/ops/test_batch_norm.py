"""The fast batch norm, in float64, against torch's own and finite differences."""

from __future__ import annotations

import pytest
import torch

from workbench.core.ops.batch_norm import batch_norm

SHAPES = [(5, 3), (3, 2, 3, 2)]


def arguments_of(shape: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    return tuple(
        torch.randn(size, generator=generator, dtype=torch.float64).requires_grad_()
        for size in (shape, shape[1], shape[1])
    )


def normalised(*arguments: torch.Tensor) -> torch.Tensor:
    return batch_norm(*arguments, 1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_outputs_are_those_of_torch(shape: tuple[int, ...]) -> None:
    x, scale, shift = arguments_of(shape)
    expected = torch.nn.functional.batch_norm(
        x, None, None, scale, shift, training=True, eps=1e-3
    )
    torch.testing.assert_close(normalised(x, scale, shift), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_first_and_second_derivatives_are_right(shape: tuple[int, ...]) -> None:
    assert torch.autograd.gradcheck(normalised, arguments_of(shape))
    assert torch.autograd.gradgradcheck(normalised, arguments_of(shape))


def test_a_scale_of_zero_has_derivatives_too() -> None:
    x, scale, shift = arguments_of((4, 2))
    arguments = (x, torch.zeros_like(scale).requires_grad_(), shift)
    assert torch.autograd.gradgradcheck(normalised, arguments)


def test_tasks_side_by_side_have_the_derivatives_of_each() -> None:
    x, scale, shift = (leaf.detach() for leaf in arguments_of((3, 2, 3, 2)))

    def loss(x: torch.Tensor) -> torch.Tensor:
        return normalised(x, scale, shift).pow(3).sum()

    def second(x: torch.Tensor) -> torch.Tensor:
        return torch.func.grad(lambda x: torch.func.grad(loss)(x).square().sum())(x)

    expected = torch.stack([second(x), second(2 * x)])
    torch.testing.assert_close(
        torch.func.vmap(second)(torch.stack([x, 2 * x])), expected
    )
