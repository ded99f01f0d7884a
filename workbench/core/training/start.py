"""What training begins with."""

from __future__ import annotations

from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.sections import Sections
from workbench.core.learning.params import Params


def first_parameters(config: Sections, device: torch.device) -> Params:
    """Draw a configuration's meta-parameters as they are before its first meta-step."""
    shared = config.model.head == "shared"
    generator = generator_for(config.training.seed, "start", 0, device)
    weights = config.model.start(
        config.task.input_shape, 1 if shared else config.task.outputs, generator
    )
    return config.algorithm.start(config.task.started(weights), generator)
