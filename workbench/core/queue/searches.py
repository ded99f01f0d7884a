"""What a search in the queue becomes: one trial after the other, of runs to train."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.core.base.errors import WorkbenchError, problem_of
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.queue.queued import Queued, QueueState
from workbench.core.queue.trials import trial_runs, trials_of
from workbench.core.runs.sweeps import new_sweep_id
from workbench.core.searching.sampling import ask, missing, number_of_trials
from workbench.core.searching.search import MOST_RUNS, Search, TrialNote
from workbench.core.searching.space import parse_space


def search_item(
    name: str, config: RunConfig, search: Search, preset: str = ""
) -> Queued:
    """Return a search as it is queued; WorkbenchError where it could not be made."""
    space = parse_space(search.space, config)
    for end in (min, max) if search.seeds else ():
        config.replace({"training.seed": end(search.seeds)})
    if search.sampler != "grid" and (said := missing()):
        raise WorkbenchError(f"a search needs Optuna: {said}")
    trials = number_of_trials(search, space)
    if (runs := trials * len(search.seeds)) > MOST_RUNS:
        message = f"{runs:,} runs are too many for one search: {MOST_RUNS:,} at most"
        raise ConfigError([Mistake("", message)])
    return Queued(
        id=secrets.token_hex(6),
        name=name,
        config=config.to_toml(),
        preset=preset,
        sweep=new_sweep_id(),
        search=search.model_copy(update={"trials": trials}),
    )


def with_next_trial(runs: Path, state: QueueState, item: Queued) -> QueueState:
    """Return the queue with the runs of the next trial before their search.

    A search that cannot be made, as of a task that is not there, has failed.
    WorkbenchError where this process cannot choose: another may.
    """
    assert item.search is not None
    number, search = item.begun, item.search
    try:
        values = _chosen(runs, state, item)
    except ConfigError as error:
        text, remedies = problem_of(error)
        return state.having(item.id, state="failed", message=text, remedies=remedies)
    note = TrialNote(number=number, values=values, search=search)
    begun = item.begun + 1
    is_over = begun >= search.trials
    changed = item.model_copy(
        update={"begun": begun, "state": "done" if is_over else "waiting"}
    )
    items = list[Queued]()
    for each in state.items:
        items += [*_runs(item, note), changed] if each.id == item.id else [each]
    return state.model_copy(update={"items": tuple(items)})


def _chosen(runs: Path, state: QueueState, item: Queued) -> dict[str, Any]:
    assert item.search is not None
    config = RunConfig.from_toml(item.config)
    space = parse_space(item.search.space, config)
    trials = trials_of(trial_runs(runs, item.sweep, state))
    is_less_better = Measure.of_problem(config.task.problem).is_less_better
    return ask(item.search, space, trials, item.begun, is_less_better=is_less_better)


def _runs(item: Queued, note: TrialNote) -> Iterator[Queued]:
    """Yield the runs of a trial, one of each seed; failed if they cannot be."""
    config = RunConfig.from_toml(item.config)
    seeds = note.search.seeds or (config.training.seed,)
    for seed in seeds:
        name = f"{item.name}, trial {note.number + 1}"
        run = item.model_copy(
            update={
                "id": secrets.token_hex(6),
                "name": f"{name}, seed {seed}" if len(seeds) > 1 else name,
                "search": None,
                "begun": 0,
                "trial": note,
            }
        )
        try:
            chosen = config.replace({**note.values, "training.seed": seed})
        except WorkbenchError as error:
            text, remedies = problem_of(error)
            changes = {"state": "failed", "message": text, "remedies": remedies}
            yield run.model_copy(update=changes)
        else:
            yield run.model_copy(update={"config": chosen.to_toml()})
