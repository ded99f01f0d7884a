"""Chooses what a search tries next: a pure function of what became of the others.

Optuna samples. Each call has a sampler of its own, with a seed from the search's and
the trial's number: nothing depends on which process asks, and in what order.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, product
from typing import Any

from workbench.core.base.errors import WorkbenchError
from workbench.core.base.extras import missing_of
from workbench.core.base.lazy import imported
from workbench.core.base.phrases import counted
from workbench.core.searching.search import Search, Trial
from workbench.core.searching.space import Choice, Dimension, Range

_FIRST = 10
"""So many trials of a search by TPE are random."""


def missing() -> str:
    """Return what has to be installed before a search can be made, if anything."""
    return missing_of("sweep", "optuna")


def ask(
    search: Search,
    space: Sequence[Dimension],
    trials: Sequence[Trial],
    number: int,
    *,
    is_less_better: bool,
) -> dict[str, Any]:
    """Return the values of a trial, given the others; it may need Optuna."""
    if search.sampler == "grid":
        return grid_of(space, search.trials)[number]
    with quiet() as optuna:
        seed = (1_000_003 * search.seed + number) % 2**32
        sampler: Any
        if search.sampler == "random":
            sampler = optuna.samplers.RandomSampler(seed)
        else:
            sampler = optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=_FIRST, constant_liar=True
            )
        study = optuna.create_study(
            sampler=sampler, direction="minimize" if is_less_better else "maximize"
        )
        study.add_trials([frozen(each, space) for each in trials])
        asked = study.ask(distributions(space))
    return {each.name: _chosen(each, asked.params[each.name]) for each in space}


def number_of_trials(search: Search, space: Sequence[Dimension]) -> int:
    """Return how many trials there are: of a grid as many as it has points.

    WorkbenchError where the smallest grid has more than may be tried.
    """
    if search.sampler != "grid":
        return search.trials
    fewest = math.prod(
        len(each.values) if isinstance(each, Choice) else 2 for each in space
    )
    if fewest > search.trials:
        raise WorkbenchError(
            f"{counted(search.trials, 'trial')} of a grid that has {fewest:,} points: "
            "raise the trials, search fewer values, or sample at random"
        )
    return len(grid_of(space, search.trials))


def grid_of(space: Sequence[Dimension], trials: int) -> list[dict[str, Any]]:
    """Return a grid's points, no more than trials: of each range as many as go in."""
    ranges = [each for each in space if isinstance(each, Range)]
    choices = math.prod(len(each.values) for each in space if isinstance(each, Choice))
    most = 2
    while ranges and choices * (most + 1) ** len(ranges) <= trials:
        most += 1
    axes = [
        list(each.values)
        if isinstance(each, Choice)
        else list(dict.fromkeys(each.at(n / (most - 1)) for n in range(most)))
        for each in space
    ]
    names = [each.name for each in space]
    points = islice(product(*axes), trials)  # there may be billions
    return [dict(zip(names, point, strict=True)) for point in points]


@contextmanager
def quiet() -> Iterator[Any]:
    """Yield Optuna, which says nothing meanwhile; WorkbenchError where it is not.

    So it is where it fails: it is not ours, and there are many versions of it.
    """
    if said := missing():
        raise WorkbenchError(f"a search needs Optuna: {said}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            optuna = imported("optuna")
            with _silent(optuna.logging):
                yield optuna
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise WorkbenchError(f"Optuna fails: {what}") from error


@contextmanager
def _silent(log: Any) -> Iterator[None]:
    before = log.get_verbosity()
    log.set_verbosity(log.ERROR)
    try:
        yield
    finally:
        log.set_verbosity(before)


def distributions(
    space: Sequence[Dimension],
) -> dict[str, Any]:
    """Return what Optuna calls the dimensions."""
    kinds = imported("optuna").distributions
    found = dict[str, Any]()
    for each in space:
        if isinstance(each, Choice):
            values = tuple(map(_plain, each.values))
            found[each.name] = kinds.CategoricalDistribution(values)
        else:
            is_whole = each.is_whole
            kind = kinds.IntDistribution if is_whole else kinds.FloatDistribution
            found[each.name] = kind(each.low, each.high, log=each.is_log)
    return found


def frozen(trial: Trial, space: Sequence[Dimension]) -> Any:
    """Return a trial as Optuna has it; one that diverged is pruned with no score.

    Of all that are pruned those without a score count as the worst.
    """
    trials = imported("optuna").trial
    states = trials.TrialState
    has_score = trial.score is not None and math.isfinite(trial.score)
    state = {
        "running": states.RUNNING,
        "completed": states.COMPLETE if has_score else states.PRUNED,
        "pruned": states.PRUNED,
        "diverged": states.PRUNED,
        "failed": states.FAIL,
    }[trial.state]
    curve = trial.curve if trial.state != "diverged" else {}
    return trials.create_trial(
        state=state,
        value=trial.score if state == states.COMPLETE else None,
        params={each.name: _told(each, trial.values[each.name]) for each in space},
        distributions=distributions(space),
        intermediate_values={at: x for at, x in curve.items() if math.isfinite(x)},
    )


def _chosen(dimension: Dimension, value: Any) -> Any:
    if isinstance(dimension, Range):
        return dimension.nearest(value)
    return next(each for each in dimension.values if _plain(each) == value)


def _told(dimension: Dimension, value: Any) -> Any:
    return value if isinstance(dimension, Range) else _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as Optuna knows it, which knows no lists."""
    return str(value) if isinstance(value, list | tuple) else value
