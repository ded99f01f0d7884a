"""Every engine is the plain loop to rounding, and a replay is the call to the bit."""

from __future__ import annotations

import functools
import itertools
import logging

import pytest
import torch
from torch.utils import _pytree

from workbench.algorithms.anil import Anil
from workbench.algorithms.fomaml import FirstOrderMaml
from workbench.algorithms.imaml import ImplicitMaml
from workbench.algorithms.inner_gradients import InnerGradients
from workbench.algorithms.joint import Joint
from workbench.algorithms.maml import Maml
from workbench.algorithms.maml_pp import MamlPlusPlus
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.algorithms.protonet import PrototypicalNetworks
from workbench.algorithms.reptile import Reptile
from workbench.core.engine.engine import Engine, LoopEngine, ThreadEngine, VmapEngine
from workbench.core.engine.tracing import Traces
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.objective import TaskObjective
from workbench.models.conv4 import Conv4
from workbench.models.mlp import Mlp

TASKS = 3
LEARNERS = [
    Maml(inner_lr=0.1, inner_steps=2),
    FirstOrderMaml(inner_lr=0.1, inner_steps=2),
    MetaSgd(inner_steps=2),
    ImplicitMaml(inner_steps=2, cg_steps=2, proximal=20.0),
    ImplicitMaml(inner_solver="hessian-free", inner_steps=1, cg_steps=2, proximal=20.0),
    Reptile(inner_steps=2, batch=None),
    Reptile(inner_steps=2, batch=None, inner_optimiser="sgd"),
    Anil(inner_steps=2),
    MamlPlusPlus(inner_steps=2),
    Joint(),
    InnerGradients(inner_steps=3, averaged=2),
]
PROTOTYPES = PrototypicalNetworks()
MODELS = [Mlp(hidden=(6, 5), initial="xavier"), Conv4(filters=3)]
VARIANTS = [
    Mlp(hidden=(6,), initial="xavier", norm="layer"),
    Conv4(filters=3, head="shared"),
    Conv4(filters=3, downsample="max-pool", features="flatten", norm="layer"),
]
DTYPES = [torch.float64, torch.float32]
CASES = [
    *itertools.product(MODELS, LEARNERS, DTYPES[:1]),
    *itertools.product(MODELS[:1], LEARNERS, DTYPES[1:]),
    *itertools.product(MODELS[1:], LEARNERS[:1] + LEARNERS[4:5], DTYPES[1:]),
    *itertools.product([MODELS[1], *VARIANTS[1:]], [PROTOTYPES], DTYPES),
    *itertools.product(VARIANTS, LEARNERS[:1], DTYPES),
    *itertools.product(VARIANTS, LEARNERS[4:5], DTYPES[:1]),  # by Hessians as well
]
ENGINES = [lambda: ThreadEngine(2), VmapEngine]
CALLS = 4
"""Enough for an engine to write down what it does, to check it and to replay it."""


def batch_of(
    model: ModelSettings, dtype: torch.dtype
) -> tuple[TaskObjective, dict[str, torch.Tensor], Episode]:
    """A meta-batch of random tasks, and parameters to meet them with."""
    generator = torch.Generator().manual_seed(0)
    ways = 3 if model.needs_images else None
    shape = (1, 16, 16) if model.needs_images else (2,)
    params = model.start(shape, ways or 1, generator)
    x = torch.rand(TASKS, 9, *shape, generator=generator).to(dtype)
    y = x[:, :, :1].sin() if ways is None else torch.arange(9).repeat(TASKS, 1) % 3
    episodes = Episode(Examples(x[:, :3], y[:, :3]), Examples(x[:, 3:], y[:, 3:]))
    task = TaskObjective(model, ways)
    return task, {name: leaf.to(dtype) for name, leaf in params.items()}, episodes


def assert_same_trees(actual, expected, **tolerance) -> None:
    actual_leaves, actual_shape = _pytree.tree_flatten(actual)
    expected_leaves, expected_shape = _pytree.tree_flatten(expected)
    assert actual_shape == expected_shape
    torch.testing.assert_close(actual_leaves, expected_leaves, **tolerance)


