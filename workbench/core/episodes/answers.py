"""What a trained learner says of one episode, at every inner step from 0 to K."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.base.cancelling import CancelFlag, stop_if
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.acted_episode import ActedEpisodes
from workbench.core.episodes.shown_episode import (
    Address,
    EpisodeSource,
    Floats,
    ShownEpisode,
)
from workbench.core.learning.episode import Episode, Examples
from workbench.core.training.trained import Trained


@dataclass(frozen=True)
class Answers:
    """A learner's answers to an episode; the first axis counts the inner steps.

    ``outputs`` are [K+1, queries, ways] probabilities, or [K+1, queries, 1] predictions
    of a regression; ``curves`` are its predictions where the true curve is given.
    """

    labels: NDArray[np.integer[Any]]
    outputs: Floats
    support_loss: Floats
    query_loss: Floats
    curves: Floats | None = None

    @property
    def steps(self) -> int:
        """How many inner steps were made."""
        return len(self.outputs) - 1

    @property
    def classifies(self) -> bool:
        """Whether the answers are classes."""
        return int(self.outputs.shape[-1]) > 1

    def chosen(self, step: int) -> NDArray[np.integer[Any]]:
        """Return the class chosen for each query."""
        chosen: NDArray[np.integer[Any]] = self.outputs[step].argmax(-1)
        return chosen

    def confidence(self, step: int) -> Floats:
        """Return the probability of the class chosen for each query."""
        confidence: Floats = self.outputs[step].max(-1)
        return confidence

    def right(self, step: int) -> NDArray[np.bool_]:
        """Return which queries are classified rightly."""
        right: NDArray[np.bool_] = self.chosen(step) == self.labels
        return right

    def accuracy(self, step: int) -> float:
        """Return the fraction classified rightly."""
        return float(self.right(step).mean())

    def accuracies(self) -> Floats:
        """Return the accuracy at every inner step."""
        return np.array([self.accuracy(step) for step in range(self.steps + 1)])

    def confusion(self, step: int) -> NDArray[np.integer[Any]]:
        """Return how often a class (row) was taken for a class (column)."""
        ways = self.outputs.shape[-1]
        flat = np.bincount(self.labels * ways + self.chosen(step), minlength=ways**2)
        return flat.reshape(ways, ways)


def answer(trained: Trained, shown: ShownEpisode, steps: int) -> Answers:
    """Ask a trained learner; DataError says why it cannot be asked."""
    check_fits(trained, shown.config)
    look = trained.look(shown.episode, steps)
    outputs = look.query_outputs.softmax(-1) if shown.ways else look.query_outputs
    return Answers(
        shown.episode.query.y.numpy(),
        outputs.numpy(),
        look.support_loss.numpy(),
        look.query_loss.numpy(),
        _curves(trained, shown, steps),
    )


def check_fits(trained: Trained, config: RunConfig) -> None:
    """Raise DataError where a learner cannot solve a configuration's tasks."""
    if problem := misfit(trained.config, config):
        raise DataError(problem)


def misfit(made: RunConfig, config: RunConfig) -> str:
    """Return why a run of one configuration cannot solve another's tasks, if so."""
    made_for, task = made.task, config.task
    if made_for.problem != task.problem or made_for.input_shape != task.input_shape:
        return (
            f"this run learned {made_for.title}, {_shape(made_for.input_shape)}, but "
            f"the episode is of {task.title}, {_shape(task.input_shape)}: choose "
            "another run, or set the experiment's task to the run's"
        )
    if task.problem == "reinforcement":
        if made_for.outputs == task.outputs:
            return ""
        return (
            f"this run's actions are {made_for.outputs} numbers, but those of "
            f"{task.title} are {task.outputs}: choose another run"
        )
    if made.model.head != "shared" and made_for.outputs != task.outputs:
        return (
            f"this run tells {made_for.outputs} classes apart, but the episode has "
            f"{task.outputs}: choose another run, or set the ways to "
            f"{made_for.outputs}"
        )
    return ""


