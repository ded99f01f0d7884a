"""Data made for tests: in the form of the real ones, and every picture is different."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from workbench.core.config.run_config import RunConfig
from workbench.core.pictures.store import PictureIndex
from workbench.core.pictures.writer import PictureWriter
from workbench.core.runs.store import RunFolder
from workbench.tasks.omniglot_archive import BACKGROUND, EVALUATION, class_names

DRAWERS = 20


@functools.cache
def _drawings(classes: int) -> np.ndarray:
    random = np.random.default_rng(0)
    rows = np.arange(28)[:, None] - random.integers(4, 24, (classes, DRAWERS, 1, 1))
    columns = np.arange(28) - random.integers(4, 24, (classes, DRAWERS, 1, 1))
    angle = random.uniform(0, np.pi, (classes, 1, 1, 1))
    lines = np.abs(rows * np.cos(angle) + columns * np.sin(angle)) < 1.5
    near = np.hypot(rows, columns) < 10
    return ((lines & near) * 255).astype(np.uint8)


def made_omniglot(data: Path) -> Path:
    """Keep a made Omniglot in a data folder, with the real classes' names."""
    alphabets = {**BACKGROUND, **EVALUATION}
    names = class_names(alphabets)
    with PictureWriter(data / "omniglot", (1, 28, 28)) as writer:
        writer.append(_drawings(len(names)).reshape(-1, 1, 28, 28))
        writer.finish(
            PictureIndex(
                shape=(1, 28, 28),
                names=names,
                counts=(DRAWERS,) * len(names),
                groups=tuple(
                    group
                    for group, characters in enumerate(alphabets.values())
                    for _ in range(characters)
                ),
                group_names=tuple(alphabets),
            )
        )
    return data


def configuration(task: str = "omniglot", **overrides: object) -> RunConfig:
    """A small configuration; fields as ``task__ways=5``."""
    model = "mlp" if task == "sinusoid" else "conv4"
    config = RunConfig.from_dict(
        {
            "task": {"kind": task},
            "model": {"kind": model},
            "algorithm": {"kind": "maml", "inner_steps": 2},
            "training": {"meta_batch": 3, "iterations": 1},
            "evaluation": {"steps": 3, "tasks": 2, "validation_tasks": 2, "queries": 3},
        }
    )
    return config.replace(
        {name.replace("__", "."): value for name, value in overrides.items()}
    )


def trained_run(runs: Path, config: RunConfig, name: str = "") -> RunFolder:
    """A run whose checkpoint holds the meta-parameters that training starts from."""
    from workbench.core.base.randomness import generator_for
    from workbench.core.learning.params import leaves
    from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint

    folder = RunFolder.create(runs, config, name=name)
    generator = generator_for(0, "start", 0)
    head = 1 if config.model.head == "shared" else config.task.outputs
    weights = config.model.start(config.task.input_shape, head, generator)
    meta = config.algorithm.start(weights, generator)
    state = config.algorithm.state(config.algorithm.weights(meta))
    assert leaves(meta)
    checkpoint = Checkpoint(meta, state, {}, {"step": 7})
    save_checkpoint(folder.checkpoints / "latest.safetensors", checkpoint)
    return folder
