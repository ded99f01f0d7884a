"""The settings known to work for a learner on a task: those of a preset of both.

A learner rarely learns with the settings of another: their meta rates alone differ by
a factor of a thousand. Presets are the one place that says what works.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_origin

from workbench.core.base.settings import marked
from workbench.core.config.presets import (
    Preset,
    find_preset,
    is_preset,
    list_presets,
)
from workbench.core.config.run_config import RunConfig
from workbench.core.config.sections import SAME_RESULT, SEED, TrainingSettings, kinds

Values = Mapping[str, Mapping[str, Any]]

_BESIDES = ("evaluation.every", "evaluation.steps", "task.reduction")
"""What goes with a learner besides its own settings and training's."""

_HOW_EXACTLY = {"evaluation.tasks", "evaluation.validation_tasks"}
"""What says nothing of the tasks themselves."""


class Known(NamedTuple):
    """A preset that works, and its values of the fields that are others here."""

    preset: Preset
    changes: dict[str, Any]


def known_settings(values: Values) -> Known | None:
    """Return what to change to train a learner as the nearest preset of it does.

    Nearest is one on the same tasks, then one whose learner makes the same choices, as
    of an inner solver; then that whose task, model and evaluation differ least. None
    where no preset has the learner on a problem and a model like these.
    """
    fitting = [each for each in list_presets() if _fits(values, each.config)]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda each: _distance(values, _full(each.name)))
    return Known(nearest, deviations(values, nearest.name))


def deviations(values: Values, preset: str) -> dict[str, Any]:
    """Return a preset's values of what is learned by, where they are others here."""
    full = _full(preset)
    return {
        dotted: value
        for dotted, value in _learned_by(full)
        if _get(values, dotted) != value and _is_there(values, dotted)
    }


def comes_with(values: Values, preset: str, chosen: Values) -> Known | None:
    """Return what a learner comes with that was chosen in values of this preset.

    None where the way of learning was edited: that is the person's own to change.
    """
    if is_preset(preset):
        is_own = bool(deviations(values, preset))
    else:
        known = known_settings(values)
        is_own = known is None or bool(known.changes)
    return None if is_own else known_settings(chosen)


def offered(values: Values, preset: str) -> Known | None:
    """Return what works for a learner; None if it is what its preset says."""
    known = known_settings(values)
    is_news = known is not None and known.preset.name != preset and known.changes
    return known if is_news else None


@functools.cache
def _full(preset: str) -> dict[str, dict[str, Any]]:
    """Return a preset's values with all defaults."""
    config = RunConfig.from_dict(find_preset(preset).config)
    return config.model_dump(mode="json")


def _fits(values: Values, preset: Values) -> bool:
    """Return whether a preset, which names its kinds, is of this learner and model."""
    same = ("algorithm.kind", "model.kind")
    if any(_get(values, dotted) != _get(preset, dotted) for dotted in same):
        return False
    tasks = kinds("task")
    chosen = (str(_get(each, "task.kind")) for each in (values, preset))
    here, there = map(tasks.get, chosen)
    return getattr(here, "problem", None) == getattr(there, "problem", "")


def _distance(values: Values, full: Values) -> tuple[bool, int, int]:
    taken = {dotted for dotted, _ in _learned_by(full)}
    others = [
        name
        for section in ("task", "model", "evaluation")
        for name in (f"{section}.{field}" for field in full[section])
        if name not in taken | _HOW_EXACTLY and _is_there(values, name)
    ]
    return (
        _differ(values, full, ["task.kind"]) > 0,
        _differ(values, full, _choices(full)),
        _differ(values, full, others),
    )


def _learned_by(full: Values) -> Iterator[tuple[str, Any]]:
    """Yield the fields that say how is learned, and not what or how often again."""
    without = {*marked(TrainingSettings, SEED), *marked(TrainingSettings, SAME_RESULT)}
    for section in ("algorithm", "training"):
        for name, value in full[section].items():
            if section == "algorithm" or name not in without:
                yield f"{section}.{name}", value
    for dotted in _BESIDES:
        if _is_there(full, dotted):
            yield dotted, _get(full, dotted)


def _choices(full: Values) -> list[str]:
    """Return the learner's fields that are one of a few."""
    fields = kinds("algorithm")[_get(full, "algorithm.kind")].model_fields
    return [
        f"algorithm.{name}"
        for name, field in fields.items()
        if get_origin(field.annotation) is Literal
    ]


def _differ(values: Values, full: Values, names: list[str]) -> int:
    return sum(_get(values, dotted) != _get(full, dotted) for dotted in names)


def _is_there(values: Values, dotted: str) -> bool:
    section, _, name = dotted.partition(".")
    return section == "algorithm" or name in values[section]


def _get(values: Values, dotted: str) -> Any:
    section, _, name = dotted.partition(".")
    return values[section].get(name)
