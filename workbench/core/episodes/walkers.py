"""Lets trained runs find a goal that a person chose."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from workbench.core.acting.planar import PlanarSettings
from workbench.core.acting.running import RunningSettings
from workbench.core.acting.settings import ActingSettings
from workbench.core.base.errors import WorkbenchError
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.actor import Actor, Errand
from workbench.core.episodes.gaits import Gaits, Runner
from workbench.core.episodes.walks import Walker, Walks
from workbench.core.runs.events import EvaluationEvent, StepScore
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained

Shown: TypeAlias = Walks | Gaits

_MOST_KEPT = 8


@dataclass(frozen=True)
class Journey:
    """How one run found a goal, or in ``problem`` why it could not.

    ``step`` is the meta-step that its meta-parameters are of, and ``validated`` how
    well it last did in validation, by inner step.
    """

    folder: Path
    walks: Shown | None = None
    task: ActingSettings | None = None
    trained_steps: int = 0
    step: int = 0
    seconds: float = 0.0
    validated: tuple[StepScore, ...] = ()
    problem: str = ""


def actor_for(config: RunConfig) -> Actor[Any] | None:
    """Return what acts as a configuration's learners do; None where nothing shows."""
    if isinstance(config.task, PlanarSettings):
        return Walker.of(config)
    return Runner.of(config) if isinstance(config.task, RunningSettings) else None


class Kept(NamedTuple):
    """A run as of some time of its checkpoint."""

    stamp: float
    trained: Trained
    actor: Actor[Any]
    validated: tuple[StepScore, ...]


class Walkers:
    """The runs that were asked so far, with what they are asked with."""

    def __init__(self) -> None:
        self._kept: dict[Path, Kept] = {}

    def send(self, errand: Errand) -> tuple[Journey, ...]:
        """Let every run find the goal; what goes wrong is in its journey."""
        return list(self.going(errand))[-1]

    def going(self, errand: Errand) -> Iterator[tuple[Journey, ...]]:
        """Yield how the runs fare: what takes long as far as it went, and at the end.

        What is whole is so by ``are_whole``.
        """
        done: tuple[Journey, ...] = ()
        for folder in errand.folders:
            for journey in self._one(errand, folder):
                if not _is_whole(errand, journey):
                    yield (*done, journey)
            done = (*done, journey)
        yield done

    def _one(self, errand: Errand, folder: Path) -> Iterator[Journey]:
        try:
            kept = self._load(folder)
            trained = kept.trained
            steps, step = trained.config.algorithm.inner_steps, trained.step
            begun = time.perf_counter()
            for shown in kept.actor.going(trained, errand):
                task, seconds = kept.actor.task, time.perf_counter() - begun
                yield Journey(folder, shown, task, steps, step, seconds, kept.validated)
        except WorkbenchError as error:
            yield Journey(folder, problem=str(error))
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            yield Journey(folder, problem=f"This run cannot act: {error}")

    def _load(self, folder: Path) -> Kept:
        run = RunFolder(folder)
        best = run.checkpoints / "best.safetensors"
        which = "best" if best.is_file() else "latest"
        stamp = run.checkpoint(which).stat().st_mtime
        kept = self._kept.pop(folder, None)
        if kept is None or kept.stamp != stamp:
            trained = Trained.load(run, which)
            actor = actor_for(trained.config) if kept is None else kept.actor
            assert actor is not None
            kept = Kept(stamp, trained, actor, _validated(run, trained.step))
        self._kept[folder] = kept
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept


def _validated(run: RunFolder, step: int) -> tuple[StepScore, ...]:
    """Return a run's validation after so many meta-steps, or else its last."""
    found: tuple[StepScore, ...] = ()
    for event in run.events():
        if isinstance(event, EvaluationEvent) and event.split == "validation":
            found = event.by_step
            if event.step == step:
                break
    return found


def are_whole(errand: Errand, journeys: tuple[Journey, ...]) -> bool:
    """Return whether all runs have been to the end of an errand."""
    is_there = len(journeys) == len(errand.folders)
    return is_there and all(_is_whole(errand, each) for each in journeys)


def _is_whole(errand: Errand, journey: Journey) -> bool:
    return journey.walks is None or journey.walks.steps == errand.steps
