"""How much better an action was than expected: Schulman et al. (2016), Duan (2016)."""

from __future__ import annotations

from workbench.core.acting.trajectories import Trajectories
from workbench.core.base.lazy import torch

_RIDGE = 1e-5
_LARGEST = 10.0
_PER_STEP = 100.0
_TIMES = 10
_TRIES = 6
_TINY = 1e-8


def with_advantages(
    collected: Trajectories, discount: float, smoothing: float
) -> Trajectories:
    """Return the trajectories with advantages, normalised over all of a task's.

    The baseline is fitted to these very trajectories, task by task. ``smoothing`` is
    the lambda of generalised advantage estimation.
    """
    going = collected.going.double()
    value = baseline(collected, discounted(collected.reward.double(), discount)) * going
    after = torch.cat([value[..., 1:], torch.zeros_like(value[..., :1])], -1)
    surprise = (collected.reward.double() + discount * after - value) * going
    advantage = discounted(surprise, discount * smoothing)
    normal = normalised(advantage, going).to(collected.advantage.dtype)
    return collected._replace(advantage=normal)


def discounted(values: torch.Tensor, discount: float) -> torch.Tensor:
    """Return the sum of what follows each step, what is t later times discount**t."""
    horizon = values.shape[-1]
    steps = torch.arange(horizon, device=values.device)
    later = steps[:, None] - steps[None, :]
    weights = torch.where(later >= 0, discount ** later.clamp_min(0).double(), 0.0)
    return values @ weights.to(values.dtype)


def baseline(collected: Trajectories, returns: torch.Tensor) -> torch.Tensor:
    """Return the returns that a linear function of features expects, [..., n, horizon].

    Least squares over a task's trajectories. Where its solution is no number the ridge
    is made ten times larger.
    """
    features = _features(collected.x).flatten(-3, -2)
    kept = features * collected.going.double().flatten(-2).unsqueeze(-1)
    squares = kept.mT @ kept
    products = kept.mT @ returns.flatten(-2).unsqueeze(-1)
    unit = torch.eye(squares.shape[-1], dtype=squares.dtype, device=squares.device)
    ridge = torch.full_like(squares[..., :1, :1], _RIDGE)
    for _ in range(_TRIES):
        weights, failed = torch.linalg.solve_ex(squares + ridge * unit, products)
        is_lost = (failed != 0)[..., None, None] | ~weights.isfinite().all(-2, True)
        if not is_lost.any():
            break
        ridge = torch.where(is_lost, _TIMES * ridge, ridge)
    expected = (features @ torch.nan_to_num(weights)).squeeze(-1)
    return expected.reshape(returns.shape)


def normalised(values: torch.Tensor, going: torch.Tensor) -> torch.Tensor:
    """Return values of mean 0 and standard deviation 1, over what goes on of a task."""
    number = going.sum((-2, -1), True).clamp_min(1)
    centred = (values - (values * going).sum((-2, -1), True) / number) * going
    sd = (centred.square().sum((-2, -1), True) / number).sqrt()
    return centred / (sd + _TINY)


def _features(observations: torch.Tensor) -> torch.Tensor:
    """Return o, o squared, t, t squared, t cubed and 1, with t in hundreds of steps."""
    clipped = observations.double().clamp(-_LARGEST, _LARGEST)
    horizon = observations.shape[-2]
    steps = torch.arange(horizon, device=clipped.device, dtype=clipped.dtype)
    time = (steps / _PER_STEP).unsqueeze(-1).expand(*clipped.shape[:-1], 1)
    powers = [time, time**2, time**3, torch.ones_like(time)]
    return torch.cat([clipped, clipped**2, *powers], -1)
