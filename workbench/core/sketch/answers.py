"""What trained learners say of a sketch: adapted to its classes, asked its query."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.config.run_config import ConfigError
from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.learning.episode import Examples
from workbench.core.pictures.character_settings import is_square_ink
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.adapted import Adapted, adapt
from workbench.core.sketch.calibration import (
    Calibration,
    calibration_file,
    read_calibration,
    serving_checkpoint,
)
from workbench.core.sketch.pictures import seen
from workbench.core.sketch.session import NONE, Drawing, Sketch
from workbench.core.training.trained import Trained

_MOST_ADAPTED = 16
_MOST_TRAINED = 8
_MOST_TOGETHER = 20
_EQUAL = 1e-6


@dataclass(frozen=True)
class RunChoice:
    """A run that answers: its folder, and how it is called."""

    folder: Path
    title: str


@dataclass(frozen=True)
class Question:
    """A sketch put to runs. ``rate`` multiplies their inner learning rates.

    ``views`` are those of each drawing; None for as many as a run is evaluated with.
    """

    sketch: Sketch
    choices: tuple[RunChoice, ...]
    steps: int = 5
    rate: float = 1.0
    transductive: bool = False
    views: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that take part: those with a drawing."""
        return tuple(each.name for each in self.sketch.classes if each.drawn)

    @property
    def support(self) -> tuple[tuple[Drawing, ...], ...]:
        """The drawings of the classes that take part."""
        return tuple(each.drawn for each in self.sketch.classes if each.drawn)

    @property
    def shots(self) -> float:
        """How many drawings a class has, on average."""
        return sum(map(len, self.support)) / max(len(self.support), 1)

    def at(self, query: Drawing) -> Question:
        """Return the same question about another query."""
        return replace(self, sketch=self.sketch.changed(query=query))


@dataclass(frozen=True)
class RunAnswer:
    """What one run says: probabilities [K+1][ways], empty without a query.

    ``problem`` says instead why it cannot answer. ``step`` is the meta-step that its
    meta-parameters are of, ``views`` how many of each drawing it took, of ``side``
    pixels along a side. With a ``calibration`` the probabilities and the support loss
    are calibrated, and ``is_none`` says that the query is unlike the drawings of all
    classes.
    """

    choice: RunChoice
    names: tuple[str, ...] = ()
    probabilities: tuple[tuple[float, ...], ...] = ()
    support_loss: tuple[float, ...] = ()
    support_accuracy: tuple[float, ...] = ()
    seconds: float = 0.0
    step: int = 0
    views: int = 1
    side: int = REDUCED_SIZE
    problem: str = ""
    calibration: Calibration | None = None
    is_none: bool = False

    def verdict(self, inner_step: int) -> tuple[str, float] | None:
        """Return the answer: the most probable class, or that it is none of these."""
        best = self.best(inner_step)
        return (NONE, 0.0) if best is not None and self.is_none else best

    def best(self, inner_step: int) -> tuple[str, float] | None:
        """Return the most probable class at an inner step, and its probability.

        None without a query, and where all classes are equally probable, as they are
        before the first step of a shared head.
        """
        if not self.probabilities:
            return None
        row = self.probabilities[min(inner_step, len(self.probabilities) - 1)]
        if max(row) - min(row) < _EQUAL:
            return None
        winner = max(range(len(row)), key=row.__getitem__)
        return self.names[winner], row[winner]


