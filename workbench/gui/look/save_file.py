"""Asks for the file to save to, with an ending that belongs to what is saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.gui.look.question import Question


def ask_save_file(
    host: QWidget, title: str, proposal: Path, kinds: str, *endings: str
) -> Path | None:
    """Return the file to save to, with one of these; None if the person declined.

    Which one is what was typed, or else the ending of the kind that was chosen. The
    dialog asks before a file is overwritten, but does not know of an ending that is
    given to the name afterwards: for that name it is asked here.
    """
    chosen, kind = QFileDialog.getSaveFileName(host, title, str(proposal), kinds)
    if not chosen:
        return None
    path = Path(chosen)
    typed, proposed = path.suffix.lower(), proposal.suffix.lower()
    ending = next((each for each in endings if f"*{each}" in kind), endings[0])
    if typed == ending or (typed in endings and typed != proposed):
        return path
    name = path.stem if typed in endings else path.name
    path = path.with_name(name + ending)
    return path if may_replace(host, path, title) else None


def may_replace(host: QWidget, path: Path, title: str = "Save") -> bool:
    """Return whether a path can be written to: none is there, or the person agrees."""
    if not path.exists():
        return True
    text = f"{path.name} is in {path.parent} already. Replace it?"
    return Question("replace_question", title, text, "Replace").ask(host)
