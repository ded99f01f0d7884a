"""How losses of tasks lie: told so that one that diverged changes next to nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.core.runs.events import EvaluationEvent, StepScore, from_json, to_json
from workbench.core.training.spread import DIVERGED, spreads


def losses(tasks: int, steps: int = 3) -> torch.Tensor:
    drawn = torch.rand(tasks, steps, generator=torch.Generator().manual_seed(0))
    return drawn.double() + 0.5


@pytest.mark.parametrize("tasks", [1, 2, 3, 7, 64, 600])
def test_median_and_quartiles_are_those_of_numpy(tasks: int):
    values = losses(tasks)
    for step, spread in enumerate(spreads(values)):
        column = values[:, step].numpy()
        told = (spread.low, spread.median, spread.high)
        assert told == pytest.approx(np.quantile(column, [0.25, 0.5, 0.75]))


def test_the_trimmed_mean_is_that_of_the_middle_98_percent():
    values = losses(600)
    ordered = np.sort(values[:, 0].numpy())
    assert spreads(values)[0].trimmed_mean == pytest.approx(ordered[6:-6].mean())


@pytest.mark.parametrize("lost", [1e73, math.inf, math.nan])
@pytest.mark.parametrize("tasks", [16, 64, 600])
def test_one_task_that_diverges_is_counted_and_hides_nothing(lost: float, tasks: int):
    values = losses(tasks)
    sound = spreads(values)[2]
    values[5, 2] = lost
    *earlier, hit = spreads(values)
    assert [each.diverged for each in earlier] == [0, 0]
    assert hit.diverged == 1
    assert hit.median == pytest.approx(sound.median, abs=0.1)
    assert hit.trimmed_mean == pytest.approx(sound.trimmed_mean, abs=0.1)


def test_a_task_diverged_where_its_loss_is_ten_times_that_before_adapting():
    values = torch.ones(100, 2)
    values[0, 1], values[1, 1] = DIVERGED * 1.01, DIVERGED * 0.99
    assert [each.diverged for each in spreads(values)] == [0, 1]


def test_where_most_diverge_the_figures_say_so():
    values = torch.full((50, 2), math.inf)
    values[:, 0] = 1.0
    after = spreads(values)[1]
    assert after.median == after.trimmed_mean == math.inf
    assert after.diverged == 50


def score(**spread: object) -> StepScore:
    return StepScore(0, 1e73, 1e73, None, None, 0.1, 0.1, None, None, **spread)  # type: ignore[arg-type]


def test_the_best_is_chosen_by_what_no_single_task_decides():
    spread = spreads(losses(64))[0]
    assert score(spread=spread).robust == spread.trimmed_mean
    assert score().robust == 1e73


def test_how_losses_lie_is_kept_in_the_record():
    spread = spreads(losses(8))[0]
    event = EvaluationEvent(
        5, "validation", 8, False, 1, (score(spread=spread),), best=True
    )
    assert from_json(to_json(event)) == event


def test_a_record_of_before_is_read():
    event = EvaluationEvent(5, "validation", 8, False, 1, (score(),), best=True)
    line = to_json(event)
    without = line.replace(', "spread": null, "support_spread": null', "")
    assert without != line
    assert from_json(without) == event
