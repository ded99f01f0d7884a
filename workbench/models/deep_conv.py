"""A deeper convolutional network: two blocks or more at every size of the maps."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import layers
from workbench.core.learning.dense import dense_start
from workbench.core.learning.layers import (
    block_start,
    convolution,
    max_pool,
    normalise,
    xavier,
)
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params


class DeepConv(ModelSettings):
    """Blocks of convolution, norm and ReLU; every second one halves the maps."""

    title = "deep conv"
    needs_images = True

    kind: Literal["deep-conv"] = "deep-conv"
    blocks: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = setting(
        (32, 48, 64, 64, 80, 80, 88),
        "Blocks",
        "Channels of each block, as in 32, 48, 64; every second block is followed by "
        "2x2 max-pooling.",
        min_length=1,
        unit="channels",
    )
    stem: Literal["stride", "full"] = setting(
        "stride",
        "First block",
        "A 5x5 convolution of stride 2, which halves the picture, or one of 3x3 that "
        "keeps its size.",
    )
    norm: Literal["batch", "layer", "none"] = setting(
        "layer",
        "Norm",
        "After each convolution: batch statistics, which make accuracy transductive, "
        "layer norm, or none.",
    )

    @property
    def normalises(self) -> str:
        """As its setting says."""
        return self.norm

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Say so where halving leaves nothing of the pictures."""
        _, *size = input_shape
        if math.prod(self._map_size(size)):
            return None
        return (
            f"nothing is left of {size[0]} x {size[1]} pixels after {self._halvings} "
            "halvings: use larger pictures, or fewer blocks"
        )

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Draw the weights."""
        channels, *size = input_shape
        params: Params = {}
        for block, filters in enumerate(self.blocks, start=1):
            side = 5 if block == 1 and self._strides else 3
            shape = (filters, channels, side, side)
            params |= block_start(block, self.norm, shape, generator)
            channels = filters
        width = channels * math.prod(self._map_size(size))
        return params | dense_start("head", xavier((outputs, width), generator))

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the features of x of shape [n, channels, height, width]."""
        for block in range(1, len(self.blocks) + 1):
            stride = 2 if block == 1 and self._strides else 1
            x = convolution(params, f"conv{block}", x, stride)
            x = normalise(params, f"norm{block}", self.norm, x)
            # The ReLU of the largest is the largest ReLU, with a quarter of the work.
            x = (x if block % 2 else max_pool(x)).relu()
        return x.flatten(1)

    def code(self) -> list[str]:
        """Return the lines of the blocks."""
        stride = "2 if i == 1 else 1" if self._strides else "1"
        layer = (
            'F.conv2d(x, w[f"conv{i}.weight"], w.get(f"conv{i}.bias"), '
            f'stride={stride}, padding=w[f"conv{{i}}.weight"].shape[-1] // 2)'
        )
        return [
            *layers(layer, self.norm, range(1, len(self.blocks) + 1)),
            "    x = x if i % 2 else F.max_pool2d(x, 2)",
            "x = x.flatten(1)",
        ]

    @property
    def _strides(self) -> bool:
        return self.stem == "stride"

    @property
    def _halvings(self) -> int:
        return self._strides + len(self.blocks) // 2

    def _map_size(self, size: list[int]) -> list[int]:
        """Return the height and width of the last map."""
        if self._strides:
            size = [(side + 1) // 2 for side in size]
        return [side // 2 ** (len(self.blocks) // 2) for side in size]