def to(tree, dtype: torch.dtype):
    return _pytree.tree_map(lambda leaf: leaf.to(dtype), tree)


@pytest.mark.parametrize(
    ("model", "learner", "dtype"),
    CASES,
    ids=lambda part: getattr(part, "kind", str(part)),
)
def test_every_engine_says_what_the_plain_loop_says(
    model: ModelSettings, learner: MetaLearner, dtype: torch.dtype
) -> None:
    task, params, episodes = batch_of(model, dtype)
    meta = to(learner.start(params, torch.Generator().manual_seed(1)), dtype)
    state = to(learner.state(params), dtype)
    function = functools.partial(task.task_gradient, learner)
    expected = LoopEngine().mean(function, episodes, meta, state)
    tolerance = {"rtol": 1e-9, "atol": 1e-10}
    if dtype == torch.float32:
        tolerance = {"rtol": 1e-3, "atol": 1e-4}
    for make_engine in ENGINES:
        engine: Engine = make_engine()
        for _ in range(CALLS):
            actual = engine.mean(function, episodes, meta, state)
            assert_same_trees(actual, expected, **tolerance)
            assert all(leaf.is_contiguous() for leaf in _pytree.tree_leaves(actual))


@pytest.mark.parametrize(
    "make_engine", [LoopEngine, *ENGINES], ids=["loop", "threads", "vmap"]
)
def test_a_map_stacks_the_results_in_the_order_of_the_tasks(make_engine) -> None:
    task, params, episodes = batch_of(Mlp(hidden=(4,), initial="xavier"), torch.float64)
    engine: Engine = make_engine()

    def query_loss(params, episode):
        return task.loss(params, episode.query)

    expected = torch.stack(
        [task.loss(params, Examples(*one)) for one in zip(*episodes.query, strict=True)]
    )
    for _ in range(CALLS):
        losses = engine.map(query_loss, episodes, params)
        torch.testing.assert_close(losses, expected)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("method", ["map", "mean"])
@pytest.mark.parametrize(
    "make_engine", [LoopEngine, *ENGINES], ids=["loop", "threads", "vmap"]
)
def test_no_engine_shares_a_tasks_operations_between_cores(make_engine, method) -> None:
    _, params, episodes = batch_of(Mlp(hidden=(4,), initial="xavier"), torch.float64)
    seen = set()

    def threads(params, episode):
        seen.add(torch.get_num_threads())
        return episode.query.x.mean()

    getattr(make_engine(), method)(threads, episodes, params)
    assert seen == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("make_engine", ENGINES, ids=["threads", "vmap"])
def test_minibatches_of_an_order_are_the_same_in_every_engine(make_engine) -> None:
    task, params, episodes = batch_of(Mlp(hidden=(4,), initial="xavier"), torch.float64)
    order = torch.tensor([[[2, 1], [0, 2]], [[0, 1], [1, 2]], [[1, 0], [2, 0]]])
    episodes = episodes._replace(order=order)
    learner = Reptile(inner_steps=3, batch=2)
    function = functools.partial(task.task_gradient, learner)
    state = to(learner.state(params), torch.float64)
    expected = LoopEngine().mean(function, episodes, params, state)
    engine: Engine = make_engine()
    for _ in range(CALLS):
        actual = engine.mean(function, episodes, params, state)
        assert_same_trees(actual, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("model", "learner"),
    [
        *itertools.product([Mlp(hidden=(6, 5)), Conv4(filters=3)], LEARNERS),
        (Conv4(filters=3), PROTOTYPES),
    ],
    ids=lambda part: part.kind,
)
def test_a_replay_is_the_call_to_the_last_bit(model, learner) -> None:
    task, params, episodes = batch_of(model, torch.float32)
    episode = Episode(*(Examples(*(part[0] for part in pair)) for pair in episodes[:2]))
    meta = learner.start(params, torch.Generator().manual_seed(1))
    function = functools.partial(task.task_gradient, learner)
    expected = function(meta, learner.state(params), episode)
    traces = Traces()
    for _ in range(CALLS):
        actual = traces(function, meta, learner.state(params), episode)
        assert_same_trees(actual, expected, rtol=0, atol=0)


