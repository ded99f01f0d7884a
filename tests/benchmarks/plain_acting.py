"""A meta-step of navigation as it is usually written, for the workbench to be beside.

An object for each environment, stepped one after the other; a policy that is asked for
all trajectories of one task; tasks in a loop; a trust region's products through a graph
that is kept. The same network, trajectories, tasks and steps as a configuration has.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch.distributions import Independent, Normal, kl_divergence

HORIZON, DISCOUNT = 100, 0.99


class PointInPlane:
    """One environment: a point, and a goal."""

    def __init__(self, goal: np.ndarray) -> None:
        self.goal = goal
        self.place = np.zeros(2, np.float32)

    def reset(self) -> np.ndarray:
        """Begin anew at the origin."""
        self.place = np.zeros(2, np.float32)
        return self.place

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool]:
        """Return where it is then, the reward, and whether that is the goal."""
        self.place = self.place + 0.1 * np.clip(action, -1, 1)
        away = self.place - self.goal
        is_over = abs(away[0]) < 0.01 and abs(away[1]) < 0.01
        return self.place, -float(np.sqrt(away[0] ** 2 + away[1] ** 2)), is_over


@dataclass
class Batch:
    """Trajectories of one task, [number, horizon, ...]."""

    seen: torch.Tensor
    actions: torch.Tensor
    advantages: torch.Tensor
    going: torch.Tensor


class PlainTrpo:
    """MAML with a trust region over a dictionary of parameters."""

    def __init__(self, hidden: tuple[int, ...], inner_lr: float) -> None:
        widths = [2, *hidden, 2]
        self.inner_lr = inner_lr
        self.params: list[torch.Tensor] = []
        for inputs, outputs in pairwise(widths):
            weight = torch.empty(outputs, inputs)
            torch.nn.init.xavier_uniform_(weight)
            self.params += [weight, torch.zeros(outputs)]
        self.params = [each.requires_grad_() for each in [*self.params, torch.zeros(2)]]

    def policy(self, seen: torch.Tensor, params: list[torch.Tensor]) -> Independent:
        """Return the distribution of actions."""
        *layers, log_sd = params
        for place in range(0, len(layers), 2):
            seen = torch.nn.functional.linear(seen, layers[place], layers[place + 1])
            if place + 2 < len(layers):
                seen = seen.relu()
        return Independent(Normal(seen, log_sd.exp()), 1)

    def act(self, goal: np.ndarray, number: int, params: list[torch.Tensor]) -> Batch:
        """Return so many trajectories towards a goal."""
        worlds = [PointInPlane(goal) for _ in range(number)]
        seen = np.zeros((number, HORIZON, 2), np.float32)
        actions = np.zeros((number, HORIZON, 2), np.float32)
        rewards = np.zeros((number, HORIZON), np.float32)
        going = np.zeros((number, HORIZON), np.float32)
        now = np.stack([world.reset() for world in worlds])
        over = [False] * number
        with torch.no_grad():
            for step in range(HORIZON):
                chosen = self.policy(torch.from_numpy(now), params).sample().numpy()
                seen[:, step], actions[:, step] = now, chosen
                for one, world in enumerate(worlds):
                    if over[one]:
                        continue
                    going[one, step] = 1
                    place, rewards[one, step], over[one] = world.step(chosen[one])
                    now[one] = place
        return _with_advantages(seen, actions, rewards, going)

    def inner_loss(self, batch: Batch, params: list[torch.Tensor]) -> torch.Tensor:
        """Return the policy gradient's loss."""
        chances = self.policy(batch.seen, params).log_prob(batch.actions)
        return -(chances * batch.advantages * batch.going).sum() / batch.going.sum()

    def adapted(self, batch: Batch, *, keep: bool) -> list[torch.Tensor]:
        """Return the parameters after one inner step."""
        slopes = torch.autograd.grad(
            self.inner_loss(batch, self.params), self.params, create_graph=keep
        )
        pairs = zip(self.params, slopes, strict=True)
        return [param - self.inner_lr * slope for param, slope in pairs]

    def judged(
        self, support: Batch, query: Batch, old: Independent | None, *, keep: bool
    ) -> tuple[torch.Tensor, torch.Tensor, Independent]:
        """Return surrogate, KL and the policy that is not to be left."""
        now = self.policy(query.seen, self.adapted(support, keep=keep))
        if old is None:
            base = now.base_dist
            old = Independent(Normal(base.loc.detach(), base.scale.detach()), 1)
        ratio = (now.log_prob(query.actions) - old.log_prob(query.actions)).exp()
        going = query.going
        loss = -(ratio * query.advantages * going).sum() / going.sum()
        kl = (kl_divergence(old, now) * going).sum() / going.sum()
        return loss, kl, old

    def meta_step(self, goals: np.ndarray, number: int, limit: float = 0.01) -> float:
        """Make one meta-step, and return the mean return after adapting."""
        supports = [self.act(goal, number, self.params) for goal in goals]
        adapted = [self.adapted(support, keep=False) for support in supports]
        queries = [
            self.act(goal, number, [each.detach() for each in params])
            for goal, params in zip(goals, adapted, strict=True)
        ]
        tasks = list(zip(supports, queries, strict=True))
        told = [self.judged(*task, None, keep=True) for task in tasks]
        loss = torch.stack([each[0] for each in told]).mean()
        kl = torch.stack([each[1] for each in told]).mean()
        slope = _flat(torch.autograd.grad(loss, self.params, retain_graph=True))
        bend = _flat(torch.autograd.grad(kl, self.params, create_graph=True))

        def product(vector: torch.Tensor) -> torch.Tensor:
            turned = torch.autograd.grad(bend @ vector, self.params, retain_graph=True)
            return _flat(turned) + 1e-5 * vector

        way = _solved(product, slope)
        step = way * (2 * limit / (way @ product(way))).sqrt()
        self._search(step, tasks, [each[2] for each in told], loss.item(), limit)
        return loss.item()

    def _search(
        self,
        step: torch.Tensor,
        tasks: list[tuple[Batch, Batch]],
        old: list[Independent],
        before: float,
        limit: float,
    ) -> None:
        start = [param.detach().clone() for param in self.params]
        for tries in range(15):
            parts = step.split([param.numel() for param in self.params])
            for param, was, part in zip(self.params, start, parts, strict=True):
                param.data = was - 0.8**tries * part.view_as(was)
            told = [
                self.judged(*task, each, keep=False)
                for task, each in zip(tasks, old, strict=True)
            ]
            loss, kl = (
                float(sum(each[i] for each in told)) / len(told) for i in (0, 1)
            )
            if loss < before and kl <= limit:
                return
        for param, was in zip(self.params, start, strict=True):
            param.data = was


