"""What to change when a run does not fit into memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from workbench.core.config.run_config import ConfigError, RunConfig, kinds
from workbench.core.learning.meta_learner import MetaLearner

_OUT_OF_MEMORY = re.compile(r"out of memory|can.?t allocate memory", re.IGNORECASE)


class Remedy(NamedTuple):
    """One change to the configuration: what it is called, what it does, its fields."""

    title: str
    effect: str
    overrides: dict[str, Any]


def is_out_of_memory(message: str) -> bool:
    """Return whether a run failed because it did not fit into memory."""
    return _OUT_OF_MEMORY.search(message) is not None


def remedies(config: RunConfig) -> list[Remedy]:
    """Return the changes that need less memory and give a valid configuration."""
    return [remedy for remedy in _candidates(config) if _is_valid(config, remedy)]


def _candidates(config: RunConfig) -> Iterator[Remedy]:
    batch, steps = config.training.meta_batch, config.algorithm.inner_steps
    if batch > 1:
        half = batch // 2
        yield Remedy(
            f"Meta-batch {half}",
            "half the tasks in memory at once, noisier meta-gradients",
            {"training.meta_batch": half},
        )
    if steps > 1 and config.algorithm.order == "second":
        half = steps // 2
        yield Remedy(
            f"{half} inner steps",
            "half the inner loop to differentiate through",
            {"algorithm.inner_steps": half},
        )
    if config.algorithm.order == "second":
        yield from _lighter_learners()


def _lighter_learners() -> Iterator[Remedy]:
    """Yield the first learner of each order that keeps no inner loop in memory."""
    orders = {"second"}
    for kind, learner in kinds("algorithm").items():
        if issubclass(learner, MetaLearner) and learner.order not in orders:
            orders.add(learner.order)
            effect = f"memory is {learner.memory}"
            yield Remedy(learner.title, effect, {"algorithm.kind": kind})


def _is_valid(config: RunConfig, remedy: Remedy) -> bool:
    try:
        config.replace(remedy.overrides)
    except ConfigError:
        return False
    return True
