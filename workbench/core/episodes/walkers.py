"""Lets trained runs find a goal that a person chose."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from workbench.core.acting.planar import Place, PlanarSettings
from workbench.core.base.errors import DataError
from workbench.core.config.run_config import ConfigError
from workbench.core.episodes.walks import Walker, Walks
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained

_MOST_KEPT = 8


@dataclass(frozen=True)
class Errand:
    """A goal put to runs; ``start`` counts where it is part of their tasks."""

    goal: Place
    start: Place
    folders: tuple[Path, ...]
    steps: int = 3
    seed: int = 0


@dataclass(frozen=True)
class Journey:
    """How one run found a goal, or in ``problem`` why it could not.

    ``step`` is the meta-step that its meta-parameters are of.
    """

    folder: Path
    walks: Walks | None = None
    task: PlanarSettings | None = None
    trained_steps: int = 0
    step: int = 0
    seconds: float = 0.0
    problem: str = ""


class Walkers:
    """The runs that were asked so far, with what they are asked with."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[float, Trained, Walker]] = {}

    def send(self, errand: Errand) -> tuple[Journey, ...]:
        """Let every run find the goal; what goes wrong is in its journey."""
        return tuple(self._one(errand, folder) for folder in errand.folders)

    def _one(self, errand: Errand, folder: Path) -> Journey:
        try:
            trained, walker = self._load(folder)
            task = trained.config.task
            assert isinstance(task, PlanarSettings)
            begun = time.perf_counter()
            start = errand.start if task.has_start else (0.0, 0.0)
            walks = walker.walks(trained, errand.goal, start, errand.steps, errand.seed)
        except (RunError, ConfigError, DataError) as error:
            return Journey(folder, problem=str(error))
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            return Journey(folder, problem=f"This run cannot act: {error}")
        seconds = time.perf_counter() - begun
        inner_steps = trained.config.algorithm.inner_steps
        return Journey(folder, walks, task, inner_steps, trained.step, seconds)

    def _load(self, folder: Path) -> tuple[Trained, Walker]:
        run = RunFolder(folder)
        best = run.checkpoints / "best.safetensors"
        which = "best" if best.is_file() else "latest"
        stamp = run.checkpoint(which).stat().st_mtime
        kept = self._kept.pop(folder, None)
        if kept is None or kept[0] != stamp:
            trained = Trained.load(run, which)
            walker = Walker.of(trained.config) if kept is None else kept[2]
            kept = stamp, trained, walker
        self._kept[folder] = kept
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept[1], kept[2]
