"""The fast max-pooling, in float64, against torch's own and finite differences."""

from __future__ import annotations

import pytest
import torch

from workbench.core.ops.pooling import largest_of_four


def drawn(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("side", [6, 7])
def test_the_largest_and_their_slopes_are_those_of_torch(side: int) -> None:
    x = drawn(2, 3, side, side).round().to(memory_format=torch.channels_last)

    def slope(pool):
        return torch.func.grad(lambda x: pool(x).pow(3).sum())(x)

    theirs = torch.nn.functional.max_pool2d
    assert torch.equal(largest_of_four(x), theirs(x, 2))
    assert torch.equal(slope(largest_of_four), slope(lambda x: theirs(x, 2)))


def test_first_and_second_derivatives_are_right() -> None:
    x = drawn(2, 3, 5, 4).requires_grad_()
    assert torch.autograd.gradcheck(largest_of_four, (x,))
    assert torch.autograd.gradgradcheck(largest_of_four, (x,))


def test_channels_stay_last_in_second_derivatives() -> None:
    x = drawn(2, 3, 6, 6).to(memory_format=torch.channels_last).requires_grad_()
    pooled = largest_of_four(x)
    along = torch.ones_like(pooled).requires_grad_()
    (slope,) = torch.autograd.grad(pooled, x, along, create_graph=True)
    (second,) = torch.autograd.grad(slope, along, x.detach())
    for maps in (pooled, slope, second):
        assert maps.is_contiguous(memory_format=torch.channels_last)


def test_tasks_side_by_side_have_the_derivatives_of_each() -> None:
    x = drawn(3, 2, 2, 4, 4)

    def second(x: torch.Tensor) -> torch.Tensor:
        def slope(x: torch.Tensor) -> torch.Tensor:
            return torch.func.grad(lambda x: largest_of_four(x).pow(3).sum())(x)

        return torch.func.grad(lambda x: slope(x).square().sum())(x)

    expected = torch.stack([second(task) for task in x])
    torch.testing.assert_close(torch.func.vmap(second)(x), expected)