def test_a_replay_follows_its_arguments_and_leaves_them_alone() -> None:
    traces = Traces()
    x = torch.arange(3.0)

    def function(tree):
        doubled = tree["x"] * 2
        doubled += 1
        return {"y": doubled, "x": tree["x"]}

    for scale in range(1, 6):
        result = traces(function, {"x": x * scale})
        torch.testing.assert_close(result["y"], 2 * x * scale + 1)
        torch.testing.assert_close(result["x"], x * scale)


def test_what_is_written_down_is_done_once() -> None:
    traces, done = Traces(), []

    def function(x):
        done.append(x)
        return x * 2

    for number in range(CALLS):
        assert traces(function, torch.tensor([number])) == 2 * number
    assert len(done) == CALLS - 1


def test_a_result_that_is_changed_changes_no_other(caplog) -> None:
    def function(x):
        return x + 1, torch.zeros(2) + 3

    traces = Traces()
    for number in range(CALLS + 1):
        for result in traces(function, torch.full((2,), number)):
            expected = number + 1 if result.dtype == torch.int64 else 3
            assert result.tolist() == [expected, expected]
            result += 1
    assert caplog.messages == []


def test_a_result_that_is_changed_changes_no_number_that_replays_read(caplog) -> None:
    def function(x):
        constant = torch.zeros(2) + 3
        return x + constant, constant[:1]

    traces = Traces()
    for number in range(CALLS + 1):
        total, part = traces(function, torch.full((2,), float(number)))
        assert (total.tolist(), part.tolist()) == ([number + 3] * 2, [3])
        part += 1
    assert caplog.messages == []


def test_a_replay_looks_into_an_argument_wherever_it_begins() -> None:
    traces = Traces()
    x = torch.arange(24.0).view(6, 2, 2)

    def function(x):
        return x[1] * 2, x[:, 1], torch.cat([x[1], x[0]]).expand(2, 4)

    for one in x:
        assert_same_trees(traces(function, one), function(one), rtol=0, atol=0)


def test_a_replay_looks_into_what_a_neutral_operation_returned(caplog) -> None:
    traces = Traces()
    x = torch.arange(24.0).view(6, 2, 2)

    def function(x):
        return (x + torch.zeros_like(x))[1] * 2

    for one in x[1:]:
        assert_same_trees(traces(function, one), function(one), rtol=0, atol=0)
    assert not caplog.records


def test_new_shapes_are_traced_anew() -> None:
    traces = Traces()

    def function(x):
        return x.sum() + len(x)

    for size in (2, 3, 2, 3, 2, 3, 2, 3, 2, 3):
        assert traces(function, torch.ones(size)) == 2 * size


def test_what_depends_on_the_numbers_is_called_as_it_is(caplog) -> None:
    def function(x):
        return x if x.sum().item() > 0 else -x

    traces = Traces()
    with caplog.at_level(logging.INFO, "workbench.core.engine.tracing"):
        for sign in (1, -1, 1, -1, 1, -1):
            assert torch.equal(traces(function, torch.ones(2) * sign), torch.ones(2))
    assert sum("Not traced" in message for message in caplog.messages) == 1


def test_what_is_too_long_to_write_down_is_called_as_it_is(monkeypatch) -> None:
    monkeypatch.setattr("workbench.core.engine.tracing._MOST_OPERATIONS", 5)
    traces = Traces()

    def function(x):
        return sum(x + number for number in range(10))

    for _ in range(CALLS):
        assert traces(function, torch.zeros(())) == 45


def test_an_error_of_the_function_reaches_the_caller() -> None:
    traces = Traces()

    def function(x):
        return x.view(7)

    for _ in range(CALLS):
        with pytest.raises(RuntimeError, match="shape"):
            traces(function, torch.zeros(3))
