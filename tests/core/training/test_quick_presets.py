"""The quick presets begin to learn: no learner's settings are another's.

``tests/benchmarks/test_every_learner.py`` goes on until all can be seen to.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made_runs import trained_in_part
from workbench.core.config.presets import Preset, list_presets
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import AlertEvent, EvaluationEvent

QUICK = ("sinusoid-quick", "glyphs-quick")
INVENTED = [each for each in list_presets() if each.name.startswith(QUICK)]
SMALL = {"evaluation.validation_tasks": 8}
SMALLER = {**SMALL, "task.alphabets": 2, "task.ways": 5, "model.filters": 8}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("preset", INVENTED, ids=lambda preset: preset.name)
def test_the_first_steps_of_a_quick_preset_go_down(
    preset: Preset, data: Path, tmp_path: Path
) -> None:
    config = RunConfig.from_dict(preset.config)
    has_pictures = len(config.task.input_shape) == 3
    config = config.replace(SMALLER if has_pictures else SMALL)
    steps = 5 if has_pictures else 30
    events = trained_in_part(config, steps, tmp_path, data)
    assert [event for event in events if isinstance(event, AlertEvent)] == []
    first, last = (each for each in events if isinstance(each, EvaluationEvent))
    assert last.by_step[-1].loss < first.by_step[-1].loss
    if config.algorithm.learns_head:
        assert last.by_step[-1].loss < last.by_step[0].loss
