"""Evaluations, and what a trained learner says about one episode."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from tests.made_runs import small_config, trained
from workbench.core.config.run_config import ConfigError
from workbench.core.learning.looks import draw_order, looks_at
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import tree_map
from workbench.core.training.evaluation import ci95
from workbench.core.training.judging import evaluate, under
from workbench.core.training.sampling import sample
from workbench.core.training.trained import Trained
from workbench.models.conv4 import Conv4

CPU = torch.device("cpu")


def evaluated(learner: Trained, path, **changes):
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    return evaluate(under(learner, dotted), data=path, device=CPU)


@pytest.fixture
def learner(tmp_path) -> Trained:
    return Trained.load(trained(tmp_path))


def test_the_interval_is_that_of_the_papers():
    values = torch.tensor([1.0, 2.0, 4.0, 9.0])
    assert ci95(values).item() == pytest.approx(1.96 * values.std().item() / 2)


def test_scores_are_the_means_over_tasks(learner, tmp_path):
    result = evaluated(learner, tmp_path, evaluation__tasks=30)
    final = [task[-1] for task in result.query_loss]
    assert len(final) == 30
    assert result.final.loss == pytest.approx(sum(final) / 30)
    assert result.final.loss_ci95 == pytest.approx(ci95(torch.tensor(final)).item())


def test_more_tasks_begin_with_the_same_tasks(learner, tmp_path):
    few = evaluated(learner, tmp_path, evaluation__tasks=7)
    many = evaluated(learner, tmp_path, evaluation__tasks=25)
    torch.testing.assert_close(
        torch.tensor(many.query_loss[:7]), torch.tensor(few.query_loss)
    )


def test_an_evaluation_agrees_with_a_look_at_each_episode(learner, tmp_path):
    result = evaluated(learner, tmp_path, evaluation__tasks=3)
    config = learner.config
    family = config.task.open(tmp_path, CPU)
    episodes = sample(config, family, "test", 0, 20, seed=0, device=CPU)
    for task in range(3):
        episode = tree_of(episodes, task)
        look = learner.look(episode, config.evaluation.steps)
        assert look.query_loss.tolist() == pytest.approx(result.query_loss[task])


def tree_of(episodes, task):
    support, query, _ = episodes
    return type(episodes)(
        type(support)(support.x[task], support.y[task]),
        type(query)(query.x[task], query.y[task]),
    )


def test_cancelling_is_an_exception_from_progress(learner, tmp_path):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(learner, data=tmp_path, device=CPU, progress=stop)


def test_a_head_per_class_says_which_ways_it_serves():
    config = small_config().replace(
        {"task.kind": "omniglot", "model.kind": "conv4", "model.filters": 2}
    )
    learner = Trained(config, {}, {}, 0)
    with pytest.raises(ConfigError, match=r"serves 5 ways.*model\.head = 'shared'"):
        under(learner, {"task.ways": 7})


def test_minibatches_go_through_the_support_before_they_repeat():
    config = small_config(algorithm__kind="reptile", algorithm__batch=3)
    labels = torch.zeros(4, 9)
    order = draw_order(config.algorithm, labels, 6, torch.Generator(), training=True)
    assert order.shape == (4, 6, 3)
    for task in order:
        for third in (task[:3], task[3:]):
            assert sorted(third.flatten().tolist()) == list(range(9))


def test_with_replacement_each_minibatch_is_drawn_from_the_whole_support():
    config = small_config(
        algorithm__kind="inner-gradients",
        algorithm__inner_steps=300,
        algorithm__batch=3,
        algorithm__replacement=True,
    )
    labels, generator = torch.zeros(1, 9), torch.Generator().manual_seed(0)
    order = draw_order(config.algorithm, labels, 300, generator, training=True)
    assert order.shape == (1, 300, 3)
    assert all(len(set(rows)) == 3 for rows in order[0].tolist())
    firsts = [set(order[0, step : step + 3].flatten().tolist()) for step in range(298)]
    assert sum(len(first) == 9 for first in firsts) < 30  # by chance, in 1 of 28
    counts = order.flatten().bincount(minlength=9)
    assert counts.sum() == 900
    assert 70 < counts.min() <= counts.max() < 130


def characters(
    norm: str, head: str = "per class"
) -> tuple[TaskObjective, dict, object]:
    model = Conv4(filters=4, norm=norm, head=head)
    generator = torch.Generator().manual_seed(0)
    rows = 1 if head == "shared" else 3
    params = model.start((1, 28, 28), rows, generator)
    from workbench.core.learning.episode import Episode, Examples

    x = torch.rand(9, 1, 28, 28, generator=generator)
    y = torch.arange(3).repeat(3)
    return (
        TaskObjective(model, 3),
        params,
        Episode(Examples(x[:3], y[:3]), Examples(x[3:], y[3:])),
    )


def test_one_at_a_time_each_query_is_alone_beside_the_support():
    objective, params, episode = characters("batch")
    outputs = objective.answers(params, episode, transductive=False)
    for x, output in zip(episode.query.x, outputs, strict=True):
        batch = torch.cat([episode.support.x, x[None]])
        expected = objective.model.apply(params, batch)[-1]
        torch.testing.assert_close(output, expected, rtol=1e-4, atol=1e-5)


def test_with_batch_norm_it_matters_what_is_classified_together():
    objective, params, episode = characters("batch")
    together = objective.answers(params, episode, transductive=True)
    alone = objective.answers(params, episode, transductive=False)
    assert not torch.allclose(together, alone, atol=1e-3)


def test_with_layer_norm_it_does_not():
    objective, params, episode = characters("layer")
    together = objective.answers(params, episode, transductive=True)
    alone = objective.answers(params, episode, transductive=False)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_shared_head_is_one_row_copied_to_every_class():
    objective, params, _ = characters("batch", "shared")
    spread = objective.spread(params)
    assert params["head.weight"].shape[0] == 1
    assert spread["head.weight"].shape[0] == 3
    assert torch.equal(spread["head.weight"][0], spread["head.weight"][2])


def test_gathering_a_gradient_is_the_transpose_of_spreading():
    objective, params, _ = characters("batch", "shared")
    generator = torch.Generator().manual_seed(1)

    def drawn(leaf):
        return torch.randn(leaf.shape, generator=generator)

    direction = tree_map(drawn, params)
    gradient = tree_map(drawn, objective.spread(params))
    gathered = objective.gather(gradient, mean=False)
    left = sum((objective.spread(direction)[k] * gradient[k]).sum() for k in gradient)
    right = sum((direction[k] * gathered[k]).sum() for k in direction)
    assert math.isclose(left, right, rel_tol=1e-4)


def test_the_train_split_is_evaluated_as_any_other(learner, tmp_path):
    changes = {"evaluation.shots": 3, "evaluation.queries": 2}
    result = evaluate(under(learner, changes), data=tmp_path, device=CPU, split="train")
    assert (result.shots, result.queries, result.steps) == (3, 2, 2)
    assert len(result.by_step) == 3


def test_a_task_of_another_kind_of_problem_is_refused(learner):
    with pytest.raises(ConfigError, match=r"Omniglot is a classification, and this"):
        under(learner, {"task.kind": "omniglot"})


def test_a_regression_has_no_ways(learner):
    with pytest.raises(ConfigError, match=r"task\.ways: 7: a regression has no ways"):
        under(learner, {"task.ways": 7})


def of_characters(features: str) -> Trained:
    config = small_config().replace(
        {"task.kind": "omniglot", "model.kind": "conv4", "model.filters": 2}
        | {"task.queries": 3, "model.features": features}
    )
    params = config.model.start((1, 28, 28), 5, torch.Generator())
    return Trained(config, params, {}, 0)


def test_a_task_of_other_inputs_is_refused():
    with pytest.raises(ConfigError, match=r"gives inputs of 3 x 84 x 84, and this"):
        under(of_characters("flatten"), {"task.kind": "mini-imagenet"})


def test_the_task_a_learner_was_trained_on_is_remembered():
    learner = of_characters("mean")
    once = under(learner, {"task.split": "vinyals"})
    twice = under(once, {"task.split": "minimal-1"})
    assert twice.trained_on == learner.config.task


def test_a_look_reports_the_mean_loss_whatever_training_multiplies_it_by():
    objective, params, episode = characters("layer")
    config = of_characters("mean").config.replace({"model.norm": "layer"})
    looks = [
        next(
            looks_at(
                config.algorithm,
                replace(objective, factor=f),
                params,
                {},
                episode,
                0,
                transductive=True,
            )
        )
        for f in (1.0, 3.0)
    ]
    assert torch.equal(looks[0].query_loss, looks[1].query_loss)
    mean = torch.nn.functional.cross_entropy(looks[0].query_outputs, episode.query.y)
    torch.testing.assert_close(looks[0].query_loss, mean)
