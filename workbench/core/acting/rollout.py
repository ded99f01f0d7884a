"""Acts in an environment: a function of weights, task and noise."""

from __future__ import annotations

from collections.abc import Callable

from workbench.core.acting.environment import Environment
from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch
from workbench.core.learning.episode import Examples


def rollout(
    environment: Environment,
    policy: Callable[[torch.Tensor], torch.Tensor],
    log_sd: torch.Tensor,
    drawn: Examples,
) -> Trajectories:
    """Act as many steps as there is noise, ``drawn.y``, [..., n, horizon, actions].

    ``policy`` gives mean actions for observations [..., n, o]; ``log_sd`` is
    [..., actions]. Advantages are left to be worked out.
    """
    noise = drawn.y
    sd = log_sd.exp().unsqueeze(-2)
    state, observation = environment.begin(drawn.x)
    going = torch.ones_like(noise[..., 0, 0])
    steps: list[tuple[torch.Tensor, ...]] = []
    for draw in noise.unbind(-2):
        mean = policy(observation)
        action = mean + sd * draw
        outcome = environment.step(state, action)
        steps.append((observation, action, outcome.reward * going, going, mean))
        going = going * (~outcome.is_over).to(going.dtype)
        state, observation = outcome.state, outcome.observation
    seen, taken, reward, alive, means = zip(*steps, strict=True)
    rewards = torch.stack(reward, -1)
    # A copy: what acted stays what it was when the weights change.
    deviations = log_sd.unsqueeze(-2).expand(*noise.shape[:-2], noise.shape[-1])
    return Trajectories(
        x=torch.stack(seen, -2),
        y=torch.stack(taken, -2),
        reward=rewards,
        going=torch.stack(alive, -1),
        advantage=torch.zeros_like(rewards),
        mean=torch.stack(means, -2),
        log_sd=deviations.clone(),
        last=observation,
        ended=1 - going,
    )
