"""Puts what is missing of an experiment into the queue, and says what of it waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.standing import Planned, essence
from workbench.core.queue.queue import Queued, RunQueue
from workbench.core.runs.store import RunFolder


def queue_missing(
    queue: RunQueue, experiment: Experiment, planned: Sequence[Planned]
) -> list[Queued]:
    """Add what is to be trained and does not wait already; return all that waits.

    A run that was begun goes on. Seeds of the same run are a sweep.
    """
    there = list(map(essence, waiting_configs(queue)))
    missing = [each for each in planned if each.is_to_train]
    new = [each for each in missing if essence(each.config) not in there]
    for each in new:
        if each.row is not None:
            queue.add_begun(RunFolder(queue.runs / each.row.folder))
    fresh = [each for each in new if each.row is None]
    for (name, preset), group in groupby(fresh, key=lambda each: each[:2]):
        seeds = {each.config.training.seed: each.config for each in group}
        title = f"{experiment.title}, {name}"
        names = [f"{title}, seed {seed}" if len(seeds) > 1 else title for seed in seeds]
        queue.add(list(zip(names, seeds.values(), strict=True)), preset)
    wanted = [essence(each.config) for each in missing]
    waiting = _configs(queue.read().waiting)
    return [item for item, config in waiting if essence(config) in wanted]


def waiting_configs(queue: RunQueue) -> list[RunConfig]:
    """Return what waits in a queue, or is trained, as far as it can be read."""
    return [config for _, config in _configs(queue.read().waiting)]


def _configs(items: Iterable[Queued]) -> list[tuple[Queued, RunConfig]]:
    """Return what can be read of the configurations; the others will fail."""
    found = []
    for item in items:
        try:
            found.append((item, RunConfig.from_toml(item.config)))
        except ConfigError:
            continue
    return found
