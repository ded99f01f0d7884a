"""Small runs for tests."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import EvaluationEvent, Event, SpeedEvent
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train

SMALL: dict[str, Any] = {
    "task": {"kind": "sinusoid", "shots": 5, "queries": 5},
    "model": {"kind": "mlp", "hidden": [8], "initial": "xavier"},
    "algorithm": {"kind": "maml"},
    "training": {"iterations": 20, "meta_batch": 3, "checkpoint_every": 5},
    "evaluation": {"every": 4, "validation_tasks": 4, "tasks": 6, "steps": 2},
}


def small_config(**overrides: Any) -> RunConfig:
    """A run of a second; keywords are fields, as in algorithm__inner_lr=0.1."""
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return RunConfig.from_dict(SMALL).replace(dotted)


ACTING: dict[str, Any] = {
    "task": {"kind": "navigation", "shots": 3, "queries": 3, "horizon": 5},
    "model": {"kind": "mlp", "hidden": [8], "initial": "xavier"},
    "algorithm": {"kind": "maml"},
    "training": {
        "iterations": 4,
        "meta_batch": 2,
        "checkpoint_every": 2,
        "optimiser": "trust region",
    },
    "evaluation": {"every": 2, "validation_tasks": 2, "tasks": 2, "steps": 2},
}


def acting_config(**overrides: Any) -> RunConfig:
    """A run of a second whose tasks are acted in."""
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return RunConfig.from_dict(ACTING).replace(dotted)


def made(runs: Path, **overrides: Any) -> RunFolder:
    return RunFolder.create(runs, small_config(**overrides))


def trained(runs: Path, **overrides: Any) -> RunFolder:
    folder = made(runs, **overrides)
    finish(folder)
    return folder


def finish(folder: RunFolder, device: str = "cpu") -> list[Event]:
    return list(train(folder, data=folder.path, device=device))


def stop_after(folder: RunFolder, count: int, device: str = "cpu") -> None:
    """Train for some events and leave the loop, as Stop does.

    Those of the speed are not counted: how many there are depends on the clock.
    """
    with contextlib.closing(train(folder, data=folder.path, device=device)) as events:
        counted = (e for e in events if not isinstance(e, SpeedEvent))
        for _ in range(count):
            next(counted)


def trained_in_part(
    config: RunConfig, steps: int, runs: Path, data: Path
) -> list[Event]:
    """Train for some meta-steps of many, validated before and after them."""
    folder = RunFolder.create(runs, config.replace({"evaluation.every": steps}))
    events: list[Event] = []
    with contextlib.closing(train(folder, data=data, device="cpu")) as training:
        for event in training:
            events.append(event)
            if isinstance(event, EvaluationEvent) and event.step == steps:
                break
    return events


def timeless(folder: RunFolder) -> list[Event]:
    """A run's events without those that depend on the clock."""
    return [e for e in folder.events() if not isinstance(e, SpeedEvent)]
