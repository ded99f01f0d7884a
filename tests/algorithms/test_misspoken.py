"""Learners of others that do not say what a learner must say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.algorithms.problems import double, flat, regression, seeded
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.core.base.plugins import MemberError
from workbench.core.learning.meta_learner import TaskGradient


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
