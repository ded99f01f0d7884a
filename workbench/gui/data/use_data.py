"""Turns the configuration to the task of a data set, as far as the data go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.core.config.holdings import reduced
from workbench.gui.shell import drafts
from workbench.gui.shell.session import Session


def use_data(
    session: Session, title: str, kind: str, fields: Mapping[str, Any]
) -> None:
    """Choose a task of a data set with what it can give, undone as one.

    Ways, shots and queries become fewer where its classes have no more.
    """
    session.undo_stack.beginMacro(f"use {title}")
    session.set_kind("task", kind)
    session.apply_overrides({f"task.{name}": fields[name] for name in fields})
    asked = session.draft
    fewer = reduced(asked, session.data)
    session.apply_overrides(fewer)
    session.undo_stack.endMacro()
    said = [
        f"{name.replace('task.', '')} {drafts.get(asked, name)} → {number}"
        for name, number in fewer.items()
    ]
    if session.mistakes:
        text = f"The task is {title} now, but it cannot be trained on yet: "
        session.notify(text + session.mistakes[0].message, "warning", "edit.undo")
    elif said:
        text = f"The task is {title} now, with {', '.join(said)}: "
        session.notify(f"{text}{_why_fewer(fewer)}", "warning", "edit.undo")
    else:
        session.notify(f"The task is {title} now", "good", "edit.undo")


def _why_fewer(changed: Iterable[str]) -> str:
    """Return why a data set cannot give what was asked in these fields."""
    names = {*changed}
    whys = ["a split has no more classes"] if "task.ways" in names else []
    if names - {"task.ways"}:
        whys.append("a class has no more pictures")
    return " and ".join(whys)
