"""Drafts: the nested values of a configuration while it is edited, right or wrong.

A draft has every section with every field, as JSON has them (lists, not tuples), so
that forms can show it and TOML, undo and comparison need nothing more.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from workbench.core.base.settings import Settings
from workbench.core.config.overrides import section_of, with_overrides
from workbench.core.config.run_config import (
    ConfigError,
    RunConfig,
    kinds,
    section_models,
)

Values = dict[str, Any]

SECTIONS = ("task", "model", "algorithm", "training", "evaluation")


def default_draft() -> Values:
    """Return the first kinds that go together, with their defaults."""
    choices = [[{"kind": kind} for kind in kinds(name)] for name in SECTIONS[:3]]
    for chosen in itertools.product(*choices):
        draft = filled(dict(zip(SECTIONS, chosen, strict=False)))
        with contextlib.suppress(ConfigError):
            RunConfig.from_dict(draft)
            return draft
    return filled({})


def from_config(config: RunConfig) -> Values:
    """Return the draft that validates to ``config``."""
    return filled(config.model_dump(mode="json"))


def settings_of(draft: Mapping[str, Any], section: str) -> type[Settings]:
    """Return the settings class that a section of the draft is for."""
    choices = kinds(section)
    kind = draft.get(section, {}).get("kind")
    if choices:
        return choices.get(str(kind)) or next(iter(choices.values()))
    return section_models(section)[0]  # type: ignore[return-value]


def filled(values: Mapping[str, Any]) -> Values:
    """Return the values with every missing section and field at its default.

    What is unknown stays, so that the mistake can be shown; ConfigError where a
    section is none.
    """
    draft: Values = {key: value for key, value in values.items() if key not in SECTIONS}
    for section in SECTIONS:
        given = section_of(values, section)
        settings = settings_of(values, section)
        plain = {k: _plain(v) for k, v in settings.plain(given).items()}
        draft[section] = defaults_of(settings) | plain
    return draft


def defaults_of(settings: type[Settings]) -> Values:
    """Return the defaults of a settings class as a draft has them."""
    return {name: _default(field) for name, field in settings.model_fields.items()}


def default_of(draft: Mapping[str, Any], dotted: str) -> Any:
    """Return the default of one field, under the kind the draft has chosen."""
    section, _, name = dotted.partition(".")
    return _default(settings_of(draft, section).model_fields[name])


def get(draft: Mapping[str, Any], dotted: str) -> Any:
    """Return one field's value."""
    section, _, name = dotted.partition(".")
    return draft[section][name]


def with_field(draft: Values, dotted: str, value: Any) -> Values:
    """Return the draft with one field replaced."""
    section, _, name = dotted.partition(".")
    return {**draft, section: {**draft[section], name: _plain(value)}}


def with_fields(draft: Values, changes: Mapping[str, Any]) -> Values:
    """Return the draft with several fields replaced."""
    for dotted, value in changes.items():
        draft = with_field(draft, dotted, value)
    return draft


def strays(draft: Mapping[str, Any]) -> list[str]:
    """Return the dotted fields that nothing knows, and sections that there are not."""
    return [name for name in draft if name not in SECTIONS] + [
        f"{section}.{name}"
        for section in SECTIONS
        for name in draft[section]
        if name not in settings_of(draft, section).model_fields
    ]


def without(draft: Values, dotted: str) -> Values:
    """Return the draft without a field, or a section, that nothing knows."""
    if dotted in draft:
        return {name: value for name, value in draft.items() if name != dotted}
    section, _, field = dotted.partition(".")
    kept = {name: value for name, value in draft[section].items() if name != field}
    return {**draft, section: kept}


def with_kind(draft: Values, section: str, kind: str) -> Values:
    """Return the draft with another kind: what was changed and fits it is kept."""
    defaults = defaults_of(settings_of(draft, section))
    chosen = kinds(section)[kind]
    changed = {
        name: value
        for name, value in draft[section].items()
        if name == "kind"
        or (value != defaults.get(name, value) and _fits(chosen, name, value))
    }
    return filled(
        with_overrides({**draft, section: changed}, {f"{section}.kind": kind})
    )


def _fits(settings: type[Settings], name: str, value: Any) -> bool:
    """Return whether a field that kinds share may have this value; others may."""
    if name not in settings.model_fields:
        return True
    try:
        settings.model_validate({name: value})
    except ValidationError:
        return False
    return True


def with_shared_fields(draft: Values, section: str, kind: str) -> Values:
    """Return the draft with another kind as the command line chooses it.

    Every field that both kinds have keeps its value, changed or not.
    """
    return filled(with_overrides(draft, {f"{section}.kind": kind}))


def differences(draft: Values, base: Values) -> dict[str, Any]:
    """Return the dotted fields of ``draft`` whose values are not those of ``base``."""
    return {
        f"{section}.{name}": value
        for section in SECTIONS
        for name, value in draft[section].items()
        if base[section].get(name, ...) != value
    }


def _default(field: FieldInfo) -> Any:
    return _plain(field.get_default(call_default_factory=True))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
