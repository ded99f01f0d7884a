"""Adapting once and asking often gives what adapting for every query gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.made_members import has_inner_loop, learners
from tests.sketch_runs import made_run
from workbench.core.config.run_config import ConfigError, kinds
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import gradient_step, inner_loop
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.sketch.adapted import adapt
from workbench.core.training.trained import Trained


def episode(ways: int, shots: int = 1) -> Episode:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(ways * shots + 3, 1, 28, 28, generator=generator)
    y = torch.arange(ways).repeat_interleave(shots)
    return Episode(
        Examples(x[: len(y)], y), Examples(x[len(y) :], torch.zeros(3).long())
    )


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
@pytest.mark.parametrize("transductive", [True, False])
@pytest.mark.parametrize("kind", learners("classification"))
def test_probabilities_are_those_of_a_look(
    tmp_path: Path, norm: str, transductive: bool, kind: str
) -> None:
    run = made_run(tmp_path, model__norm=norm, algorithm__kind=kind)
    trained, task = Trained.load(run), episode(4, shots=2)
    look = trained.look(task, 3, transductive=transductive)
    adapted = adapt(trained, task.support, 3)
    said = adapted.replies(task.query.x, transductive=transductive)
    found = said.outputs.softmax(-1)
    torch.testing.assert_close(found, look.query_outputs.softmax(-1))
    torch.testing.assert_close(
        torch.tensor(adapted.support_loss()), look.support_loss.detach()
    )


@pytest.mark.parametrize("ways", [2, 7, 20])
def test_a_shared_head_serves_any_number_of_ways(tmp_path: Path, ways: int) -> None:
    task = episode(ways)
    adapted = adapt(Trained.load(made_run(tmp_path)), task.support, 5)
    said = adapted.replies(task.query.x, transductive=False)
    found = said.outputs.softmax(-1)
    assert found.shape == (6, 3, ways)
    torch.testing.assert_close(found[0], torch.full((3, ways), 1 / ways))
    assert adapted.support_loss()[-1] < adapted.support_loss()[0]


def test_a_loss_summed_over_ways_steps_as_far_at_any_number_of_ways(
    tmp_path: Path,
) -> None:
    trained = Trained.load(made_run(tmp_path, task__reduction="sum over ways"))
    task = episode(5)
    twice = Examples(task.support.x.repeat(2, 1, 1, 1), torch.arange(10))
    few, many = (adapt(trained, support, 1) for support in (task.support, twice))
    moved = [
        (a.iterates[1]["head.weight"] - a.iterates[0]["head.weight"])[0].norm()
        for a in (few, many)
    ]
    assert 0.5 < moved[0] / moved[1] < 2


def test_twice_the_rate_is_twice_the_first_step(tmp_path: Path) -> None:
    for kind in filter(has_inner_loop, kinds("algorithm")):
        trained = Trained.load(made_run(tmp_path, algorithm__kind=kind))
        support = episode(3).support
        steps = [adapt(trained, support, 1, rate=rate).iterates for rate in (1.0, 2.0)]
        once, twice = (i[1]["head.weight"] - i[0]["head.weight"] for i in steps)
        torch.testing.assert_close(twice, 2 * once, rtol=1e-4, atol=1e-7)


def test_a_learner_without_an_inner_rate_says_so_when_asked_for_another(
    tmp_path: Path,
) -> None:
    class Fixed(MetaLearner):
        title = "Fixed"
        kind: str = "fixed"

        def adapt(self, task, meta, batches, state):
            return inner_loop(gradient_step(task, 0.1, None), meta, batches)

        def meta_gradient(self, task, meta, episode, state):
            raise NotImplementedError

    trained = Trained.load(made_run(tmp_path))
    config = trained.config.model_copy(update={"algorithm": Fixed()})
    trained, support = replace(trained, config=config), episode(3).support
    assert adapt(trained, support, 1).steps == 1
    with pytest.raises(ConfigError, match="Fixed has no inner learning rate"):
        adapt(trained, support, 1, rate=2.0)
