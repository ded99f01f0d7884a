"""What goes wrong with the training of a policy is told of early, and once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typing_extensions import override

from tests.made_runs import acting_config, finish, stop_after
from workbench.core.acting.acting_watch import ActingWatch
from workbench.core.acting.environment import Outcome
from workbench.core.acting.trust_region import MOST_TRIES
from workbench.core.runs.events import AlertEvent, StepEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.calmer import calmer
from workbench.tasks.navigation import Navigation, Plane


def told(deviations: list[float]) -> dict[int, str]:
    """Return what is said at which meta-steps, of a watch kept after each."""
    watch, said = ActingWatch(), {}
    for step, sd in enumerate(deviations, 1):
        watch = ActingWatch(**json.loads(json.dumps(watch.facts())))
        for each in watch.after_step({"sd": sd}):
            assert step not in said
            said[step] = each
    return said


def test_a_deviation_that_collapses_is_told_of_once() -> None:
    said = told([1.0, 0.1, 0.0011, 0.0009, 0.5, 0.0001])
    assert list(said) == [4]
    assert "0.0009, and was 1 at the start" in said[4]


def test_a_deviation_that_explodes_is_told_of_once() -> None:
    assert list(told([1.0, 99.0, 101.0, 1e6])) == [3]
    assert list(told([0.01, 0.9, 1.1, 200.0])) == [3]


def test_a_deviation_that_was_chosen_so_is_nothing_to_tell() -> None:
    assert told([0.0005, 0.0004, 0.0005]) == {}
    assert told([150.0, 160.0, 140.0]) == {}


def test_steps_without_such_figures_are_nothing_to_tell() -> None:
    assert ActingWatch().after_step({"gradient_error": 3.0}) == []


def test_the_first_step_not_found_is_told_of_and_no_other() -> None:
    watch, said = ActingWatch(), []
    for tries in (0, MOST_TRIES - 1, MOST_TRIES, MOST_TRIES):
        said.append(len(watch.after_step({"sd": 1.0, "line_search": tries})))
    assert said == [0, 0, 1, 0]


def harmed(changes: list[list[float]]) -> list[int]:
    """Return at which validations harm is told of, by the change of each task."""
    watch, said = ActingWatch(), []
    for step, change in enumerate(changes):
        watch = ActingWatch(**json.loads(json.dumps(watch.facts())))
        after = [-30 + each for each in change]
        if watch.after_validation(step, [-30.0] * len(change), after):
            said.append(step)
    return said


def test_adapting_that_does_harm_twice_in_a_row_is_told_of_once() -> None:
    worse, better = [-5.0, -4.0, -6.0, -5.5], [4.0, 5.0, 3.0, 4.5]
    assert harmed([worse, worse, better, worse, worse, worse]) == [4]
    (said,) = ActingWatch(harmed=1).after_validation(9, [-30.0] * 2, [-35.0, -36.0])
    assert "the return of tasks is -35.5 after it, and -30 before" in said


def test_what_chance_can_do_to_adapted_tasks_is_nothing_to_tell() -> None:
    by_chance = [-5.0, 4.0, -6.0, 3.0]
    assert harmed([by_chance] * 6) == []
    assert harmed([[-5.0]] * 6) == []
    assert harmed([[-5.0, float("nan"), -5.0]] * 6) == []


def test_a_run_whose_inner_steps_are_far_too_long_says_that_they_do_harm(
    tmp_path: Path,
) -> None:
    config = acting_config(
        task__horizon=40,
        algorithm__inner_lr=20.0,
        training__optimiser="sgd",
        training__meta_lr=1e-9,
        training__iterations=4,
        evaluation__every=2,
        evaluation__validation_tasks=10,
    )
    folder = RunFolder.create(tmp_path, config)
    finish(folder)
    said = [alert for alert in alerts(folder) if "adapting does harm" in alert.message]
    assert [alert.step for alert in said] == [4]
    assert said[0].remedies == calmer(config)


def alerts(folder: RunFolder) -> list[AlertEvent]:
    return [event for event in folder.events() if isinstance(event, AlertEvent)]


class Unimprovable(Plane):
    """Whatever is done is worth the same, so that no step improves on it."""

    @override
    def step(
        self, state: tuple[torch.Tensor, torch.Tensor], action: torch.Tensor
    ) -> Outcome:
        outcome = super().step(state, action)
        return outcome._replace(reward=torch.zeros_like(outcome.reward))


def test_a_run_without_a_step_within_its_trust_region_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Navigation, "environment", lambda _: Unimprovable())
    folder = RunFolder.create(tmp_path, acting_config())
    stop_after(folder, 6)
    finish(folder)
    assert folder.info().state == "completed"
    steps = [event for event in folder.events() if isinstance(event, StepEvent)]
    assert [event.extras["line_search"] for event in steps] == [MOST_TRIES] * 4
    assert [event.extras["kl"] for event in steps] == [0.0] * 4
    (alert,) = alerts(folder)
    assert alert.step == 1
    assert "no step within the trust region" in alert.message


class Generous(Plane):
    """Every step is worth something, so that returns are above nothing."""

    @override
    def step(
        self, state: tuple[torch.Tensor, torch.Tensor], action: torch.Tensor
    ) -> Outcome:
        outcome = super().step(state, action)
        return outcome._replace(reward=outcome.reward + 10)


@pytest.mark.parametrize("optimiser", ["adam", "trust region"])
def test_returns_above_nothing_are_no_divergence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, optimiser: str
) -> None:
    monkeypatch.setattr(Navigation, "environment", lambda _: Generous())
    config = acting_config(training__optimiser=optimiser)
    folder = RunFolder.create(tmp_path, config)
    finish(folder)
    steps = [event for event in folder.events() if isinstance(event, StepEvent)]
    assert all(event.loss < 0 for event in steps)
    assert alerts(folder) == []


def test_shorter_steps_of_a_trust_region_are_offered_as_a_lower_limit() -> None:
    *_, calmest = calmer(acting_config())
    assert calmest.changes["training.kl_limit"] == pytest.approx(0.0025)
    assert "training.meta_lr" not in calmest.changes
    assert "training.meta_clip" not in calmest.changes
    for remedy in calmer(acting_config()):
        acting_config().replace(remedy.changes)
