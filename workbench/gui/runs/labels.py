"""Tags and notes: what a person writes on one run, or on several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QInputDialog, QWidget

from workbench.core.base.phrases import one_line
from workbench.core.runs.row import RunRow

Changes = Mapping[str, Mapping[str, Any]]
"""What changes in run.json, by the name of the run's folder."""

_MOST_NAMED = 8


def split(text: str) -> tuple[str, ...]:
    """Return the tags in a text, each once."""
    words = (word.strip() for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def those(rows: Sequence[RunRow]) -> str:
    """Return what to call these runs."""
    if len(rows) == 1:
        return one_line(rows[0].name, 60)
    what = "runs" if all(row.is_run for row in rows) else "folders"
    return f"{len(rows):,} {what}"


def named(rows: Sequence[RunRow]) -> str:
    """Return the names of these runs, one a line, as far as there is room."""
    names = [one_line(row.name, 60) for row in rows[:_MOST_NAMED]]
    more = len(rows) - len(names)
    return "\n".join([*names, *[f"and {more:,} more"] * (more > 0)])


def left_out(rows: Sequence[RunRow]) -> str:
    """Return which of these cannot be read, each with the reason; empty if none."""
    bad = [row for row in rows if not row.is_run]
    told = [f"{one_line(row.name, 60)}: {row.problem}" for row in bad[:_MOST_NAMED]]
    more = [f"{len(bad) - len(told):,} more"] * (len(bad) > len(told))
    return "Left out: " + "; ".join([*told, *more]) if bad else ""


def ask_tags(rows: Sequence[RunRow], parent: QWidget) -> Changes:
    """Ask for the tags of these runs; a tag that not all of them have stays."""
    tags = {row.folder: split(row.tags) for row in rows}
    first = next(iter(tags.values()))
    common = [tag for tag in first if all(tag in each for each in tags.values())]
    is_one = len(rows) == 1
    prompt = f"Tags of {those(rows)}" if is_one else f"Tags that {those(rows)} share"
    text, accepted = QInputDialog.getText(
        parent, "Tag", f"{prompt}, separated by commas:", text=", ".join(common)
    )
    if not accepted:
        return {}
    shared = split(text)
    return {
        folder: {"tags": tuple(dict.fromkeys([*_without(own, common), *shared]))}
        for folder, own in tags.items()
    }


def ask_note(rows: Sequence[RunRow], parent: QWidget) -> Changes:
    """Ask for the note on these runs; nothing changes where nothing was written."""
    notes = {row.notes for row in rows}
    before = notes.pop() if len(notes) == 1 else ""
    replaces = ", in place of theirs" if notes else ""
    text, accepted = QInputDialog.getMultiLineText(
        parent, "Note", f"Note on {those(rows)}{replaces}:", before
    )
    if not accepted or text.strip() == before:
        return {}
    return {row.folder: {"notes": text.strip()} for row in rows}


def _without(tags: Sequence[str], others: Sequence[str]) -> list[str]:
    return [tag for tag in tags if tag not in others]
