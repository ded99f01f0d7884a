"""Small runs for sketches, hardly trained, in real folders; and calibrations."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import torch

from workbench.core.base.processes import process_mark
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.calibration import AtSize, Calibration

SMALL = {
    "task__alphabets": 2,
    "task__characters": 7,
    "task__drawers": 10,
    "task__within_alphabet": True,
    "model__filters": 4,
    "evaluation__steps": 2,
}
"""A run whose calibration takes a moment."""


def config_of(**overrides: Any) -> RunConfig:
    values = {
        "task": {"kind": "glyphs", "ways": 5, "shots": 1, "queries": 2},
        "model": {
            "kind": "conv4",
            "filters": 16,
            "norm": "layer",
            "features": "flatten",
            "head": "shared",
        },
        "algorithm": {"kind": "anil", "inner_lr": 0.01, "inner_steps": 5},
        "evaluation": {"transductive": False, "steps": 5},
    }
    return RunConfig.from_dict(values).replace(overrides)


def made_run(
    runs: Path, *, step: int = 0, name: str = "small", **overrides: Any
) -> RunFolder:
    """Make a run whose weights are as they were drawn."""
    config = config_of(**{key.replace("__", "."): v for key, v in overrides.items()})
    folder = RunFolder.create(runs, config, name=name)
    write_checkpoint(folder, step)
    folder.update(state="stopped", step=step)
    return folder


def train_here(run: RunFolder) -> None:
    """Let a run say that this process trains it."""
    me = os.getpid()
    here = {"process_mark": process_mark(me), "host": socket.gethostname()}
    run.update(state="running", pid=me, **here)


def write_checkpoint(folder: RunFolder, step: int) -> None:
    config = folder.config()
    generator = generator_for(step, "start", 0, "cpu")
    rows = 1 if config.model.head == "shared" else config.task.outputs
    weights = config.model.start(config.task.input_shape, rows, generator)
    meta = config.algorithm.start(weights, generator)
    state = config.algorithm.state(config.algorithm.weights(meta))
    optimiser = {"0": {"exp_avg": torch.zeros(3)}}
    checkpoint = Checkpoint(meta, state, optimiser, {"step": step, "best": None})
    for which in ("latest", "best"):
        save_checkpoint(folder.checkpoints / f"{which}.safetensors", checkpoint)


def a_size(**changes: object) -> AtSize:
    """Make what a calibration found with one number of ways and shots."""
    values = {
        "ways": 5,
        "shots": 1,
        "tasks": 20,
        "accuracy": 0.9,
        "temperature": 0.2,
        "bins_before": (),
        "bins": (),
        "least_likeness": 0.8,
        "refused": 0.05,
        "caught": 0.9,
    }
    return AtSize.model_validate(values | changes)


def a_calibration(**changes: object) -> Calibration:
    """Make a calibration of a run that was never trained."""
    values = {"step": 0, "inner_steps": 5, "task": "Glyphs", "sizes": (a_size(),)}
    return Calibration.model_validate(values | changes)
