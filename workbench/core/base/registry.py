"""Finds the members of an open set: every module of a package that adds one.

A new algorithm, task family, model, plot, panel or command is one new file in its
package; nothing else has to name it. Those of other packages are in ``plugins``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from fnmatch import fnmatchcase
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def packages_of(package: str) -> tuple[str, ...]:
    """Return the full names of the packages in ``package``, sorted; imports none."""
    path = importlib.import_module(package).__path__
    inner = sorted(found.name for found in pkgutil.iter_modules(path) if found.ispkg)
    return tuple(f"{package}.{name}" for name in inner)


@functools.cache
def modules_of(package: str, named: str = "*") -> tuple[ModuleType, ...]:
    """Import and return the public modules of ``package`` that are ``named`` so."""
    path = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    public = [name for name in names if not name.startswith("_")]
    chosen = [name for name in public if fnmatchcase(name, named)]
    return tuple(importlib.import_module(f"{package}.{name}") for name in chosen)


def members(package: str, base: type[T], named: str = "*") -> tuple[type[T], ...]:
    """Return the public subclasses of ``base`` that such modules define."""
    found = _classes_of(package, named)
    return tuple(member for member in found if issubclass(member, base))


@functools.cache
def _classes_of(package: str, named: str) -> tuple[type, ...]:
    return tuple(
        value
        for module in modules_of(package, named)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    )
