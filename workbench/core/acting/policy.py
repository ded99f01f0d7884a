"""A policy and its losses: actions drawn from a Gaussian around the model's outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from typing_extensions import override

from workbench.core.acting.trajectories import LOG_SD, Trajectories
from workbench.core.base.lazy import torch
from workbench.core.learning.dense import dense
from workbench.core.learning.episode import Examples
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskSettings


@dataclass(frozen=True)
class PolicyObjective(TaskObjective):
    """Losses of acting in one task, as pure functions of the policy's weights.

    Trajectories are constants: a gradient goes through the probability of the actions
    that were taken.
    """

    @override
    def unscaled(self) -> PolicyObjective:
        return replace(self, factor=1.0)

    @override
    def loss(self, params: Params, examples: Examples) -> torch.Tensor:
        """Return the policy gradient's -mean(log p(action) advantage)."""
        acted = _trajectories(examples)
        chances = log_chance(self.outputs(params, acted.x), params[LOG_SD], acted.y)
        return -_mean(chances * acted.advantage, acted.going)

    @override
    def head_loss(self, head: Params, embedded: Examples) -> torch.Tensor:
        acted = _trajectories(embedded)
        means = dense(head, "head", acted.x)
        # The log sd is no part of the head: what acted is what acts.
        chances = log_chance(means, acted.log_sd[0], acted.y)
        return -_mean(chances * acted.advantage, acted.going)

    @override
    def score(
        self, params: Params, examples: Examples
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return -mean(p(action) / p_acted(action) advantage), and the mean return."""
        acted = _trajectories(examples)
        before = log_chance(acted.mean, acted.log_sd[..., None, :], acted.y)
        chances = log_chance(self.outputs(params, acted.x), params[LOG_SD], acted.y)
        ratio = (chances - before).exp()
        return -_mean(ratio * acted.advantage, acted.going), acted.returns.mean()

    @override
    def told(self, loss: float, accuracy: float) -> tuple[float, None]:
        """Return minus the mean return, which is the papers' loss."""
        return -accuracy, None

    def divergence(self, params: Params, examples: Examples) -> torch.Tensor:
        """Return the mean KL of what acted from the policy of these weights."""
        acted = _trajectories(examples)
        means = self.outputs(params, acted.x)
        old = acted.mean, acted.log_sd[..., None, :]
        return _mean(gaussian_divergence(*old, means, params[LOG_SD]), acted.going)

    @override
    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        embedded = self.model.embed(params, x.reshape(-1, x.shape[-1]))
        return embedded.reshape(*x.shape[:-1], embedded.shape[-1])


def objective_of(
    model: ModelSettings, task: TaskSettings, views: int = 1
) -> TaskObjective:
    """Return the objective of a model on tasks of any problem."""
    if task.problem == "reinforcement":
        return PolicyObjective(model, None)
    return TaskObjective.of(model, task, views)


def log_chance(
    mean: torch.Tensor, log_sd: torch.Tensor, action: torch.Tensor
) -> torch.Tensor:
    """Return the log density of actions [..., a] under independent Gaussians."""
    steps = (action - mean) * (-log_sd).exp()
    constant = 0.5 * math.log(2 * math.pi)
    return -(0.5 * steps.square() + log_sd + constant).sum(-1)


def gaussian_divergence(
    mean: torch.Tensor, log_sd: torch.Tensor, mean2: torch.Tensor, log_sd2: torch.Tensor
) -> torch.Tensor:
    """Return KL(first, second) of independent Gaussians over the last axis."""
    moved = (mean - mean2).square() + (2 * log_sd).exp()
    return (log_sd2 - log_sd + 0.5 * moved * (-2 * log_sd2).exp() - 0.5).sum(-1)


def _mean(values: torch.Tensor, going: torch.Tensor) -> torch.Tensor:
    return (values * going).sum() / going.sum()


def _trajectories(examples: Examples | Trajectories) -> Trajectories:
    assert isinstance(examples, Trajectories)
    return examples
