"""Small distortions of pictures, as another hand or another moment would make them."""

from __future__ import annotations

from workbench.core.base.lazy import torch

_TURN = 0.2
_SIZE = 0.15
_SHEAR = 0.2
_SHIFT = 0.12


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
    pixels: torch.Tensor, affine: torch.Tensor, shape: tuple[int, int, int]
) -> torch.Tensor:
    """Return uint8 pictures [..., C*H*W], each under its own map [..., 2, 3]."""
    pictures = pixels.reshape(-1, *shape).float()
    grid = torch.nn.functional.affine_grid(
        affine.reshape(-1, 2, 3), list(pictures.shape), align_corners=False
    )
    moved = torch.nn.functional.grid_sample(pictures, grid, align_corners=False)
    return moved.round_().to(torch.uint8).view_as(pixels)
