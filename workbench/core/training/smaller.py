"""Configurations that need less memory than one that did not fit."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.run_config import ConfigError, RunConfig, kinds
from workbench.core.learning.meta_learner import MetaLearner


def smaller_training(config: RunConfig) -> tuple[Remedy, ...]:
    """Return the changes with which meta-steps need less memory."""
    return tuple(each for each in _of_training(config) if _is_valid(config, each))


def smaller_evaluation(config: RunConfig) -> tuple[Remedy, ...]:
    """Return the changes with which evaluations need less memory."""
    return tuple(each for each in _of_evaluation(config) if _is_valid(config, each))


def _of_evaluation(config: RunConfig) -> Iterator[Remedy]:
    _, queries = config.examples_per_class("test", training=False)
    views = config.evaluation.views
    if queries > 1:
        effect = "half the queries held at once"
        yield _set("evaluation.queries", queries // 2, effect)
    if views > 1:
        yield _set("evaluation.views", views // 2, "half the views of each picture")


def _of_training(config: RunConfig) -> Iterator[Remedy]:
    batch, steps = config.training.meta_batch, config.algorithm.inner_steps
    if batch > 1:
        effect = "half the tasks in memory at once, noisier meta-gradients"
        yield _set("training.meta_batch", batch // 2, effect)
    if config.algorithm.order != "second":
        return
    if steps > 1:
        effect = "half the inner loop to differentiate through"
        yield _set("algorithm.inner_steps", steps // 2, effect)
    yield from _lighter_learners()


def _lighter_learners() -> Iterator[Remedy]:
    """Yield the first learner of each order that keeps no inner loop in memory."""
    orders = {"second"}
    for kind, learner in kinds("algorithm").items():
        if issubclass(learner, MetaLearner) and learner.order not in orders:
            orders.add(learner.order)
            yield _set("algorithm.kind", kind, f"memory is {learner.memory}")


def _set(field: str, value: int | str, effect: str) -> Remedy:
    return Remedy(kind=RemedyKind.SET, changes={field: value}, effect=effect)


def _is_valid(config: RunConfig, remedy: Remedy) -> bool:
    try:
        config.replace(remedy.changes)
    except ConfigError:
        return False
    return True
