"""Finds the members of an open set: every module of a package that adds one.

A new algorithm, task family, model, plot or command is one new file in its package;
nothing else has to name it.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


@functools.cache
def modules_of(package: str) -> tuple[ModuleType, ...]:
    """Import and return the public modules of ``package``, sorted by name."""
    path = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    names = [name for name in names if not name.startswith("_")]
    return tuple(importlib.import_module(f"{package}.{name}") for name in names)


def members(package: str, base: type[T]) -> tuple[type[T], ...]:
    """Return the public subclasses of ``base`` that ``package`` defines."""
    return tuple(found for found in _classes(package) if issubclass(found, base))


@functools.cache
def _classes(package: str) -> tuple[type, ...]:
    return tuple(
        value
        for module in modules_of(package)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    )
