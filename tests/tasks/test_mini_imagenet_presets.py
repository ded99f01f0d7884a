"""The presets for mini-ImageNet: of each learner in every setting."""

from __future__ import annotations

import pytest

from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.task_family import ClassificationSettings

LEARNERS = ("maml", "fomaml", "reptile", "meta-sgd", "imaml", "imaml-hf", "anil")


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("ways", [5, 20])
@pytest.mark.parametrize("shots", [1, 5])
def test_a_preset_is_what_its_name_says(learner: str, ways: int, shots: int) -> None:
    preset = find_preset(f"mini-imagenet-{learner}-{ways}way-{shots}shot")
    config = RunConfig.from_dict(preset.config)
    assert isinstance(config.task, ClassificationSettings)
    assert (config.task.kind, config.task.ways) == ("mini-imagenet", ways)
    assert config.task.shots == shots
    assert config.algorithm.kind == learner.removesuffix("-hf")
    assert preset.published or "No published figure" in preset.description
