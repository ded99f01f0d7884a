"""Small distortions move ink a little, and only in training."""

from __future__ import annotations

import numpy as np
import torch

from workbench.core.base.randomness import generator_for
from workbench.core.pictures.distortion import distorted, draw_affine


def ink() -> torch.Tensor:
    pictures = torch.zeros(6, 1, 28, 28, dtype=torch.uint8)
    pictures[:, :, 8:20, 12:16] = 255
    return pictures.flatten(1)


def test_no_distortion_changes_nothing() -> None:
    affine = draw_affine((6,), 0.0, generator_for(0, "train", 0))
    assert torch.equal(distorted(ink(), affine, (1, 28, 28)), ink())


def test_every_picture_is_moved_a_little_in_its_own_way() -> None:
    affine = draw_affine((6,), 1.0, generator_for(0, "train", 0))
    moved = distorted(ink(), affine, (1, 28, 28)).view(6, 28, 28).float().numpy()
    assert len(np.unique(moved.reshape(6, -1), axis=0)) == 6
    y, x = np.mgrid[:28, :28]
    for picture in moved:
        middle = (
            (picture * y).sum() / picture.sum(),
            (picture * x).sum() / picture.sum(),
        )
        assert np.abs(np.array(middle) - 13.5).max() < 4
        assert 0.6 < picture.sum() / (255 * 48) < 1.6
