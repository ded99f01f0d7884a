"""The four-block convolutional network of the few-shot papers."""

from __future__ import annotations

import math
from typing import Literal

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import layers
from workbench.core.learning.dense import dense, dense_start
from workbench.core.learning.layers import (
    block_start,
    convolution,
    fold_norm,
    max_pool,
    normalise,
    standard_normal,
    xavier,
)
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params

_BLOCKS = (1, 2, 3, 4)


class Conv4(ModelSettings):
    """Four times 3x3 convolution, norm and ReLU, each halving the picture."""

    title = "conv4"
    needs_images = True

    kind: Literal["conv4"] = "conv4"
    filters: int = setting(
        64, "Filters", "Channels of every convolution.", ge=1, le=1024, unit="channels"
    )
    downsample: Literal["stride", "max-pool"] = setting(
        "stride",
        "Downsampling",
        "Convolutions of stride 2 (MAML on Omniglot), or 2x2 max-pooling after each.",
    )
    features: Literal["mean", "flatten"] = setting(
        "mean",
        "Features",
        "Mean of the last map over its pixels (MAML on Omniglot), or all of it.",
    )
    norm: Literal["batch", "layer", "none"] = setting(
        "batch",
        "Norm",
        "After each convolution: batch statistics (the papers', which makes accuracy "
        "transductive), layer norm, or none.",
    )

    hidden_units: int | None = setting(
        None,
        "Hidden units",
        "Units of a dense layer with ReLU before the head, as in Meta-SGD on Omniglot; "
        "empty for no such layer.",
        ge=1,
        le=10_000,
        unit="units",
        advanced=True,
    )
    head_start: Literal["xavier", "normal"] = setting(
        "xavier",
        "Initial head",
        "Xavier uniform like every other weight, or normal with standard deviation 1 "
        "(MAML's code on Omniglot), which starts far from equal odds.",
        advanced=True,
    )

    @property
    def normalises(self) -> str:
        """As its setting says."""
        return self.norm

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Say so where pooling leaves nothing of the pictures."""
        _, *size = input_shape
        if math.prod(self._map_size(size)):
            return None
        smallest = 2 ** len(_BLOCKS)
        return (
            f"nothing is left of {size[0]} x {size[1]} pixels after four halvings: "
            f"use pictures of {smallest} x {smallest} at least, or stride"
        )

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Draw the weights."""
        channels, *size = input_shape
        params: Params = {}
        for block in _BLOCKS:
            shape = (self.filters, channels, 3, 3)
            params |= block_start(block, self.norm, shape, generator)
            channels = self.filters
        width = self.filters
        if self.features == "flatten":
            width *= math.prod(self._map_size(size))
        if self.hidden_units is not None:
            drawn = xavier((self.hidden_units, width), generator)
            params |= dense_start("hidden", drawn)
            width = self.hidden_units
        draw = xavier if self.head_start == "xavier" else standard_normal
        return params | dense_start("head", draw((outputs, width), generator))

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the features of x of shape [n, channels, height, width]."""
        stride = 2 if self.downsample == "stride" else 1
        for block in _BLOCKS:
            conv, norm = f"conv{block}", f"norm{block}"
            folded = None
            if block == 1 and self.norm == "batch":
                folded = fold_norm(params, conv, norm, x, stride)
            x = convolution(folded or params, conv, x, stride)
            if folded is None:
                x = normalise(params, norm, self.norm, x)
            # The ReLU of the largest is the largest ReLU, with a quarter of the work.
            x = (max_pool(x) if self.downsample == "max-pool" else x).relu()
        x = x.mean((2, 3)) if self.features == "mean" else x.flatten(1)
        return x if self.hidden_units is None else dense(params, "hidden", x).relu()

    def code(self) -> list[str]:
        """Return the lines of the four blocks, and of the hidden layer if any."""
        pools = self.downsample == "max-pool"
        layer = (
            'F.conv2d(x, w[f"conv{i}.weight"], w.get(f"conv{i}.bias"), '
            f"stride={1 if pools else 2}, padding=1)"
        )
        lines = layers(layer, self.norm, range(1, len(_BLOCKS) + 1))
        lines += ["    x = F.max_pool2d(x, 2)"] if pools else []
        mean = self.features == "mean"
        lines.append("x = x.mean((2, 3))" if mean else "x = x.flatten(1)")
        if self.hidden_units is not None:
            lines.append('x = F.linear(x, w["hidden.weight"], w["hidden.bias"]).relu()')
        return lines

    def _map_size(self, size: list[int]) -> list[int]:
        """Return the height and width of the last map."""
        for _ in _BLOCKS:
            size = [
                (side + 1) // 2 if self.downsample == "stride" else side // 2
                for side in size
            ]
        return size
