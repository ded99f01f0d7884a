"""Settings: frozen, validated models whose fields carry what a form needs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """A section of the configuration: frozen, and no field it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )


def setting(default: Any, title: str, help: str, **about: Any) -> Any:
    """Declare a field with its title, one-line help and range.

    ``about`` takes pydantic's limits (``ge``, ``gt``, ``le``, ``lt``) and, for the form:
    ``unit``, ``symbol`` (as in the update rule) and ``advanced`` (folded away).
    """
    form = {key: about.pop(key) for key in ("unit", "symbol", "advanced") if key in about}
    return Field(
        default, title=title, description=help, json_schema_extra=form, **about
    )
