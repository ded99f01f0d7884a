"""How much faster the half-cheetah runs than by a loop over gymnasium's.

``python -m tests.benchmarks.cheetah`` simulates trajectories, by turns of this
environment in one thread and of gymnasium's own, one after the other: with actions that
are there, and with those of a policy that is asked before each step. Both are measured
in the time of the processor, which others' work leaves as it is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from tests.benchmarks.paired import in_turns, ratio
from workbench.core.acting.simulations import quiet_mujoco
from workbench.models.mlp import Mlp
from workbench.tasks.cheetah import HalfCheetah

_ROUNDS, _STEPS = 9, 100


Policy = Callable[[torch.Tensor], torch.Tensor] | None


def main() -> None:
    """Measure and print two lines for each number of trajectories at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trajectories", nargs="+", type=int, default=[20, 400])
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for number in given.trajectories:
        for name, policy in (("alone", None), ("with a policy", _policy())):
            line = _compared(number, given.rounds, policy)
            sys.stdout.write(f"{number} trajectories, {name}: {line}\n")
            sys.stdout.flush()


def _policy() -> Policy:
    """Return a policy of the papers' size."""
    task, model = HalfCheetah(), Mlp(hidden=(100, 100))
    generator = torch.Generator().manual_seed(0)
    weights = model.start(task.input_shape, task.outputs, generator)
    return lambda seen: model.apply(weights, seen)


def _compared(number: int, rounds: int, policy: Policy) -> str:
    with torch.no_grad():
        ways = [_by_gymnasium(policy), _side_by_side(number, policy)]
        theirs, ours = in_turns(ways, rounds)
    speeds = (1 / statistics.median(each) for each in (ours, theirs))
    told = " against ".join(f"{speed:,.0f}" for speed in speeds)
    return f"{told} actions a second, {ratio(theirs, ours)} times as fast"


def _side_by_side(number: int, policy: Policy) -> Callable[[], float]:
    """Return what takes the seconds of an action, of so many trajectories at once."""
    task = HalfCheetah()
    environment = replace(task.environment(), threads=1)
    generator = torch.Generator().manual_seed(0)
    goals = task.draw_tasks("train", number, generator)
    drawn = torch.cat([goals, task.draw_starts((1, number), generator)[0]], -1)
    noise = torch.randn(_STEPS, number, task.outputs, generator=generator)

    def run() -> None:
        state, seen = environment.begin(drawn)
        for draw in noise:
            action = policy(seen) + draw if policy else draw
            state, seen, *_ = environment.step(state, action)

    return lambda: _seconds(run) / (_STEPS * number)


def _by_gymnasium(policy: Policy) -> Callable[[], float]:
    """Return what takes the seconds of an action of its environment's, in a loop."""
    quiet_mujoco()
    import gymnasium

    made: Any = gymnasium.make("HalfCheetah-v5")
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(10 * _STEPS, 6, generator=generator)
    torso = torch.zeros(3)

    def run() -> None:
        for number, draw in enumerate(noise):
            if number % _STEPS == 0:
                seen, _ = made.reset(seed=number)
            action = draw
            if policy:  # of as many numbers as the papers observe
                given = torch.cat([torch.from_numpy(seen).float(), torso])
                action = policy(given[None])[0] + draw
            seen, *_ = made.step(action.numpy())

    return lambda: _seconds(run) / len(noise)


def _seconds(run: Callable[[], None]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before


if __name__ == "__main__":
    main()
