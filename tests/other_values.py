"""A value that a field of some settings may have, besides its default."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo


def other_value(field: FieldInfo) -> Any:
    """Another choice, or a number a little off, or some text."""
    if get_origin(field.annotation) is Literal:
        choices = get_args(field.annotation)
        return next(choice for choice in choices if choice != field.default)
    if isinstance(field.default, bool):
        return not field.default
    if isinstance(field.default, int):
        return field.default + 1
    if isinstance(field.default, float):
        return field.default + 0.01
    return "other"
