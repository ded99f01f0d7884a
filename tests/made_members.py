"""A small run for every registered member, and the data that they train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.made_data import made_omniglot
from workbench.core.config.run_config import ConfigError, RunConfig, kinds
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.task_family import TaskSettings
from workbench.core.pictures.store import PictureIndex
from workbench.core.pictures.writer import PictureWriter
from workbench.core.sketch.alphabets import keep_alphabet
from workbench.tasks.sketch_examples import first_sketch

SMALL: dict[str, dict[str, Any]] = {
    "glyphs": {"alphabets": 2, "characters": 5, "drawers": 12},
    "pictures": {"dataset": "mine", "size": 16, "colour": "grey"},
    "navigation": {"horizon": 5},
    "conv4": {"filters": 4},
    "deep-conv": {"blocks": [4, 4, 4]},
}
TRAINED: dict[str, dict[str, Any]] = {
    "training": {"iterations": 4, "meta_batch": 2, "checkpoint_every": 2},
    "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 2},
}


def made_data(data: Path) -> Path:
    """Keep something of every data set that there is."""
    made_omniglot(data)
    made_pictures(data / "mini-imagenet", (3, 84, 84))
    made_pictures(data / "pictures" / "mine", (1, 16, 16))
    for alphabet in ("one", "two", "three", "four"):
        for drawer in ("me", "you", "she", "he"):
            keep_alphabet(first_sketch(), data, alphabet, drawer)
    return data


def made_pictures(folder: Path, shape: tuple[int, int, int]) -> None:
    """Keep twelve classes of eight pictures, in three splits."""
    names = tuple(f"n{number:08}" for number in range(12))
    random = np.random.default_rng(0)
    splits = {"train": names[:5], "validation": names[5:8], "test": names[8:]}
    with PictureWriter(folder, shape) as writer:
        writer.append(random.integers(0, 256, (12 * 8, *shape), dtype=np.uint8))
        writer.finish(
            PictureIndex(
                shape=shape,
                names=names,
                counts=(8,) * 12,
                groups=(0,) * 12,
                group_names=("made",),
                splits=splits,
            )
        )


def learners(problem: str) -> list[str]:
    """Return the kinds of learners for such tasks."""
    are_refused = {
        "classification": ["needs_regression"],
        "regression": ["needs_classes"],
        "reinforcement": ["needs_classes", "needs_examples"],
    }[problem]
    return [
        kind
        for kind, learner in kinds("algorithm").items()
        if not any(getattr(learner, refused, False) for refused in are_refused)
    ]


def has_inner_loop(learner: str) -> bool:
    """Return whether there is something to set of its inner loop."""
    return "inner_steps" in kinds("algorithm")[learner].model_fields


def in_two_steps(learner: str) -> dict[str, Any]:
    """Return a learner that makes two inner steps, if it is one that can."""
    steps = {"inner_steps": 2} if has_inner_loop(learner) else {}
    return {"kind": learner, **steps}


def every_member() -> dict[str, RunConfig]:
    """Return a small configuration for every task, model and learner.

    Every learner is there on a model of numbers and on one of pictures, and every other
    model once. They are trained on sinusoids, or on glyphs where one of both needs
    these; where one needs these and the other cannot have them, they do not go
    together.
    """
    found = {f"task {task}": next(_fitting(task)) for task in kinds("task")}
    seen = set()
    for kind, model in kinds("model").items():
        assert issubclass(model, ModelSettings)
        is_first = model.needs_images not in seen
        seen.add(model.needs_images)
        for learner in list(kinds("algorithm"))[: None if is_first else 1]:
            of_numbers = not model.needs_images and learner in learners("regression")
            if not of_numbers and learner not in learners("classification"):
                continue
            task = "sinusoid" if of_numbers else "glyphs"
            found[f"{learner}, {kind}"] = next(_fitting(task, kind, learner))
    return found


def _fitting(task: str, model: str = "", learner: str = "") -> Iterator[RunConfig]:
    """Yield the configurations of a task that are valid."""
    settings = kinds("task")[task]
    assert issubclass(settings, TaskSettings)
    about: dict[str, Any] = {"kind": task, "shots": 2, "queries": 2}
    about |= SMALL.get(task, {})
    if settings.problem == "classification":
        about["ways"] = 2
    for kind in [model] if model else kinds("model"):
        values = {
            "task": about,
            "model": {"kind": kind, **SMALL.get(kind, {})},
            "algorithm": in_two_steps(learner or next(iter(kinds("algorithm")))),
            **TRAINED,
        }
        try:
            yield RunConfig.from_dict(values)
        except ConfigError:
            continue