def _flat(tensors: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.cat([each.reshape(-1) for each in tensors])


def _solved(product, b: torch.Tensor) -> torch.Tensor:  # type: ignore[no-untyped-def]
    x, residual = torch.zeros_like(b), b.clone()
    way, squared = b.clone(), b @ b
    for _ in range(10):
        image = product(way)
        rate = squared / (way @ image)
        x, residual = x + rate * way, residual - rate * image
        previous, squared = squared, residual @ residual
        way = residual + squared / previous * way
    return x


def _with_advantages(
    seen: np.ndarray, actions: np.ndarray, rewards: np.ndarray, going: np.ndarray
) -> Batch:
    returns = np.zeros_like(rewards)
    after = np.zeros(len(rewards), np.float32)
    for step in reversed(range(HORIZON)):
        after = rewards[:, step] + DISCOUNT * after * going[:, step]
        returns[:, step] = after
    time = np.broadcast_to(np.arange(HORIZON)[:, None] / 100, (*seen.shape[:2], 1))
    features = [seen, seen**2, time, time**2, time**3, np.ones_like(time)]
    every = np.concatenate(features, -1)[going > 0]
    unit = np.eye(every.shape[1]) * 1e-5
    weights = np.linalg.solve(every.T @ every + unit, every.T @ returns[going > 0])
    advantages = np.zeros_like(rewards)
    left = returns[going > 0] - every @ weights
    advantages[going > 0] = (left - left.mean()) / (left.std() + 1e-8)
    return Batch(*map(torch.from_numpy, (seen, actions, advantages, going)))
