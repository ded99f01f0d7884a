"""Small tasks to act in, in double precision."""

from __future__ import annotations

import torch

from workbench.core.acting.collecting import Collector, collector_for
from workbench.core.acting.policy import objective_of
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import LoopEngine
from workbench.core.engine.trees import flatten, unflatten
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import Params, tree_map

CPU = torch.device("cpu")


def small_config(learner: str = "maml", **algorithm: object) -> RunConfig:
    """Return a configuration whose meta-steps take no time."""
    return RunConfig.from_dict(
        {
            "task": {"kind": "navigation", "shots": 4, "queries": 3, "horizon": 6},
            "model": {"kind": "mlp", "hidden": [5], "initial": "xavier"},
            "algorithm": {"kind": learner, **algorithm},
            "training": {
                "iterations": 4,
                "meta_batch": 2,
                "optimiser": "trust region",
                "checkpoint_every": 2,
            },
            "evaluation": {
                "every": 2,
                "validation_tasks": 2,
                "tasks": 3,
                "steps": 2,
            },
        }
    )


def doubled(tree: object) -> object:
    """Return a tree of the same numbers in double precision."""
    leaves, shape = flatten(tree)
    return unflatten(
        [
            leaf.double()
            if isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
            else leaf
            for leaf in leaves
        ],
        shape,
    )


def started(config: RunConfig, seed: int = 0) -> tuple[Params, Params]:
    """Return meta-parameters to begin with, and the learner's state."""
    generator = generator_for(seed, "start", 0)
    task, learner = config.task, config.algorithm
    weights = config.model.start(task.input_shape, task.outputs, generator)
    # Not at the corner of any unit: where all is zero there is no slope to compare.
    moved = tree_map(
        lambda leaf: leaf + 0.1 * torch.randn(leaf.shape, generator=generator), weights
    )
    meta = doubled(learner.start(task.started(moved), generator))
    return meta, learner.state(learner.weights(meta))


def drawn(config: RunConfig, steps: int, tasks: int = 2, number: int = 0) -> Episode:
    """Return what episodes of so many inner steps are collected with."""
    task = config.task
    sizes = task.supports(steps) * task.shots, task.queries
    family = task.open(None, CPU)
    generator = generator_for(0, "train", number)
    return doubled(family.sample("train", tasks, generator, sizes))


def collector(config: RunConfig) -> Collector:
    """Return what collects, task by task and as it is written."""
    objective = objective_of(config.model, config.task)
    return collector_for(config.task, config.algorithm, objective, LoopEngine())


def collected(config: RunConfig, meta: Params, state: Params, steps: int) -> Episode:
    """Return a meta-batch of episodes."""
    return collector(config).collect(drawn(config, steps), meta, state, steps)
