"""What every registered meta-learner promises, new ones included."""

from __future__ import annotations

import re

import pytest
import torch

from tests.algorithms.problems import classification, double, flat, regression, seeded
from workbench.core.config.run_config import kinds
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.params import named_leaves, tree_map

LEARNERS = kinds("algorithm")
pytestmark = pytest.mark.parametrize(
    "learner", [kind() for kind in LEARNERS.values()], ids=LEARNERS
)


def begun(learner: MetaLearner, problem=classification):
    task, params, episode = problem()
    meta = double(learner.start(params, seeded()))
    state = double(learner.state(learner.weights(meta)))
    return task, meta, state, episode


def test_it_says_what_it_is(learner):
    for fact in ("title", "paper", "order", "adapts", "memory", "update_rule"):
        assert getattr(learner, fact)


def test_it_explains_each_symbol_of_its_update_rule_and_no_other(learner):
    rule, legend = learner.update_rule, learner.legend()
    greek_or_capital = {sign for sign in rule if "Α" <= sign <= "ω" or sign.isupper()}
    assert greek_or_capital <= set(legend)
    assert set(legend) <= set(re.findall(r"[^\W_]", rule))
    assert set(learner.symbols) <= set(legend)
    assert all(legend.values())


def test_adapting_begins_at_its_weights_and_takes_a_step_a_batch(learner):
    task, meta, state, episode = begun(learner)
    iterates = list(learner.adapt(task, meta, episode.batches(3), state))
    assert len(iterates) == 4
    assert torch.equal(flat(iterates[0]), flat(learner.weights(meta)))
    assert not torch.equal(flat(iterates[1]), flat(iterates[0]))


def test_adapting_lowers_the_support_loss(learner):
    problem = classification if learner.needs_classes else regression
    task, meta, state, episode = begun(learner, problem)
    iterates = list(learner.adapt(task, meta, episode.batches(10), state))
    before, after = (task.loss(w, episode.support) for w in (iterates[0], iterates[-1]))
    assert after < before


def test_its_gradient_has_the_shape_of_its_meta_parameters(learner):
    task, meta, state, episode = begun(learner)
    said = learner.meta_gradient(task, meta, episode, state)
    shapes = {name: leaf.shape for name, leaf in named_leaves(meta)}
    assert {n: leaf.shape for n, leaf in named_leaves(said.gradient)} == shapes
    assert flat(said.gradient).isfinite().all()
    assert said.loss.shape == said.accuracy.shape == ()


def test_its_own_figures_are_those_it_names(learner):
    task, meta, state, episode = begun(learner)
    said = learner.meta_gradient(task, meta, episode, state)
    assert set(said.extras) == {extra.name for extra in learner.extras}
    for extra in learner.extras:
        assert extra.title
        assert extra.help.endswith(".")


def test_nothing_it_is_given_is_changed(learner):
    task, meta, state, episode = begun(learner)
    copies = tree_map(torch.clone, meta), tree_map(torch.clone, state)
    learner.meta_gradient(task, meta, episode, state)
    list(learner.adapt(task, meta, episode.batches(2), state))
    for tree, copy in zip((meta, state), copies, strict=True):
        for (_, leaf), (_, before) in zip(
            named_leaves(tree), named_leaves(copy), strict=True
        ):
            assert torch.equal(leaf, before)


def test_the_same_episode_gives_the_same_gradient(learner):
    task, meta, state, episode = begun(learner)
    one, other = (
        learner.meta_gradient(task, meta, episode, state).gradient for _ in range(2)
    )
    assert torch.equal(flat(one), flat(other))
