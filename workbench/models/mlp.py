"""The multilayer perceptron: 40-40 for sinusoids, 256-128-64-64 for images."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import layers
from workbench.core.learning.dense import dense, dense_start
from workbench.core.learning.layers import (
    norm_start,
    normalise,
    truncated_normal,
    xavier,
)
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params


class Mlp(ModelSettings):
    """Fully connected layers with ReLU; an image is taken as a row of pixels."""

    title = "MLP"
    needs_images = False

    kind: Literal["mlp"] = "mlp"
    hidden: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = setting(
        (40, 40),
        "Hidden layers",
        "Units of each hidden layer, as in 40, 40.",
        min_length=1,
    )
    norm: Literal["batch", "layer", "none"] = setting(
        "none",
        "Norm",
        "After each hidden layer: batch statistics (the papers', which makes accuracy "
        "transductive), layer norm, or none.",
    )
    initial: Literal["truncated normal", "xavier"] = setting(
        "truncated normal",
        "Initial weights",
        "Truncated normal with standard deviation 0.01 (MAML's), or Xavier uniform.",
        advanced=True,
    )

    @property
    def normalises(self) -> str:
        """As its setting says."""
        return self.norm

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Draw the weights; biases and shifts are zero."""
        widths = (math.prod(input_shape), *self.hidden)
        params: Params = {}
        for layer, (inputs, units) in enumerate(pairwise(widths), start=1):
            params |= dense_start(
                f"hidden{layer}", self._draw((units, inputs), generator)
            )
            params |= norm_start(f"norm{layer}", self.norm, units, generator.device)
        return params | dense_start(
            "head", self._draw((outputs, widths[-1]), generator)
        )

    def code(self) -> list[str]:
        """Return the lines of the hidden layers."""
        layer = 'F.linear(x, w[f"hidden{i}.weight"], w[f"hidden{i}.bias"])'
        numbers = range(1, len(self.hidden) + 1)
        return ["x = x.flatten(1)", *layers(layer, self.norm, numbers)]

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the last hidden layer for x of shape [n, ...]."""
        x = x.flatten(1)
        for layer in range(1, len(self.hidden) + 1):
            x = dense(params, f"hidden{layer}", x)
            x = normalise(params, f"norm{layer}", self.norm, x).relu()
        return x

    def _draw(self, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
        if self.initial == "xavier":
            return xavier(shape, generator)
        return truncated_normal(shape, 0.01, generator)
