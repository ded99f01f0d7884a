"""What a run is called that nobody named: learner, task, and what is special of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.core.base.settings import NO_VALUE, Settings, marked, none_of
from workbench.core.config.presets import find_preset, is_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.config.sections import SAME_RESULT, SEED

_ORDER = ("algorithm", "task", "model", "training", "evaluation")
_WRITTEN = {float: "g", int: ","}
_JOINT = ", "
_MOST = 4
"""So many differences are named; of more, how many there are."""


def telling_name(config: RunConfig, preset: str = "") -> str:
    """Return a name like ``Reptile, sinusoid, inner lr 0.02``.

    What is special is what differs from the preset, or else from the defaults.
    """
    found = find_preset(preset) if is_preset(preset) else None
    base = None if found is None else RunConfig.from_dict(found.config)
    parts = list(_differences(config, base))
    seed = [words for words, is_seed in parts if is_seed]
    others = [words for words, is_seed in parts if not is_seed]
    if len(others) > _MOST:
        others[_MOST - 1 :] = [f"{len(others) - _MOST + 1} settings more"]
    what = _what(config)
    if found is not None and base is not None and what == _what(base):
        # Presets of one learner and task are told apart by their titles.
        learner = config.algorithm.title
        is_named = found.title.startswith(learner)
        what = found.title if is_named else f"{learner}, {found.title}"
    return _JOINT.join([what, *others, *seed])


def _what(config: RunConfig) -> str:
    return f"{config.algorithm.title}, {config.task.in_short()}"


def _differences(
    config: RunConfig, base: RunConfig | None
) -> Iterator[tuple[str, bool]]:
    """Yield in words what differs, each with whether it is the seed."""
    if base is not None and type(base.model) is not type(config.model):
        yield config.model.title, False
    for section in _ORDER:
        here: Settings = getattr(config, section)
        there = getattr(base, section, None)
        seeds = marked(type(here), SEED)
        told = config.task.told_in_short if here is config.task else ()
        # What others call by the same words, as shots and steps, is of training.
        of = f"{section} " if here is config.evaluation else ""
        for name, value, none in _special(here, there):
            if name not in told:
                yield _words(of + name.replace("_", " "), value, none), name in seeds


def _special(here: Settings, there: Settings | None) -> Iterator[tuple[str, Any, str]]:
    """Yield the fields that have other values than there, or else than usual.

    With each comes what it would mean to have none.
    """
    like = there if type(there) is type(here) else None
    of_no_effect = marked(type(here), SAME_RESULT)
    for name, field in type(here).model_fields.items():
        value, usual = getattr(here, name), field.get_default(call_default_factory=True)
        same = usual if like is None else getattr(like, name)
        if value != same and name not in of_no_effect:
            yield name, value, none_of(field)


def _words(name: str, value: Any, none: str) -> str:
    if value is None and none != NO_VALUE:
        return f"{name} {none}"
    if value is None or value is False:
        return f"no {name}"
    if value is True:
        return name
    if isinstance(value, tuple | list):
        return " ".join([name, *map(str, value)])
    return f"{name} {value:{_WRITTEN.get(type(value), '')}}"


def name_after(name: str, before: RunConfig, after: RunConfig, preset: str = "") -> str:
    """Return what to call a run whose configuration changes; a given name stays.

    That of a sweep's run is one of ours too: it has all that ours would say, and what
    was swept, be it special or not.
    """
    was, now = telling_name(before, preset), telling_name(after, preset)
    if name == was:
        return now
    parts, old, new = (text.split(_JOINT) for text in (name, was, now))
    said, ours = [*map(_plain, parts)], {*map(_plain, old)}
    if not ours <= {*said} <= ours | {*map(_plain, _every_field(before))}:
        return name
    gone = [said.index(_plain(part)) for part in old if part not in new]
    come = [part for part in new if part not in {*old, *parts}]
    at = min(gone, default=len(parts) - said[-1].startswith("seed "))
    kept = [part for place, part in enumerate(parts) if place not in gone]
    return _JOINT.join([*kept[:at], *come, *kept[at:]])


def _every_field(config: RunConfig) -> Iterator[str]:
    for section in _ORDER:
        settings: Settings = getattr(config, section)
        for name, field in type(settings).model_fields.items():
            yield _words(name, getattr(settings, name), none_of(field))


def _plain(part: str) -> str:
    """Return a part of a name however its field and its numbers are written."""
    return part.replace("_", " ").replace(",", "")
