"""A folded batch norm, in float64, against the norm after the convolution."""

from __future__ import annotations

import pytest
import torch

from workbench.core.ops.folding import folded

EPSILON = 1e-3


def arguments_of(channels: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    shapes = (4, channels, 7, 6), (5, channels, 3, 3), (5,), (5,)
    x, *params = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes
    )
    return x + 3, *params


def by_folding(x, weight, scale, shift, stride: int) -> torch.Tensor:
    weight, bias = folded(x, weight, scale, shift, stride, EPSILON)
    return torch.nn.functional.conv2d(x, weight, bias, stride, 1)


def by_norm(x, weight, scale, shift, stride: int) -> torch.Tensor:
    maps = torch.nn.functional.conv2d(x, weight, None, stride, 1)
    return torch.nn.functional.batch_norm(
        maps, None, None, scale, shift, training=True, eps=EPSILON
    )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_maps_and_both_derivatives_are_those_of_a_norm(
    channels: int, stride: int
) -> None:
    x, *params = arguments_of(channels, torch.Generator().manual_seed(0))

    def loss(maps_of, x, params):
        return maps_of(x, *params, stride).pow(3).sum()

    def slopes(maps_of, x, params):
        return torch.func.grad(loss, (1, 2))(maps_of, x, params)

    def curvature(maps_of, x, params):
        x_slope, slope = slopes(maps_of, x, params)
        return x_slope.square().sum() + sum(part.square().sum() for part in slope)

    def second(maps_of):
        return torch.func.grad(curvature, (1, 2))(maps_of, x, params)

    maps = by_norm(x, *params, stride)
    torch.testing.assert_close(by_folding(x, *params, stride), maps)
    torch.testing.assert_close(
        slopes(by_folding, x, params), slopes(by_norm, x, params)
    )
    torch.testing.assert_close(second(by_folding), second(by_norm))


def test_blank_pictures_have_maps_of_the_shift() -> None:
    x, *params = arguments_of(1, torch.Generator().manual_seed(0))
    maps = by_folding(torch.ones_like(x)[:, :, 1:-1, 1:-1] * 0, *params, 1)
    torch.testing.assert_close(maps, params[-1][:, None, None].expand_as(maps))


def test_smooth_pictures_lose_no_digits_in_float32() -> None:
    """Their patches differ in brightness a hundred times more than in anything else."""
    generator = torch.Generator().manual_seed(0)
    brightness = torch.rand(5, 3, 1, 1, generator=generator)
    x = brightness + 0.005 * torch.rand(5, 3, 20, 20, generator=generator)
    _, weight, scale, shift = (t.float() for t in arguments_of(3, generator))
    weight = weight - weight.mean((2, 3), keepdim=True)
    params = (x, weight, scale, shift)
    exact = by_norm(*(t.double() for t in params), 1)
    errors = [
        float((maps(*params, 1) - exact).norm() / exact.norm())
        for maps in (by_folding, by_norm)
    ]
    assert errors[0] < 3 * errors[1] + 1e-6
