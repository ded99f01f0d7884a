"""Packages that not everybody needs, and what to install where they are missing."""

from __future__ import annotations

from importlib.util import find_spec


def missing_of(extra: str, *modules: str) -> str:
    """Return which of an extra's modules are missing and how they get here, if any.

    Nothing is imported, so that a form may ask at each edit.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if not missing:
        return ""
    verb = "is" if len(missing) == 1 else "are"
    command = f"pip install 'fewshot-workbench[{extra}]'"
    return f"{' and '.join(missing)} {verb} not installed: {command}"
