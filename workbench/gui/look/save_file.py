"""Asks for the file to save to, with the ending that belongs to what is saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.gui.look.question import Question


def ask_save_file(
    host: QWidget, title: str, proposal: Path, kinds: str, ending: str
) -> Path | None:
    """Return the file to save to, with that ending; None if the person declined.

    The dialog asks before a file is overwritten, but does not know of an ending that
    is added to the name afterwards: for that name it is asked here.
    """
    chosen, _ = QFileDialog.getSaveFileName(host, title, str(proposal), kinds)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() == ending:
        return path
    path = path.with_name(path.name + ending)
    return path if may_replace(host, path, title) else None


def may_replace(host: QWidget, path: Path, title: str = "Save") -> bool:
    """Return whether a path can be written to: none is there, or the person agrees."""
    if not path.exists():
        return True
    text = f"{path.name} is in {path.parent} already. Replace it?"
    return Question("replace_question", title, text, "Replace").ask(host)
