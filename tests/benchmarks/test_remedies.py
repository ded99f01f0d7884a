"""Each change offered where training diverges ends it alone: prints what comes of it.

    python -m pytest -s tests/benchmarks/test_remedies.py

Sinusoids take minutes on two cores, glyphs the better part of an hour.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.test_every_learner import INVENTED
from tests.made_runs import trained_in_part
from workbench.core.config.presets import Preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import AlertEvent, EvaluationEvent
from workbench.core.training.calmer import calmer
from workbench.core.training.training_error import TrainingError

pytestmark = pytest.mark.slow

STEPS = 200


def too_long(config: RunConfig, where: str) -> RunConfig:
    """Return a configuration with steps far too long, in tasks or outside them."""
    if where == "outside":
        return config.replace({"training.meta_lr": 100 * config.training.meta_lr})
    learner = config.algorithm
    rates = {name: 10 * getattr(learner, name) for name in learner.inner_rates()}
    if not rates:
        pytest.skip("it has no inner learning rate")
    return config.replace({f"algorithm.{name}": rate for name, rate in rates.items()})


@pytest.mark.parametrize("where", ["inside", "outside"])
@pytest.mark.parametrize("preset", INVENTED, ids=lambda preset: preset.name)
def test_each_change_ends_the_divergence_alone(
    preset: Preset, where: str, glyphs_at_hand: Path, tmp_path: Path
) -> None:
    wild = too_long(RunConfig.from_dict(preset.config), where)
    for number, remedy in enumerate(calmer(wild)):
        calm = wild.replace(remedy.changes)
        try:
            runs = tmp_path / str(number)
            events = trained_in_part(calm, STEPS, runs, glyphs_at_hand)
        except TrainingError as error:
            pytest.fail(f"{remedy.changes}: {error}")
        first, last = (e.by_step[-1] for e in events if isinstance(e, EvaluationEvent))
        print(f"\n{preset.name}, {remedy.changes}: {first.loss:.3g} -> {last.loss:.3g}")
        assert [event for event in events if isinstance(event, AlertEvent)] == []
        assert last.loss < first.loss
