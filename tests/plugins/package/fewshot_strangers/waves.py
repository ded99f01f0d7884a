"""A model: fixed waves of the inputs, and a head that is learned."""

from __future__ import annotations

import math
from typing import Literal

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.dense import dense_start
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params


class Waves(ModelSettings):
    """Sines and cosines of a few frequencies, whose phase is learned."""

    title = "Waves"
    needs_images = False

    kind: Literal["waves"] = "waves"
    frequencies: int = setting(4, "Frequencies", "How many waves.", ge=1, le=64)

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Draw the phases; the head begins with zeros."""
        width = self.frequencies * math.prod(input_shape)
        phase = torch.rand(width, generator=generator, device=generator.device)
        head = torch.zeros(outputs, width, device=generator.device)
        return {"phase": phase, **dense_start("head", head)}

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return sin(f x + phase) for the frequencies f = 1, 2, ..."""
        numbers = torch.arange(1.0, self.frequencies + 1, dtype=x.dtype)
        waves = x.flatten(1).unsqueeze(-1) * numbers.to(x.device)
        phase: torch.Tensor = params["phase"]
        return torch.sin(waves.flatten(1) + phase)
