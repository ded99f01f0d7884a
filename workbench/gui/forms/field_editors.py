"""Chooses the editor for a field of a settings class, and describes the field."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from workbench.core.base.settings import none_of
from workbench.gui.forms.editors import (
    ChoiceEditor,
    FieldEditor,
    NumberEditor,
    NumberListEditor,
    SwitchEditor,
    TextEditor,
)

_SHORT = 5


class About(NamedTuple):
    """What a form shows of a field besides its value."""

    title: str
    help: str
    unit: str
    symbol: str
    advanced: bool
    low: float | None
    high: float | None
    range: str
    none: str
    """What no value means."""

    @property
    def placeholder(self) -> str:
        """What stands in an empty editor; beside a unit it has room for a word."""
        has_room = not self.unit or len(self.none) <= _SHORT
        return self.none if has_room else "–"

    def beside(self, value: Any) -> str:
        """Return what stands beside a value: its unit, or what no value means."""
        is_said = value is not None or self.placeholder == self.none
        return self.unit if is_said else self.none


def about(field: FieldInfo) -> About:
    """Read a field's title, help, unit, symbol and range."""
    extra = field.json_schema_extra
    extra = extra if isinstance(extra, Mapping) else {}
    limits = {
        name: getattr(item, name)
        for item in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(item, name, None) is not None
    }
    return About(
        title=field.title or "",
        help=field.description or "",
        unit=str(extra.get("unit", "")),
        symbol=str(extra.get("symbol", "")),
        advanced=bool(extra.get("advanced", False)),
        low=limits.get("ge", limits.get("gt")),
        high=limits.get("le", limits.get("lt")),
        range=_range_text(limits),
        none=none_of(field),
    )


def editor_for(field: FieldInfo) -> FieldEditor:
    """Return a fresh editor for the field's type; text where the type is unknown."""
    kind, optional = _without_none(field.annotation)
    described = about(field)
    placeholder = described.placeholder if optional else ""
    if get_origin(kind) is Literal:
        return ChoiceEditor([str(choice) for choice in get_args(kind)])
    if kind is bool:
        return SwitchEditor()
    if kind in (int, float):
        editor = NumberEditor(whole=kind is int, placeholder=placeholder)
        editor.set_range(described.low, described.high)
        return editor
    if get_origin(kind) in (tuple, list):
        return NumberListEditor(placeholder="like 64, 64")
    return TextEditor(placeholder=placeholder)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [part for part in get_args(annotation) if part is not type(None)]
        if len(kinds) == 1 and len(get_args(annotation)) == 2:
            return kinds[0], True
    return annotation, False


def _range_text(limits: Mapping[str, float]) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    if "ge" in limits and "le" in limits:
        return f"{limits['ge']:,} to {limits['le']:,}"
    return ", ".join(f"{words[name]} {limit:,}" for name, limit in limits.items())
