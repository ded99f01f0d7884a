"""The command line that trains what the form shows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from workbench.core.base.program import command
from workbench.core.config.overrides import as_override
from workbench.gui.shell import drafts
from workbench.gui.shell.drafts import Values


def as_command(draft: Values, bases: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the shortest command: a base by name, and what differs from it.

    ``bases`` are configurations the command line knows, by preset or file name.
    """
    lines = [
        " ".join(
            [
                command("train"),
                shlex.quote(name),
                *(
                    f"--set {shlex.quote(as_override(field, value))}"
                    for field, value in overrides(draft, drafts.filled(base)).items()
                ),
            ]
        )
        for name, base in bases.items()
    ]
    return min(lines, key=lambda line: line.count("--set"))


def overrides(draft: Values, base: Values) -> dict[str, Any]:
    """Return the dotted fields that make ``base`` the draft, kinds first."""
    kinds = {}
    for section in drafts.SECTIONS:
        kind = draft[section].get("kind")
        if kind is not None and kind != base[section].get("kind"):
            kinds[f"{section}.kind"] = kind
            base = drafts.with_shared_fields(base, section, kind)
    return kinds | drafts.differences(draft, base)
