"""Reports and exports: asks where to, and writes in the background."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.runs.store import RunFolder
from workbench.gui.look.save_file import ask_save_file, may_replace
from workbench.gui.runs.batch import Report, Step
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.gui.shell.session import Session

_ENDINGS = {
    "csv": "CSV (*.csv)",
    "weights": "Weights (*.safetensors)",
    "report": "Report (*.html)",
}


class _Written(NamedTuple):
    """A file that was written, and what it lacks, in a sentence."""

    path: Path
    lacks: str = ""


class RunFiles(QObject):
    """Writes files for other programs and people, one after the other."""

    def __init__(self, session: Session, host: QWidget) -> None:
        super().__init__(host)
        self._session, self._host = session, host
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)

    def report(self, folders: list[RunFolder]) -> None:
        """Ask for a file and write the report of these runs to it."""
        name = folders[0].path.name if len(folders) == 1 else "comparison"
        path = self._ask("report", f"{name}.html")
        if path is not None:

            def write() -> _Written:
                from workbench.core.results.report import write_report

                return _Written(write_report(folders, path, replace=True))

            self._submit("report", write)

    def export(self, folder: RunFolder, kind: str) -> None:
        """Ask where to, and export a run there."""
        if kind == "tensorboard":
            path = self._ask_folder("Folder for TensorBoard's event files")
        else:
            path = self._ask(kind, f"{folder.path.name}{_ending(kind)}")
        if path is None:
            return
        beside = _beside(folder, kind, path)
        if all(may_replace(self._host, each) for each in beside):
            self._submit(kind, lambda: _export(folder, kind, path, replace=True))

    def exports(self, folders: list[RunFolder], kind: str) -> list[Step]:
        """Ask for a folder, and return what exports each of these runs into it."""
        place = self._ask_folder("Folder for the files, one or more a run")
        if place is None:
            return []
        return [
            Step(folder.path.name, partial(_export_into, folder, kind, place))
            for folder in folders
        ]

    def shut_down(self) -> None:
        """Wait for what is being written."""
        self._background.shut_down()

    def _ask(self, kind: str, name: str) -> Path | None:
        proposal, ending = Path.home() / name, Path(name).suffix
        return ask_save_file(self._host, "Save", proposal, _ENDINGS[kind], ending)

    def _ask_folder(self, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self._host, title)
        return Path(chosen) if chosen else None

    def _submit(self, kind: str, write: Callable[[], _Written]) -> None:
        self._background.submit(kind, lambda: attempt(kind, write))

    def _on_background_done(self, kind: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self._session.fail("The file could not be written.", outcome.error)
            return
        path, lacks = outcome.value
        also = f" and {path.with_suffix('.py').name}" if kind == "weights" else ""
        text = f"Wrote {path.name}{also}"
        self._session.notify(f"{text}. {lacks}" if lacks else text, "good")
        if kind == "report":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _ending(kind: str) -> str:
    return ".csv" if kind == "csv" else ".safetensors"


def _export_into(folder: RunFolder, kind: str, place: Path, _report: Report) -> Path:
    """Export a run into a folder; its event files have one of their own there."""
    name = folder.path.name
    path = place if kind == "tensorboard" else place / f"{name}{_ending(kind)}"
    return _export(folder, kind, path).path


def _beside(folder: RunFolder, kind: str, path: Path) -> list[Path]:
    """Return what an export writes that the dialog for its file does not ask about."""
    if kind == "tensorboard":
        return [path / folder.path.name]
    return [path.with_suffix(".py")] if kind == "weights" else []


def _export(
    folder: RunFolder, kind: str, path: Path, *, replace: bool = False
) -> _Written:
    from workbench.core.runs.export import EXPORTS
    from workbench.core.runs.export_code import without_code

    lacks = without_code(folder.config()) if kind == "weights" else ""
    return _Written(EXPORTS[kind](folder, path, replace=replace), lacks)
