"""A model's body is not computed again while only the head moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.made_members import learners
from tests.sketch_runs import made_run
from workbench.core.learning.episode import Episode, Examples
from workbench.core.results.challenge import run_challenge
from workbench.core.results.challenge_figures import WAYS
from workbench.core.training.trained import Trained
from workbench.models.conv4 import Conv4


class Counting(Conv4):
    """Remembers how many pictures it embedded at once, time after time."""

    def embed(self, params, x):
        embedded.append(len(x))
        return super().embed(params, x)


embedded: list[int] = []


def episode(queries: int = 3) -> Episode:
    generator = torch.Generator().manual_seed(0)
    support, query = (
        torch.rand(n, 1, 28, 28, generator=generator) for n in (WAYS, queries)
    )
    return Episode(
        Examples(support, torch.arange(WAYS)),
        Examples(query, torch.arange(WAYS)[:queries]),
    )


def counting(run: Path, **changes: object) -> Trained:
    trained = Trained.load(made_run(run, **changes))
    model = Counting(**trained.config.model.model_dump())
    config = trained.config.model_copy(update={"model": model})
    embedded.clear()
    return replace(trained, config=config)


@pytest.mark.parametrize("steps", [1, 4])
def test_with_the_head_alone_adapted_steps_cost_no_body(
    tmp_path: Path, steps: int
) -> None:
    trained = counting(tmp_path, algorithm__kind="anil", model__norm="layer")
    trained.look(episode(), steps)
    # The support once to learn from and once to look at.
    assert sorted(embedded) == [3, WAYS, WAYS]


def test_with_all_weights_adapted_every_step_has_a_body_of_its_own(
    tmp_path: Path,
) -> None:
    trained = counting(tmp_path, algorithm__kind="maml", model__norm="layer")
    trained.look(episode(), 2)
    assert embedded.count(3) == 3


def test_the_challenge_asks_for_the_answers_after_the_last_step_alone(
    tmp_path: Path,
) -> None:
    trained = counting(tmp_path, algorithm__kind="maml", model__norm="layer")
    run_challenge(trained, [episode()])
    steps = trained.config.evaluation.steps
    assert embedded == [*[WAYS] * steps, 3]


@pytest.mark.parametrize("norm", ["batch", "layer"])
@pytest.mark.parametrize("kind", learners("classification"))
def test_the_challenge_counts_what_a_look_shows_last(
    tmp_path: Path, kind: str, norm: str
) -> None:
    small = {"model__filters": 2, "evaluation__steps": 2}
    run = made_run(tmp_path, algorithm__kind=kind, model__norm=norm, **small)
    trained, asked = Trained.load(run), episode(WAYS)
    steps = trained.config.evaluation.steps
    for transductive, wrong in zip(
        (False, True), run_challenge(trained, [asked]), strict=True
    ):
        shown = trained.look(asked, steps, transductive=transductive).query_outputs[-1]
        assert wrong == (int((shown.argmax(-1) != asked.query.y).sum()),)
