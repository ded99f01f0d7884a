"""The four-block convolutional network of the few-shot papers."""

from __future__ import annotations

from typing import Literal

from workbench.core.layers import (
    convolution,
    dense_start,
    norm_start,
    normalise,
    xavier,
)
from workbench.core.lazy import torch
from workbench.core.model import ModelSettings
from workbench.core.params import Params
from workbench.core.settings import setting

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

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Draw Xavier weights; a convolution has a bias only where no norm follows."""
        channels, *size = input_shape
        params: Params = {}
        for block in _BLOCKS:
            weight = xavier((self.filters, channels, 3, 3), generator)
            params[f"conv{block}.weight"] = weight
            if self.norm == "none":
                params[f"conv{block}.bias"] = weight.new_zeros(self.filters)
            params |= norm_start(
                f"norm{block}", self.norm, self.filters, generator.device
            )
            channels = self.filters
        width = self.filters * self._pixels(size)
        return params | dense_start("head", xavier((outputs, width), generator))

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the features of x of shape [n, channels, height, width]."""
        stride = 2 if self.downsample == "stride" else 1
        for block in _BLOCKS:
            x = convolution(params, f"conv{block}", x, stride)
            x = normalise(params, f"norm{block}", self.norm, x)
            # The ReLU of the largest is the largest ReLU, with a quarter of the work.
            if self.downsample == "max-pool":
                x = torch.nn.functional.max_pool2d(x, 2)
            x = x.relu()
        return x.mean((2, 3)) if self.features == "mean" else x.flatten(1)

    def _pixels(self, size: list[int]) -> int:
        if self.features == "mean":
            return 1
        for _ in _BLOCKS:
            size = [
                (side + 1) // 2 if self.downsample == "stride" else side // 2
                for side in size
            ]
        return size[0] * size[1]
