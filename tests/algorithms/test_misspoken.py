"""Learners of others that do not say what a learner must say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import torch

from tests.algorithms.problems import double, flat, regression, seeded
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.core.base.plugins import MemberError
from workbench.core.learning.looks import looks_at
from workbench.core.learning.meta_learner import TaskGradient
from workbench.core.learning.params import Params


def said_by(learner: MetaSgd) -> TaskGradient:
    task, params, episode = regression()
    meta = double(learner.start(params, seeded()))
    return task.task_gradient(learner, meta, {}, episode)


class Reversed(MetaSgd):
    def meta_gradient(self, *given: Any) -> TaskGradient:
        said = super().meta_gradient(*given)
        return said._replace(gradient=dict(reversed(said.gradient.items())))


class WithoutRates(MetaSgd):
    def meta_gradient(self, *given: Any) -> TaskGradient:
        said = super().meta_gradient(*given)
        return said._replace(gradient={"theta": said.gradient["theta"]})


class WithMore(MetaSgd):
    def meta_gradient(self, *given: Any) -> TaskGradient:
        said = super().meta_gradient(*given)
        return said._replace(gradient={**said.gradient, "decay": said.loss})


class Bare(MetaSgd):
    def meta_gradient(self, *given: Any) -> Any:
        return super().meta_gradient(*given).gradient


def test_a_gradient_in_another_order_is_put_in_that_of_the_meta_parameters():
    gradient = said_by(Reversed()).gradient
    assert list(gradient) == ["theta", "alpha"]
    assert torch.equal(flat(gradient), flat(said_by(MetaSgd()).gradient))


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        (WithoutRates, "gives no gradient by 'alpha/head.bias', which start put into"),
        (WithMore, "gives a gradient by 'decay', which start did not put into meta"),
        (Bare, "returns a dict, and must return a TaskGradient"),
    ],
)
def test_what_is_not_the_gradient_of_the_meta_parameters_is_named(learner, said):
    with pytest.raises(MemberError, match=f"Meta-SGD: meta_gradient {said}"):
        said_by(learner())


class OnlySteps(MetaSgd):
    def adapt(self, *given: Any) -> Iterator[Params]:
        return islice(super().adapt(*given), 1, None)


class OnlyHeads(MetaSgd):
    def adapt(self, *given: Any) -> Iterator[Params]:
        for weights in super().adapt(*given):
            yield {name: weights[name] for name in weights if "head" in name}


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        (OnlySteps, "weights 3 times in 3 inner steps, and must yield them at the"),
        (OnlyHeads, "no 'hidden1.weight', and must yield all of the model's weights"),
    ],
)
def test_what_are_not_the_weights_at_every_inner_step_is_named(learner, said):
    task, params, episode = regression()
    meta = double(learner().start(params, seeded()))
    with pytest.raises(MemberError, match=f"Meta-SGD: adapt yields {said}"):
        list(looks_at(learner(), task, meta, {}, episode, 3, transductive=True))
