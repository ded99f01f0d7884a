"""Meta-steps of the well-known port of MAML to PyTorch for acting, one for each line.

A script for an interpreter that has torch and gym 0.17, run in the port's folder: reads
what a line asks for, makes a meta-step of navigation, and prints the seconds it took
and the mean return after adapting. What the port calls of torch and numpy by names that
are gone is given back to it; it is otherwise as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np
import torch


def main() -> None:
    """Make a meta-step for each line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, nargs="+", required=True)
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--trajectories", type=int, required=True)
    parser.add_argument("--inner-lr", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    asked = parser.parse_args()
    _give_back_names()
    step = _meta_step(asked)
    for _ in sys.stdin:
        start = time.perf_counter()
        after = step()
        told = {"seconds": time.perf_counter() - start, "return": after}
        print(json.dumps(told), flush=True)


def _give_back_names() -> None:
    np.float_ = np.float64  # type: ignore[attr-defined]
    np.bool8 = np.bool_  # type: ignore[attr-defined]

    def lstsq(b: torch.Tensor, a: torch.Tensor) -> tuple[torch.Tensor, None]:
        return torch.linalg.lstsq(a, b).solution, None

    torch.lstsq = lstsq


def _meta_step(asked: argparse.Namespace):  # type: ignore[no-untyped-def]
    """Return what makes a meta-step, as the port's own ``train.py`` does."""
    sys.path.insert(0, ".")
    import gym
    import maml_rl.envs  # noqa: F401 - registers its environments
    from maml_rl.baseline import LinearFeatureBaseline
    from maml_rl.metalearners import MAMLTRPO
    from maml_rl.samplers import MultiTaskSampler
    from maml_rl.utils.helpers import get_input_size, get_policy_for_env
    from maml_rl.utils.reinforcement_learning import get_returns

    env = gym.make("2DNavigation-v0")
    policy = get_policy_for_env(env, asked.hidden, "relu")
    policy.share_memory()
    sampler = MultiTaskSampler(
        "2DNavigation-v0",
        env_kwargs={},
        batch_size=asked.trajectories,
        policy=policy,
        baseline=LinearFeatureBaseline(get_input_size(env)),
        env=env,
        num_workers=asked.workers,
    )
    learner = MAMLTRPO(policy, fast_lr=asked.inner_lr)

    def step() -> float:
        futures = sampler.sample_async(
            sampler.sample_tasks(num_tasks=asked.tasks),
            num_steps=1,
            fast_lr=asked.inner_lr,
            gamma=0.99,
            gae_lambda=1.0,
        )
        learner.step(
            *futures, max_kl=0.01, cg_iters=10, cg_damping=1e-5, ls_max_steps=15,
            ls_backtrack_ratio=0.8,
        )  # fmt: skip
        return float(np.mean(get_returns(sampler.sample_wait(futures)[1])))

    return step


if __name__ == "__main__":
    main()
