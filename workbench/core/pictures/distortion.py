"""Small distortions of pictures, as another hand or another moment would make them."""

from __future__ import annotations

from typing import NamedTuple

from workbench.core.base.lazy import torch

_TURN = 0.2
_SIZE = 0.15
_SHEAR = 0.2
_SHIFT = 0.12
_BEND = 0.06
_KNOTS = 6


class Distortion(NamedTuple):
    """How much pictures are moved and bent, and whether tasks are mirrored."""

    moved: float = 0.0
    bent: float = 0.0
    mirrored: bool = False


def draw_grid(
    shape: tuple[int, ...],
    size: tuple[int, int],
    distortion: Distortion,
    generator: torch.Generator,
) -> torch.Tensor | None:
    """Draw where each of ``shape`` pictures of a size takes its pixels from.

    [*shape, height, width, 2], in the coordinates of ``grid_sample``; None where all
    stay where they are. Of the first axis, that of tasks, half are mirrored as a whole.
    """
    if not any(distortion):
        return None
    affine = draw_affine(shape, distortion.moved, generator)
    if distortion.mirrored:
        ways = torch.rand(shape[0], generator=generator, device=generator.device)
        side = torch.where(ways < 0.5, -1.0, 1.0)
        affine[..., 0] *= side.view(-1, *[1] * len(shape))
    grid = torch.nn.functional.affine_grid(
        affine.reshape(-1, 2, 3), [len(affine.view(-1, 6)), 1, *size], False
    )
    if distortion.bent:
        knots = torch.randn(
            (len(grid), 2, _KNOTS, _KNOTS), generator=generator, device=generator.device
        )
        bends = torch.nn.functional.interpolate(
            distortion.bent * _BEND * knots, size, mode="bicubic", align_corners=True
        )
        grid = grid + bends.permute(0, 2, 3, 1)
    return grid.view(*shape, *size, 2)


def draw_affine(
    shape: tuple[int, ...], amount: float, generator: torch.Generator
) -> torch.Tensor:
    """Draw one affine map for each of ``shape`` pictures, [*shape, 2, 3].

    At amount 1, up to 11 degrees of turn, 15 % of size along each axis, a shear of 0.2
    and a shift of 6 % of the side; in the coordinates of ``affine_grid``.
    """
    uniform = torch.rand((6, *shape), generator=generator, device=generator.device)
    limits = (_TURN, _SIZE, _SIZE, _SHEAR, _SHIFT, _SHIFT)
    turn, wide, tall, shear, right, down = (
        part * limit
        for part, limit in zip((2 * uniform - 1) * amount, limits, strict=True)
    )
    cos, sin = turn.cos(), turn.sin()
    first = torch.stack([cos * (1 + wide), shear - sin * (1 + tall), right], -1)
    second = torch.stack([sin * (1 + wide), cos * (1 + tall), down], -1)
    return torch.stack([first, second], -2)


def distorted(
    pixels: torch.Tensor, grid: torch.Tensor, shape: tuple[int, int, int]
) -> torch.Tensor:
    """Return uint8 pictures [..., C*H*W], each by its own grid [..., H, W, 2]."""
    pictures = pixels.reshape(-1, *shape).float()
    moved = torch.nn.functional.grid_sample(
        pictures, grid.reshape(-1, *grid.shape[-3:]), align_corners=False
    )
    return moved.round_().to(torch.uint8).view_as(pixels)
