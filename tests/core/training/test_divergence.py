"""A run that diverges is told of early and once, with what helps; no other is."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made_members import learners
from tests.made_runs import finish, made, small_config, stop_after, trained
from workbench.core.base.errors import RemedyKind
from workbench.core.config.known import deviations
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import AlertEvent, from_json, to_json
from workbench.core.runs.store import RunFolder
from workbench.core.training.calmer import calmer
from workbench.core.training.divergence import Divergence


def told(losses: list[float], watch: Divergence | None = None) -> list[int]:
    """Return the meta-steps at which something is said."""
    watch = watch or Divergence()
    return [step for step, loss in enumerate(losses, 1) if watch.after_step(step, loss)]


def test_a_loss_that_grows_is_told_of_once_long_before_it_is_no_number() -> None:
    (step,) = told([3 * 1.03**step for step in range(1000)])
    assert step <= 100


@given(st.lists(st.floats(1.0, 2.9), max_size=300))
def test_noise_is_no_divergence(losses: list[float]) -> None:
    assert told(losses) == []


def test_single_steps_out_of_line_are_no_divergence() -> None:
    assert told([1e6 if step % 5 == 0 else 3.0 for step in range(1000)]) == []


def test_a_watch_goes_on_from_what_was_kept() -> None:
    losses = [3.0] * 100 + [30.0] * 200
    (whole,) = told(losses)
    watch = Divergence()
    steps = []
    for step, loss in enumerate(losses, 1):
        watch = Divergence(**json.loads(json.dumps(watch.facts())))
        steps += [step] if watch.after_step(step, loss) else []
    assert steps == [whole]


def test_weights_before_training_may_be_worse_after_adapting() -> None:
    watch = Divergence()
    assert watch.after_validation(0, [4.0, 40.0]) == ""
    assert watch.after_validation(200, [4.0, 3.0]) == ""
    said = watch.after_validation(400, [4.0, math.nan])
    assert said == "training diverges: tasks' loss is nan after adapting, and 4 before"
    assert watch.after_validation(600, [4.0, math.nan]) == ""


def alerts(folder: RunFolder) -> list[AlertEvent]:
    return [event for event in folder.events() if isinstance(event, AlertEvent)]


def test_a_run_with_too_long_inner_steps_says_once_what_to_change(
    tmp_path: Path,
) -> None:
    folder = trained(tmp_path, algorithm__inner_lr=0.5)
    (alert,) = alerts(folder)
    assert alert.step == 4
    assert "after adapting" in alert.message
    known, lower, *_ = alert.remedies
    assert known.kind is RemedyKind.USE_KNOWN
    assert known.changes == deviations(folder.config().model_dump(), known.subject)
    assert lower.changes == {"algorithm.inner_lr": 0.02}
    assert lower.effect.startswith("from 0.5 to 0.02, as in ")
    assert from_json(to_json(alert)) == alert


@pytest.mark.parametrize("count", [3, 8, 14])
def test_a_run_stopped_in_between_says_it_once_too(tmp_path: Path, count: int) -> None:
    whole = trained(tmp_path / "whole", algorithm__inner_lr=0.5)
    broken = made(tmp_path / "broken", algorithm__inner_lr=0.5)
    stop_after(broken, count)
    finish(broken)
    assert alerts(broken) == alerts(whole)


@pytest.mark.parametrize("learner", learners("regression"))
def test_every_change_that_may_help_can_be_made(learner: str) -> None:
    config = small_config(algorithm__kind=learner, training__meta_lr=0.7)
    remedies = calmer(config)
    assert remedies[0].kind is RemedyKind.USE_KNOWN
    for remedy in remedies:
        assert config.replace(remedy.changes) != config


def test_settings_known_to_work_are_not_offered_to_themselves() -> None:
    config = RunConfig.from_dict(find_preset("sinusoid-quick-reptile").config)
    offered = [list(remedy.changes) for remedy in calmer(config)]
    assert offered == [["algorithm.inner_lr", "training.meta_lr"]]


def test_what_is_too_long_in_two_places_is_lowered_in_both() -> None:
    changes = {"algorithm.inner_lr": 0.2, "training.meta_lr": 100.0}
    usual = RunConfig.from_dict(find_preset("sinusoid-quick-reptile").config)
    known, calmest = calmer(usual.replace(changes))
    assert known.changes == {"algorithm.inner_lr": 0.02, "training.meta_lr": 1.0}
    assert calmest.changes == {"algorithm.inner_lr": 0.005, "training.meta_lr": 0.25}
    other = usual.replace({**changes, "training.meta_batch": 3})
    assert calmer(other)[1].changes == known.changes


def test_newton_steps_have_no_rate_to_lower() -> None:
    config = RunConfig.from_dict(find_preset("sinusoid-quick-imaml-hf").config)
    offered = [list(remedy.changes) for remedy in calmer(config)]
    assert offered == [["training.meta_lr", "training.meta_clip"]]


def validated(*losses: float) -> list[int]:
    """Return which validations after the first something is said of."""
    watch = Divergence()
    return [n for n, loss in enumerate(losses) if watch.after_validation(n, [9, loss])]


def test_a_run_that_loses_most_of_what_it_gained_is_told_of() -> None:
    assert validated(4.3, 2.0, 0.9, 1.4, 4.0, 6.2, 6.3) == [5]


def test_validations_that_come_and_go_are_no_divergence() -> None:
    assert validated(4.3, 2.0, 0.9, 3.0, 0.9, 3.0, 1.2, 2.4, 2.5) == []
    assert validated(3.0, 0.2, 0.05, 0.2, 0.2, 0.4, 0.3) == []
    assert validated(1.6, 1.5, 1.4, 1.6, 1.6, 1.6) == []
