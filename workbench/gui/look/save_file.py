"""Asks for the file to save to, with the ending that belongs to what is saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


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
    return path if not path.exists() or _may_replace(host, title, path) else None


def _may_replace(host: QWidget, title: str, path: Path) -> bool:
    box = QMessageBox(host)
    box.setObjectName("replace_question")
    box.setWindowTitle(title)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(f"{path.name} is in {path.parent} already. Replace it?")
    replace = box.addButton("Replace", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is replace
