"""Whose the task, model and learner of a run are, where they are not ours."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.core.base.plugins import Origin, refusals, refuse
from workbench.core.config.members import kinds, origin, register
from workbench.core.config.sections import SECTION_TITLES, Sections

_NOTEBOOK = "__main__"


def origins(config: Sections) -> dict[str, Origin]:
    """Return where each member of a configuration is from that is not ours."""
    found = {
        section: origin(section, getattr(config, section).kind)
        for section in ("task", "model", "algorithm")
    }
    return {section: source for section, source in found.items() if source}


def missing_members(
    values: Mapping[str, Any], known: Mapping[str, Origin]
) -> list[str]:
    """Return of each member that is not there what to do to have it."""
    return [
        f"{SECTION_TITLES[section].lower()} {kind!r} {_how_to_have(known.get(section))}"
        for section, kind in _missing(values)
        if section in known
    ]


def import_members(known: Mapping[str, Origin]) -> None:
    """Import the modules of those that were registered by hand, as far as possible."""
    for source in known.values():
        if source.package or source.module == _NOTEBOOK or not _is_name(source.module):
            continue
        try:
            module = importlib.import_module(source.module)
            if hasattr(module, source.name):  # else the module itself registers it
                register(getattr(module, source.name))
                Sections.take_new_kinds()
        except ModuleNotFoundError:
            continue
        except Exception as error:  # whatever the code of others raises
            refuse(source, "", f"{type(error).__name__}: {error}".strip(": "))


def _is_name(module: str) -> bool:
    return all(part.isidentifier() for part in module.split("."))


def _missing(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section in ("task", "model", "algorithm"):
        chosen = values.get(section)
        kind = chosen.get("kind") if isinstance(chosen, Mapping) else None
        if isinstance(kind, str) and kind not in kinds(section):
            yield section, kind


def _how_to_have(source: Origin | None) -> str:
    if source is None:
        return "is unknown"
    if source.package:
        for refusal in refusals():
            if refusal.origin.package == source.package:
                return f"is of {source.text}, but {refusal}"
        return (
            f"is of {source.text}, which is not installed: "
            f"pip install {source.package}=={source.version}"
        )
    if source.module == _NOTEBOOK:
        what = f"the class {source.name} of" if source.name else "made in"
        return (
            f"is {what} a notebook or script: run that again, or move it to a module "
            "that can be imported"
        )
    place = f"{source.module}.{source.name}" if source.name else f"of {source.module}"
    for refusal in refusals():
        if refusal.origin == source:
            return f"is {place}, and {refusal}"
    return (
        f"is {place}, which cannot be imported here: start where "
        "that module is, or name its folder in PYTHONPATH"
    )