class Answerer:
    """Answers questions, keeping what was loaded and adapted; for one thread.

    A run that is still training is only read, and read again once it has a newer
    checkpoint.
    """

    def __init__(self) -> None:
        self._trained: dict[Path, tuple[float, Trained]] = {}
        self._calibrations: dict[
            Path, tuple[tuple[float, int], Calibration | None]
        ] = {}
        self._adapted: OrderedDict[tuple[object, ...], Adapted] = OrderedDict()

    def answer(self, question: Question) -> tuple[RunAnswer, ...]:
        """Let every chosen run answer; what goes wrong is in its answer."""
        return tuple(self._one(question, choice) for choice in question.choices)

    def _one(self, question: Question, choice: RunChoice) -> RunAnswer:
        try:
            checkpoint = serving_checkpoint(RunFolder(choice.folder))
            stamp, trained = self._load(choice.folder, checkpoint)
            start = time.perf_counter()
            problem = _misfit(trained, len(question.names))
            if problem:
                return RunAnswer(choice, problem=problem)
            adapted = self._adapt(question, choice, stamp, trained)
            calibration = self._calibration(checkpoint, trained)
            said = _said(question, choice, trained, adapted, calibration)
        except (RunError, ConfigError, DataError) as error:
            return RunAnswer(choice, problem=str(error))
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            return RunAnswer(choice, problem=f"{choice.title} cannot answer: {error}")
        return replace(said, seconds=time.perf_counter() - start, step=trained.step)

    def _calibration(self, checkpoint: Path, trained: Trained) -> Calibration | None:
        """Return a checkpoint's calibration, read again once there is another."""
        try:
            key = calibration_file(checkpoint).stat().st_mtime, trained.step
        except OSError:
            return None
        kept = self._calibrations.get(checkpoint)
        if kept is None or kept[0] != key:
            judged = trained.config.evaluation
            found = read_calibration(
                checkpoint, trained.step, judged.steps, judged.views
            )
            kept = key, found
            self._calibrations[checkpoint] = kept
        return kept[1]

    def _load(self, folder: Path, checkpoint: Path) -> tuple[float, Trained]:
        stamp = checkpoint.stat().st_mtime
        kept = self._trained.pop(folder, None)
        if kept is None or kept[0] != stamp:
            kept = (stamp, Trained.load(RunFolder(folder), checkpoint.stem))
        self._trained[folder] = kept
        if len(self._trained) > _MOST_TRAINED:
            del self._trained[next(iter(self._trained))]
        return kept

    def _adapt(
        self, question: Question, choice: RunChoice, stamp: float, trained: Trained
    ) -> Adapted:
        key = (
            choice.folder,
            stamp,
            question.support,
            question.sketch.fit,
            question.steps,
            question.rate,
            question.views,
        )
        if key in self._adapted:
            self._adapted.move_to_end(key)
            return self._adapted[key]
        drawings = [drawing for shots in question.support for drawing in shots]
        labels = [row for row, shots in enumerate(question.support) for _ in shots]
        support = Examples(
            _inputs(drawings, question.sketch.fit, trained), torch.tensor(labels)
        )
        adapted = adapt(
            trained,
            support,
            question.steps,
            rate=question.rate,
            views=question.views,
        )
        self._adapted[key] = adapted
        if len(self._adapted) > _MOST_ADAPTED:
            self._adapted.popitem(last=False)
        return adapted


def _said(
    question: Question,
    choice: RunChoice,
    trained: Trained,
    adapted: Adapted,
    calibration: Calibration | None,
) -> RunAnswer:
    """Return what is said of the query, as sure as the calibration has it."""
    temperature, least = 1.0, -1.0
    if calibration is not None:
        size = len(question.names), question.shots
        temperature = calibration.temperature(*size, question.rate)
        least = calibration.least_likeness(*size)
    said = RunAnswer(
        choice,
        question.names,
        support_loss=adapted.support_loss(temperature),
        support_accuracy=adapted.support_accuracy,
        views=adapted.objective.views,
        side=trained.config.task.input_shape[-1],
        calibration=calibration,
    )
    if question.sketch.query.is_empty:
        return said
    replies = adapted.replies(
        _inputs(_queries(question), question.sketch.fit, trained),
        transductive=question.transductive,
    )
    rows = (replies.outputs[:, 0] / temperature).softmax(-1)
    return replace(
        said,
        probabilities=tuple(map(tuple, rows.tolist())),
        is_none=float(replies.likeness[0]) < least,
    )


def _queries(question: Question) -> list[Drawing]:
    """Return the query and, where queries share a batch, those answered before."""
    sketch = question.sketch
    if not question.transductive:
        return [sketch.query]
    earlier = [answer.drawing for answer in sketch.answers[-_MOST_TOGETHER + 1 :]]
    return [sketch.query, *earlier]


def _inputs(drawings: list[Drawing], fit: bool, trained: Trained) -> torch.Tensor:
    side = trained.config.task.input_shape[-1]
    pictures = np.stack([seen(drawing, fit, side) for drawing in drawings])
    x = torch.from_numpy(pictures).to(torch.float32).div_(255)[:, None]
    task = trained.config.task
    inverted = isinstance(task, ImageTaskSettings) and task.inverted
    return 1 - x if inverted else x


def _misfit(trained: Trained, ways: int) -> str:
    """Return why a run cannot serve this many classes; empty if it can."""
    task = trained.config.task
    if task.problem != "classification" or not is_square_ink(task.input_shape):
        return f"It was trained on {task.title}, not on square grey pictures."
    if ways < 2:
        return "Draw at least two classes."
    if trained.ways is not None and trained.ways != ways:
        return (
            f"It serves {trained.ways} classes only (one head row a class), and "
            f"{ways} are drawn."
        )
    return ""
