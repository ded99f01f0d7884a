"""What runs took on this machine, remembered in a small file of the user's.

A figure is kept under a digest of all that it depends on. A number that is not whole
changes what is computed with, and not how much, unless it is zero: the learning rate of
a run may be another, and still it is one of the same kind.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import read, write_atomically
from workbench.core.base.folders import user_folder
from workbench.core.config.sections import Sections
from workbench.core.pacing.pace import Pace

_MOST_FIGURES, _MOST_RUNS = 1000, 3
_NO_MATTER = {
    "training": {"iterations", "seed", "schedule", "checkpoint_every"},
    "evaluation": {"every", "validation_tasks", "tasks"},
}
"""The settings that decide how often something is done, and not how long it takes."""

_Figure = Annotated[float, Field(gt=0, le=1e9)]
_FIGURES = TypeAdapter(dict[str, dict[str, _Figure]])


class KnownPace(NamedTuple):
    """What the last runs of a kind took, and how far apart they were.

    ``spread`` is by how many times the slowest of them took longer than the fastest.
    """

    pace: Pace
    spread: float
    runs: int
    memory_mb: float | None


def recall(config: Sections, device: str) -> KnownPace | None:
    """Return what runs of this kind took on a device; None if none is known."""
    kept = _kept()
    found = {
        name: list(kept.get(key, {}).values()) for name, key in _keys(config, device)
    }
    steps, chunks, memory = found["step"], found["chunk"], found["memory_mb"]
    if not (steps and chunks):
        return None
    checkpoints = found["checkpoint"] or [0.0]
    return KnownPace(
        Pace(*map(statistics.median, (steps, chunks, checkpoints))),
        spread=max(steps) / min(steps),
        runs=len(steps),
        memory_mb=memory[-1] if memory else None,
    )


def remember(
    run: str, config: Sections, device: str, pace: Pace, memory_mb: float
) -> None:
    """Keep what a run took; where that cannot be written, it is not."""
    figures = {**pace._asdict(), "memory_mb": memory_mb}
    with contextlib.suppress(OSError, LockError):
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(file.with_name(".paces.lock")):
            kept = _kept()
            for name, key in _keys(config, device):
                if figures[name] > 0:
                    runs = {**kept.pop(key, {}), run: figures[name]}
                    kept[key] = _newest(runs, _MOST_RUNS)
            kept = _newest(kept, _MOST_FIGURES)
            write_atomically(file, _FIGURES.dump_json(kept))


def _file() -> Path:
    return user_folder() / "paces.json"


def _kept() -> dict[str, dict[str, float]]:
    """Return what the file says; one that is damaged says nothing."""
    try:
        return _FIGURES.validate_json(read(_file()))
    except (OSError, ValidationError):
        return {}


def _newest(entries: dict[str, Any], most: int) -> dict[str, Any]:
    return dict(list(entries.items())[-most:])


def _keys(config: Sections, device: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each figure, and the key that it is kept under."""
    told = {
        section: _rough(
            {
                name: value
                for name, value in fields.items()
                if name not in _NO_MATTER.get(section, ())
            }
        )
        for section, fields in config.model_dump(mode="json").items()
    }
    evaluation, training = told.pop("evaluation"), told.pop("training")
    here = [told, device, platform.node()]
    for name in (*Pace._fields, "memory_mb"):
        is_chunk = name == "chunk"
        other = [evaluation, training["engine"]] if is_chunk else training
        yield name, _digest([name, other, *here])


def _rough(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rough(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rough(item) for item in value]
    return value != 0 if isinstance(value, float) else value


def _digest(what: Any) -> str:
    text = json.dumps(what, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
