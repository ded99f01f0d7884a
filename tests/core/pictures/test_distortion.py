"""Small distortions move ink a little, and only in training."""

from __future__ import annotations

import numpy as np
import torch

from workbench.core.base.randomness import generator_for
from workbench.core.pictures.distortion import Distortion, distorted, draw_grid


def ink() -> torch.Tensor:
    pictures = torch.zeros(6, 1, 28, 28, dtype=torch.uint8)
    pictures[:, :, 8:20, 11:15] = 255
    return pictures.flatten(1)


def drawn(tasks: int = 1, **how: float) -> torch.Tensor:
    """Six pictures, of so many tasks, distorted."""
    shape = (tasks, 6 // tasks)
    generator = generator_for(0, "train", 0)
    grid = draw_grid(shape, (28, 28), Distortion(**how), generator)
    assert grid is not None
    return distorted(ink().view(*shape, -1), grid, (1, 28, 28)).view(6, 28, 28).float()


def middle(picture: torch.Tensor) -> torch.Tensor:
    places = torch.arange(28.0)
    share = picture / picture.sum()
    return torch.stack([share.sum(1) @ places, share.sum(0) @ places])


def test_no_distortion_changes_nothing() -> None:
    assert draw_grid((6,), (28, 28), Distortion(), generator_for(0, "train", 0)) is None
    assert torch.equal(drawn(moved=1e-9), ink().view(6, 28, 28).float())


def test_half_of_the_tasks_are_mirrored_as_a_whole() -> None:
    whole, across = ink().view(6, 28, 28).float(), drawn(6, mirrored=True)
    flipped = [torch.equal(picture, whole[0].flip(-1)) for picture in across]
    assert 0 < sum(flipped) < 6
    assert all(
        torch.equal(picture, whole[0].flip(-1) if is_flipped else whole[0])
        for picture, is_flipped in zip(across, flipped, strict=True)
    )
    assert len(drawn(1, mirrored=True).unique(dim=0)) == 1


def test_bending_moves_the_ends_of_a_stroke_apart() -> None:
    bent = drawn(bent=1.0)
    assert len(bent.unique(dim=0)) == 6
    assert all((middle(picture) - 13.5).abs().max() < 4 for picture in bent)
    columns = bent @ torch.arange(28.0)
    ends = [
        columns[:, rows].sum(1) / bent[:, rows].sum((1, 2))
        for rows in (slice(14), slice(14, 28))
    ]
    apart = (ends[0] - ends[1]).abs()
    assert 0.3 < apart.mean() < 4


def test_every_picture_is_moved_a_little_in_its_own_way() -> None:
    moved = drawn(moved=1.0).numpy()
    assert len(np.unique(moved.reshape(6, -1), axis=0)) == 6
    y, x = np.mgrid[:28, :28]
    for picture in moved:
        middle = (
            (picture * y).sum() / picture.sum(),
            (picture * x).sum() / picture.sum(),
        )
        assert np.abs(np.array(middle) - 13.5).max() < 4
        assert 0.6 < picture.sum() / (255 * 48) < 1.6
