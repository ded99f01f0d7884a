"""Settings: frozen, validated models whose fields carry what a form needs."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

NO_VALUE = "none"
"""Stands for None where a file or a command line has no null."""

_EXTRA = ("unit", "symbol", "advanced", "mark", "none")


class Settings(BaseModel):
    """A section of the configuration: frozen, and no field it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    rank: ClassVar[int] = 100
    """Its place among the kinds of its section; the lowest is chosen where none is."""

    @model_validator(mode="before")
    @classmethod
    def _none_is_no_value(cls, values: Any) -> Any:
        return cls.plain(values) if isinstance(values, dict) else values

    @classmethod
    def missing(cls) -> str:
        """Return what must be installed before it can be chosen, if anything.

        A form asks for it of every kind that it offers: nothing is to be imported.
        """
        return ""

    @classmethod
    def plain(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with None where a file says that there is none."""
        optional = {
            name
            for name, field in cls.model_fields.items()
            if NoneType in get_args(field.annotation)
        }
        return {
            name: None if name in optional and _is_no_value(value) else value
            for name, value in values.items()
        }


def _is_no_value(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in (NO_VALUE, "")


def setting(default: Any, title: str, help: str, **about: Any) -> Any:
    """Declare a field with its title, one-line help and range.

    ``about`` takes pydantic's limits (``ge``, ``gt``, ``le``, ``lt``) and, for the
    form: ``unit``, ``symbol`` (as in the update rule), ``advanced`` (folded away) and
    ``none`` (what no value means, in words); and ``mark``, by which others know what
    the field does, whatever it is called.
    """
    extra: dict[str, Any] = {key: about.pop(key) for key in _EXTRA if key in about}
    return Field(
        default, title=title, description=help, json_schema_extra=extra, **about
    )


def none_of(field: FieldInfo) -> str:
    """Return what no value of a field means, in words."""
    extra = field.json_schema_extra
    return str(extra.get("none", NO_VALUE)) if isinstance(extra, Mapping) else NO_VALUE


def marked(settings: type[BaseModel], mark: str) -> tuple[str, ...]:
    """Return the fields that a settings class, or one that it extends, marks so."""
    found = {
        name: None
        for base in settings.__mro__
        if issubclass(base, BaseModel)
        for name, field in base.model_fields.items()
        if isinstance(field.json_schema_extra, Mapping)
        and field.json_schema_extra.get("mark") == mark
    }
    return tuple(found)
