"""The fast convolution, in float64, against torch's own and finite differences."""

from __future__ import annotations

import pytest
import torch

from workbench.core.ops.convolution import convolve


def drawn(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.fixture(autouse=True, params=[0, 96], ids=["onednn", "few-outputs"])
def few_outputs(request: pytest.FixtureRequest, monkeypatch) -> None:
    monkeypatch.setattr("workbench.core.ops.convolution._FEW_OUTPUTS", request.param)


@pytest.mark.parametrize("channels", [1, 6], ids=["patches", "maps"])
@pytest.mark.parametrize("stride", [1, 2])
def test_maps_are_those_of_torch(channels: int, stride: int) -> None:
    x, weight = drawn(2, channels, 7, 6), drawn(5, channels, 3, 3)
    expected = torch.nn.functional.conv2d(x, weight, stride=stride, padding=1)
    torch.testing.assert_close(convolve(x, weight, stride, 1), expected)


@pytest.mark.parametrize("channels", [1, 6], ids=["patches", "maps"])
@pytest.mark.parametrize("stride", [1, 2])
def test_first_and_second_derivatives_are_right(channels: int, stride: int) -> None:
    x, weight = drawn(2, channels, 5, 4), drawn(3, channels, 3, 3)
    arguments = (x.requires_grad_(), weight.requires_grad_())

    def maps(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return convolve(x, weight, stride, 1)

    assert torch.autograd.gradcheck(maps, arguments)
    assert torch.autograd.gradgradcheck(maps, arguments)


@pytest.mark.parametrize("channels", [1, 6], ids=["patches", "maps"])
def test_tasks_side_by_side_have_the_gradients_of_each(channels: int) -> None:
    x, weight = drawn(3, 2, channels, 5, 4), drawn(3, 4, channels, 3, 3)

    def slope(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.func.grad(lambda w: convolve(x, w, 2, 1).square().sum())(weight)

    expected = torch.stack([slope(*task) for task in zip(x, weight, strict=True)])
    torch.testing.assert_close(torch.func.vmap(slope)(x, weight), expected)