class RankedEpisode(NamedTuple):
    """An episode, and how well it was solved."""

    address: Address
    accuracy: float | None
    loss: float


class RankedClass(NamedTuple):
    """A class, and how many of its queries were taken for another's."""

    row: int
    name: str
    wrong: int
    asked: int


class Hardest(NamedTuple):
    """Episodes and classes, those that a learner gets most wrong first.

    ``measure`` is what episodes were solved by besides accuracies: where it is a
    return, a loss is minus that.
    """

    episodes: tuple[RankedEpisode, ...]
    classes: tuple[RankedClass, ...]
    measure: Measure = Measure.LOSS


def hardest(
    trained: Trained,
    source: EpisodeSource,
    config: RunConfig,
    addresses: Iterable[Address],
    *,
    steps: int,
    progress: Callable[[int], None],
    cancel: CancelFlag | None = None,
) -> Hardest:
    """Ask a learner about many episodes, and sort them and their classes."""
    check_fits(trained, config)
    acting = ActedEpisodes()
    episodes: list[RankedEpisode] = []
    tally: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    for done, address in enumerate(addresses):
        stop_if(cancel)
        progress(done)
        shown = source.episode(config, address)
        if shown.goals is not None:
            acted = acting.act(trained, source, shown, steps)
            loss = -acted.after(steps).mean_return
            episodes.append(RankedEpisode(address, None, loss))
            continue
        answers = answer(trained, shown, steps)
        accuracy = answers.accuracy(-1) if shown.ways else None
        episodes.append(RankedEpisode(address, accuracy, float(answers.query_loss[-1])))
        right = answers.right(-1) if shown.ways else np.zeros(0, bool)
        for label, row in enumerate(shown.classes):
            mine = right[answers.labels == label]
            counts = tally.setdefault(row, [0, 0])
            counts[0] += int((~mine).sum())
            counts[1] += len(mine)
            names[row] = shown.class_names[label]
    acts = config.task.problem == "reinforcement"
    measure = Measure.RETURN if acts else Measure.LOSS
    ranked = tuple(sorted(episodes, key=_difficulty))
    return Hardest(ranked, _ranked_classes(tally, names), measure)


def _ranked_classes(
    tally: dict[int, list[int]], names: dict[int, str]
) -> tuple[RankedClass, ...]:
    """Return classes by how many of their queries were taken for another's."""

    def order(item: tuple[int, list[int]]) -> tuple[float, str]:
        row, (wrong, asked) = item
        return -wrong / asked, names[row]

    return tuple(
        RankedClass(row, names[row], *counts)
        for row, counts in sorted(tally.items(), key=order)
    )


def _difficulty(ranked: RankedEpisode) -> tuple[float, float]:
    """Return what to sort by; nothing is harder than what the inner loop loses."""
    loss = ranked.loss if math.isfinite(ranked.loss) else math.inf
    return (0.0 if ranked.accuracy is None else ranked.accuracy, -loss)


def _curves(trained: Trained, shown: ShownEpisode, steps: int) -> Floats | None:
    if shown.curve is None:
        return None
    x, y = (torch.from_numpy(axis).float()[:, None] for axis in shown.curve)
    support = shown.episode.support
    told = support.x[:1, 1:].expand(len(x), -1)  # the same at every point of a curve
    query = Examples(torch.cat([x, told], -1), y)
    episode = Episode(support, query, shown.episode.order)
    curves: Floats = trained.look(episode, steps).query_outputs[..., 0].numpy()
    return curves


def _shape(shape: tuple[int, ...]) -> str:
    if len(shape) != 3:
        return f"{shape[0]} number" + ("s" if shape[0] != 1 else "")
    kind = "grey" if shape[0] == 1 else "colour"
    return f"{kind} {shape[2]} x {shape[1]} pictures"
