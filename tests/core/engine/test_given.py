"""What does not depend on what varies is done once, and the result is the call's."""

from __future__ import annotations

import pytest
import torch

from tests.core.acting.made_tasks import collected, small_config, started
from workbench.core.acting.curvature import Curvature
from workbench.core.acting.policy import objective_of
from workbench.core.engine.engine import LoopEngine, ThreadEngine, VmapEngine
from workbench.core.engine.tracing import CALLS_AS_WRITTEN, Traces
from workbench.core.learning.params import named_leaves, tree_map

CALLS = CALLS_AS_WRITTEN + 3


def function(tree, weights, rows):
    """Return what depends on all, on some and on none of them."""
    rooted = weights.exp()[1:] + 1
    return {
        "both": tree["x"] * rooted + rows[2],
        "tree": tree["x"] + 1,
        "itself": tree["x"],
        "others": rooted * 2,
        "view": rows[1],
        "none": torch.zeros(2) + 3,
    }


def test_given_all_others_a_function_is_the_same_to_the_last_bit():
    traces, weights, rows = Traces(), torch.rand(4), torch.rand(5, 3)
    of_x = traces.given(function, weights, rows)
    for _ in range(CALLS):
        x = torch.rand(3)
        said, called = of_x({"x": x}), function({"x": x}, weights, rows)
        assert said.keys() == called.keys()
        for name, leaf in said.items():
            assert torch.equal(leaf, called[name]), name


def test_what_was_given_is_read_once():
    traces, weights, rows = Traces(), torch.rand(4), torch.rand(5, 3)
    of_x, x = traces.given(function, weights, rows), {"x": torch.ones(3)}
    before = [of_x(x)["both"].clone() for _ in range(CALLS)][-1]
    weights += 1
    assert torch.equal(of_x(x)["both"], before)
    assert not torch.equal(traces(function, x, weights, rows)["both"], before)
    anew = traces.given(function, weights, rows)
    assert torch.equal(anew(x)["both"], function(x, weights, rows)["both"])


def test_a_result_that_is_changed_changes_none_that_follows():
    traces, weights, rows = Traces(), torch.rand(4), torch.rand(5, 3)
    of_x = traces.given(function, weights, rows)
    for _ in range(CALLS):
        x = {"x": torch.ones(3)}
        said = of_x(x)
        for name in ("both", "others", "none"):
            assert torch.equal(said[name], function(x, weights, rows)[name]), name
            said[name] += 1


@pytest.mark.parametrize("learner", ["maml", "meta-sgd", "joint", "anil"])
@pytest.mark.parametrize("make", [LoopEngine, lambda: ThreadEngine(2), VmapEngine])
def test_a_curvature_is_the_mean_of_its_tasks(make, learner):
    config = small_config(learner)
    meta, state = started(config)
    steps = config.algorithm.inner_steps if learner != "joint" else 0
    episodes = collected(config, meta, state, steps)
    objective = objective_of(config.model, config.task)
    of_task = Curvature(config.algorithm, objective)
    given = make().mean_given(of_task, episodes, meta, state)
    for _ in range(CALLS):
        vector = tree_map(torch.randn_like, meta)
        expected = LoopEngine().mean(of_task, episodes, vector, meta, state)
        said = dict(named_leaves(given(vector)))
        for name, leaf in named_leaves(expected):
            torch.testing.assert_close(said[name], leaf, rtol=1e-9, atol=1e-10)
