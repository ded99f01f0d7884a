"""Every learner learns with the settings known to work: prints how far, how soon.

    python -m pytest -s tests/benchmarks/test_every_learner.py

Two hundred meta-steps of any learner take at most two minutes on two cores.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.made_runs import trained_in_part
from workbench.core.config.presets import Preset, list_presets
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import AlertEvent, EvaluationEvent

pytestmark = pytest.mark.slow

STEPS = 200
QUICK = ("sinusoid-quick", "glyphs-quick")
INVENTED = [each for each in list_presets() if each.name.startswith(QUICK)]


@pytest.mark.parametrize("preset", INVENTED, ids=lambda preset: preset.name)
def test_a_few_meta_steps_are_enough_to_see_it_learn(
    preset: Preset, glyphs_at_hand: Path, tmp_path: Path
) -> None:
    config = RunConfig.from_dict(preset.config)
    begun = time.monotonic()
    events = trained_in_part(config, STEPS, tmp_path / "runs", glyphs_at_hand)
    seconds = time.monotonic() - begun
    assert [event for event in events if isinstance(event, AlertEvent)] == []
    first, last = (each for each in events if isinstance(each, EvaluationEvent))
    before, after = first.by_step[-1], last.by_step[-1]
    print(
        f"\n{preset.name}: loss {before.loss:.3g} -> {after.loss:.3g}, score "
        f"{before.score:.3g} -> {after.score:.3g} in {last.step:,} meta-steps, "
        f"{seconds:.0f} s"
    )
    assert after.loss < 0.9 * before.loss
    if after.accuracy is not None:
        assert after.score > before.score + 0.08
