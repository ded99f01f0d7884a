"""Small runs of reinforcement learning, with weights as they were drawn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained

HORIZON, TRAJECTORIES = 10, 4

TINY: dict[str, Any] = {
    "task": {
        "kind": "navigation",
        "shots": TRAJECTORIES,
        "queries": TRAJECTORIES,
        "horizon": HORIZON,
    },
    "model": {"kind": "mlp", "hidden": [8], "initial": "xavier"},
    "algorithm": {"kind": "maml", "inner_lr": 0.1, "inner_steps": 1},
    "training": {"iterations": 4, "meta_batch": 2, "optimiser": "trust region"},
    "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 3},
}


def navigation(**overrides: Any) -> RunConfig:
    """A run of a moment; keywords are fields, as in algorithm__inner_lr=0.1."""
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return RunConfig.from_dict(TINY).replace(dotted)


def cheetah(**overrides: Any) -> RunConfig:
    """The same of the half-cheetah, which needs the extra ``rl``."""
    task = TINY["task"] | {"kind": "cheetah"}
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return RunConfig.from_dict(TINY | {"task": task}).replace(dotted)


def untrained(config: RunConfig, *, seed: int = 0) -> Trained:
    """A learner as it is before training."""
    generator = generator_for(seed, "start", 0, "cpu")
    task = config.task
    weights = config.model.start(task.input_shape, task.outputs, generator)
    meta = config.algorithm.start(task.started(weights), generator)
    state = config.algorithm.state(config.algorithm.weights(meta))
    return Trained(config, meta, state, 0)


def made_run(
    runs: Path,
    *,
    config: RunConfig | None = None,
    name: str = "small",
    step: int = 0,
    **overrides: Any,
) -> RunFolder:
    """A run whose weights are as they were drawn."""
    config = config or navigation(**overrides)
    folder = RunFolder.create(runs, config, name=name)
    write_checkpoint(folder, step)
    folder.update(state="stopped", step=step)
    return folder


def write_checkpoint(folder: RunFolder, step: int) -> None:
    """Let a run have been trained for so long."""
    drawn = untrained(folder.config(), seed=step)
    facts = {"step": step, "best": None}
    checkpoint = Checkpoint(drawn.meta, drawn.state, {}, facts)
    latest = folder.checkpoints / "latest.safetensors"
    save_checkpoint(latest, checkpoint)
    shutil.copy(latest, folder.checkpoints / "best.safetensors")
