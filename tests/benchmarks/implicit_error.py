"""How far implicit MAML's gradient is from the dense solve, by its CG steps.

    FEWSHOT_DATA=... python -m tests.benchmarks.implicit_error [--tasks 8]

On Omniglot, with four convolutional blocks of 3 filters as they are before training, in
float64: for each damping the smallest eigenvalue of (1 + damping) I + H/lambda, then
the relative error of 1, 2, 5, 10 and 20 steps against the dense solve with the same
damping, and against that without; and in how many tasks they met negative curvature.
"""

from __future__ import annotations

import argparse

import torch

from workbench.algorithms.imaml import ImplicitMaml
from workbench.core.acting.policy import objective_of
from workbench.core.base.folders import data_folder
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import last
from workbench.core.learning.params import Params, leaves, named_leaves, unflatten
from workbench.core.training.sampling import sample

STEPS = (1, 2, 5, 10, 20)
DAMPINGS = (0.0, 1.0, 3.0, 10.0)
_SEED = 0


def main() -> None:
    """Print a line for each damping and number of steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--norm", default="batch", choices=["batch", "layer"])
    arguments = parser.parse_args()
    config = configured(arguments.norm)
    params, episodes = start(config), drawn(config, arguments.tasks)
    for damping in DAMPINGS:
        found = [errors(config, params, episode, damping) for episode in episodes]
        lowest = min(one.lowest for one in found)
        print(f"damping {damping:g}: smallest eigenvalue {lowest:.1f}")
        for at, steps in enumerate(STEPS):
            own, other, stopped = (
                torch.tensor([one.rows[at][column] for one in found])
                for column in range(3)
            )
            print(
                f"  {steps:2} steps: {100 * own.median():6.1f} % from its dense solve, "
                f"{100 * other.median():6.1f} % from the undamped one, "
                f"stopped in {int(stopped.sum())} of {len(found)} tasks"
            )


class Errors:
    """Of one task: the smallest eigenvalue, and a row for each number of steps."""

    def __init__(self, lowest: float, rows: list[tuple[float, float, float]]) -> None:
        self.lowest, self.rows = lowest, rows


def errors(
    config: RunConfig, params: Params, episode: Episode, damping: float
) -> Errors:
    """Compare the learner's gradient with dense solves at the same weights."""
    task = objective_of(config.model, config.task)
    learner = ImplicitMaml.model_validate(
        config.algorithm.model_dump() | {"cg_damping": damping}
    )
    batches = episode.batches(learner.inner_steps)
    phi = last(learner.adapt(task, params, batches, {}))
    hessian = torch.autograd.functional.hessian(
        lambda at: task.loss(like(phi, at), episode.support), flat(phi)
    )
    slope = flat(torch.func.grad(task.loss)(phi, episode.query))
    plain = torch.eye(len(slope)) + hessian / learner.proximal
    damped = plain + damping * torch.eye(len(slope))
    exact, undamped = (torch.linalg.solve(each, slope) for each in (damped, plain))
    rows = []
    for steps in STEPS:
        stepped = learner.model_copy(update={"cg_steps": steps})
        said = stepped.meta_gradient(task, params, episode, {})
        gradient = flat(said.gradient)
        rows.append(
            (
                float((gradient - exact).norm() / exact.norm()),
                float((gradient - undamped).norm() / undamped.norm()),
                float(said.extras["cg_stopped"]),
            )
        )
    return Errors(float(torch.linalg.eigvalsh(damped)[0]), rows)


def configured(norm: str) -> RunConfig:
    """Return the paper's settings with a network that a dense solve can take."""
    preset = RunConfig.from_dict(find_preset("omniglot-imaml-5way-1shot").config)
    return preset.replace({"model.filters": 3, "model.norm": norm})


def start(config: RunConfig) -> Params:
    """Return the meta-parameters that training begins with."""
    generator = torch.Generator().manual_seed(_SEED)
    outputs = objective_of(config.model, config.task).ways or 1
    fresh = config.model.start(config.task.input_shape, outputs, generator)
    return {name: leaf.double() for name, leaf in fresh.items()}


def drawn(config: RunConfig, tasks: int) -> list[Episode]:
    """Return the first tasks of training."""
    device = torch.device("cpu")
    family = config.task.open(data_folder(), device)
    episodes = sample(config, family, "train", 0, tasks, seed=_SEED, device=device)
    return [in_double(episodes.tasks(number)) for number in range(tasks)]


def in_double(episode: Episode) -> Episode:
    """Return a task with its pictures in double precision."""
    support, query, order = episode
    double = [Examples(part.x.double(), part.y) for part in (support, query)]
    return Episode(*double, order)


def flat(params: Params) -> torch.Tensor:
    """Return all weights as one vector."""
    return torch.cat([leaf.flatten() for leaf in leaves(params)])


def like(params: Params, vector: torch.Tensor) -> Params:
    """Return a vector as weights of these shapes."""
    sizes = [leaf.numel() for leaf in leaves(params)]
    pieces = zip(named_leaves(params), vector.split(sizes), strict=True)
    return unflatten({name: piece.view_as(leaf) for (name, leaf), piece in pieces})


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    main()
