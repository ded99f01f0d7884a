"""Finds a learner's temperatures and thresholds on validation tasks.

Each task has a class more than is learned: the drawings of that one are none of the
classes. What is chosen is chosen on the even tasks and checked on the odd ones.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import ConfigError
from workbench.core.learning.episode import Episode, Examples
from workbench.core.pacing.pace import CHUNK
from workbench.core.pictures.image_family import ImageFamily, ImageTaskSettings
from workbench.core.sketch.adapted import adapt
from workbench.core.sketch.calibration import AtRate, AtSize, Calibration
from workbench.core.sketch.reliability import Bin, reliability, temperature_of
from workbench.core.training.trained import Trained

WAYS = (2, 3, 5, 10, 20)
SHOTS = (1, 5)
RATES = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
TASKS = 60
REFUSED = 0.05
"""The share of drawings of the classes that may be taken for none of them."""

_USUAL_WAYS = 5
_QUERIES, _FEWEST_QUERIES = 20, 2

_Found = TypeVar("_Found")


class _Answers(NamedTuple):
    """Outputs [N, ways] to drawings of the classes, and how alike all drawings are."""

    outputs: torch.Tensor
    labels: torch.Tensor
    likeness: torch.Tensor
    likeness_of_others: torch.Tensor


class _Half(NamedTuple):
    """Answers of every other task: chosen on the even, checked on the odd ones."""

    chosen: _Answers
    checked: _Answers


def calibrate(
    trained: Trained,
    data: Path,
    *,
    tasks: int = TASKS,
    seed: int = 0,
    cancel: CancelFlag | None = None,
) -> Generator[float, None, Calibration]:
    """Calibrate task by task, yielding which share is done; DataError without data."""
    offered = WAYS if trained.ways is None else (trained.ways,)
    every = [(ways, shots) for ways in offered for shots in SHOTS]
    parts = len(every) + 1
    sizes: list[AtSize] = []
    why: DataError | None = None
    for done, (ways, shots) in enumerate(every):
        try:
            drawn = _Validation(trained, data, ways, shots, seed, cancel)
            measured = yield from _shares(_at_size(drawn, tasks), done, parts)
            sizes.append(measured)
        except DataError as error:  # there are no more classes, or no more drawings
            why = error
    if not sizes:
        raise why or DataError("There are no validation tasks.")
    usual = [size.ways for size in sizes if size.ways <= _USUAL_WAYS]
    ways = max(usual, default=sizes[0].ways)
    drawn = _Validation(trained, data, ways, sizes[0].shots, seed, cancel)
    rates = yield from _shares(_at_rates(drawn, tasks), parts - 1, parts)
    return Calibration(
        step=trained.step,
        inner_steps=trained.config.evaluation.steps,
        views=trained.config.evaluation.views,
        task=trained.config.task.title,
        sizes=tuple(sizes),
        rates=rates,
        rates_ways=ways if rates else 0,
    )


def _shares(
    measuring: Generator[float, None, _Found], done: int, parts: int
) -> Generator[float, None, _Found]:
    """Yield which share of all parts is done, while one is being measured."""
    while True:
        try:
            share = next(measuring)
        except StopIteration as end:
            found: _Found = end.value
            return found
        yield (done + share) / parts


class _Validation:
    """Validation tasks of one number of ways and shots, with a class more than that."""

    def __init__(
        self,
        trained: Trained,
        data: Path,
        ways: int,
        shots: int,
        seed: int,
        cancel: CancelFlag | None,
    ) -> None:
        self.trained, self.ways, self.shots = trained, ways, shots
        self._seed, self._cancel = seed, cancel
        task = trained.config.task
        if not isinstance(task, ImageTaskSettings):
            raise DataError(f"{task.title} has no pictures of classes.")
        self._queries = _queries(task, ways, shots, data)
        upright = task.model_copy(update={"ways": ways + 1, "rotation": "none"})
        self._family: ImageFamily = upright.open(data, torch.device("cpu"), cancel)

    def episodes(self, tasks: int) -> Iterator[Episode]:
        """Yield the tasks, the same whenever they are asked for."""
        stream = f"calibration {self.ways} {self.shots}"
        for number, first in enumerate(range(0, tasks, CHUNK)):
            generator = generator_for(self._seed, stream, number)
            examples = self.shots, self._queries
            drawn = self._family.sample("validation", CHUNK, generator, examples)
            for task in range(min(CHUNK, tasks - first)):
                stop_if(self._cancel)
                yield drawn.tasks(task)

    def answers(self, episode: Episode, rate: float = 1.0) -> _Answers:
        """Return what the learner says, having learned all classes but the last."""
        support, query = episode.support, episode.query
        learned, asked = support.y < self.ways, query.y < self.ways
        steps = self.trained.config.evaluation.steps
        adapted = adapt(
            self.trained,
            Examples(support.x[learned], support.y[learned]),
            steps,
            rate=rate,
        )
        said = adapted.replies(query.x, transductive=False)
        return _Answers(
            # Where the inner loop diverges, every answer is as good as another.
            said.outputs[-1][asked].nan_to_num(0.0, 0.0, 0.0),
            query.y[asked],
            said.likeness[asked].nan_to_num(-1.0),
            said.likeness[~asked].nan_to_num(-1.0),
        )


def _at_size(drawn: _Validation, tasks: int) -> Generator[float, None, AtSize]:
    heard = []
    for episode in drawn.episodes(tasks):
        heard.append(drawn.answers(episode))
        yield len(heard) / tasks
    chosen, checked = _halves(heard)
    temperature = temperature_of(chosen.outputs, chosen.labels)
    least = float(chosen.likeness.quantile(REFUSED))
    return AtSize(
        ways=drawn.ways,
        shots=drawn.shots,
        tasks=tasks,
        accuracy=_accuracy(checked),
        temperature=temperature,
        bins_before=_bins(checked, 1.0),
        bins=_bins(checked, temperature),
        least_likeness=least,
        refused=_share(checked.likeness < least),
        caught=_share(checked.likeness_of_others < least),
    )


def _at_rates(
    drawn: _Validation, tasks: int
) -> Generator[float, None, tuple[AtRate, ...]]:
    """Measure at every rate; a learner without an inner rate has none."""
    heard: list[list[_Answers]] = [[] for _ in RATES]
    for episode in drawn.episodes(tasks):
        try:
            for rate, answers in zip(RATES, heard, strict=True):
                answers.append(drawn.answers(episode, rate))
                yield len(heard[-1]) / tasks
        except ConfigError:
            return ()
    return tuple(_at_rate(*each) for each in zip(RATES, heard, strict=True))


def _at_rate(rate: float, heard: list[_Answers]) -> AtRate:
    chosen, checked = _halves(heard)
    return AtRate(
        rate=rate,
        accuracy=_accuracy(checked),
        temperature=temperature_of(chosen.outputs, chosen.labels),
    )


def _halves(heard: list[_Answers]) -> _Half:
    return _Half(*(_joined(heard[first::2]) for first in (0, 1)))


def _joined(parts: list[_Answers]) -> _Answers:
    return _Answers(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _accuracy(answers: _Answers) -> float:
    return _share(answers.outputs.argmax(-1) == answers.labels)


def _share(which: torch.Tensor) -> float:
    return float(which.double().mean())


def _bins(answers: _Answers, temperature: float) -> tuple[Bin, ...]:
    return reliability((answers.outputs / temperature).softmax(-1), answers.labels)


def _queries(task: ImageTaskSettings, ways: int, shots: int, data: Path) -> int:
    """Return how many drawings of a class to ask about: as many as there are left."""
    wanted = max(_FEWEST_QUERIES, _QUERIES // ways)
    held = task.holdings(data).get("validation") or task.limits("validation")
    if held is None:
        return wanted
    if held.classes <= ways:
        raise DataError(f"{task.title} validates on {held.classes} classes at most.")
    if held.examples < shots + _FEWEST_QUERIES:
        raise DataError(f"{task.title} has {held.examples} pictures of a class.")
    return min(wanted, held.examples - shots)
