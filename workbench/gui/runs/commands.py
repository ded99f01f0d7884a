"""What can be done with the chosen runs: the actions of the Runs panel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox

from workbench.core.run_config import ConfigError
from workbench.core.run_row import RunRow
from workbench.gui.actions import Action, Place
from workbench.gui.runs.difference_dialog import DifferenceDialog
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.files import RunFiles

if TYPE_CHECKING:
    from workbench.gui.panels.runs_panel import RunsPanel


_EXPORTS = (
    ("csv", "metrics as CSV", "Write every meta-step's figures as a table"),
    ("tensorboard", "metrics for TensorBoard", "Write TensorBoard's event files"),
    (
        "weights",
        "weights",
        "Write the weights as safetensors, with the lines of Python that use them",
    ),
)


class RunCommands:
    """Makes the actions, says when each can be taken, and performs them."""

    def __init__(self, panel: RunsPanel) -> None:
        self._panel = panel
        self._files = RunFiles(panel)
        self.menu = QMenu(panel)
        self.menu.setObjectName("runs.menu")
        self.menu.setToolTipsVisible(True)
        self.show = self._action(
            "show",
            "Show in the &plots",
            self._on_show,
            "Show this run in the plots; it is followed if it trains elsewhere",
            "mdi6.chart-line",
            order=300,
        )
        self.evaluate = self._action(
            "evaluate",
            "&Evaluate…",
            self._on_evaluate,
            "Adapt this run's learner to new tasks, on any split and setting",
            "mdi6.clipboard-check-outline",
            order=305,
        )
        self.duplicate = self._action(
            "duplicate",
            "&Duplicate as new configuration",
            self._on_duplicate,
            "Edit a copy of this run's configuration, to train it anew",
            "mdi6.content-duplicate",
            order=310,
        )
        self.difference = self._action(
            "difference",
            "Show d&ifference",
            self._on_difference,
            "Show in what the configurations of the chosen runs differ",
            "mdi6.vector-difference",
            order=320,
        )
        self.report = self._action(
            "report",
            "&Report…",
            self._on_report,
            "Write these runs as one HTML file, to send to somebody",
            "mdi6.file-document-outline",
            order=330,
        )
        self._make_exports()
        self.menu.addSeparator()
        self.rename = self._action(
            "rename", "&Rename", self._on_rename, "Give this run another name (F2)"
        )
        self.tag = self._action(
            "tag",
            "&Tag…",
            self._on_tag,
            "Add words of your own, to find these runs again",
            "mdi6.tag-outline",
        )
        self.note = self._action(
            "note",
            "&Note…",
            self._on_note,
            "Write down what there is to say of this run",
            "mdi6.note-text-outline",
        )
        self.reveal = self._action(
            "reveal",
            "Reveal &folder",
            self._on_reveal,
            "Open the run's folder in the file manager",
            "mdi6.folder-outline",
        )
        self.menu.addSeparator()
        self.trash = self._action(
            "trash",
            "&Move to trash…",
            self._on_trash,
            "Move the folders of these runs to the system's trash (Delete)",
            "mdi6.trash-can-outline",
        )

    def on_the_bar(self) -> list[Action]:
        """Return the actions that have a button above the table."""
        return [
            self.evaluate,
            self.difference,
            self.duplicate,
            self.report,
            self.trash,
        ]

    def update(self) -> None:
        """Enable what can be done with the runs now chosen."""
        chosen = self._panel.chosen()
        readable = [row for row in chosen if row.is_run]
        self.show.setEnabled(len(readable) == 1 == len(chosen))
        for action in (self.evaluate, self.duplicate, *self.exports):
            action.setEnabled(len(readable) == 1)
        self.report.setEnabled(bool(readable))
        self.rename.setEnabled(len(readable) == 1)
        self.difference.setEnabled(len(readable) == 2)
        self.reveal.setEnabled(len(chosen) == 1)
        for action in (self.tag, self.note):
            action.setEnabled(bool(readable))
        self.trash.setEnabled(bool(chosen))

    def edit(self, folders: list[str], key: str, text: str) -> None:
        """Change the name, tags or notes of runs, in their folders."""
        from workbench.core.run_store import RunError, RunFolder

        session = self._panel.session
        if session is None:
            return
        value: object = text.strip()
        if key == "tags":
            words = (word.strip() for word in text.split(","))
            value = tuple(dict.fromkeys(word for word in words if word))
        if key == "name" and not value:
            return
        try:
            for folder in folders:
                RunFolder(session.runs / folder).update(**{key: value})
        except RunError as error:
            session.fail(f"The {key} cannot be changed.", str(error))
        self._panel.look_now()

    def shut_down(self) -> None:
        """Cancel and wait for what runs in the background."""
        for dialog in self._panel.findChildren(EvaluateDialog):
            dialog.shut_down()
        self._files.shut_down()

    # What the person asks for.

    def _on_show(self) -> None:
        from workbench.core.run_store import RunFolder

        session, chosen = self._panel.session, self._panel.chosen()
        if session is not None and chosen and chosen[0].is_run:
            session.set_run(RunFolder(self._panel.path(chosen[0])))
            session.show_panel("Training")

    def _on_evaluate(self) -> None:
        from workbench.core.run_store import RunError, RunFolder

        session, row = self._panel.session, self._panel.chosen()[0]
        if session is None:
            return
        folder = RunFolder(self._panel.path(row))
        try:
            folder.checkpoint("latest")
            config = folder.config()
        except (RunError, ConfigError) as error:
            session.fail(f"{row.name} cannot be evaluated.", str(error))
            return
        dialog = EvaluateDialog(folder, config, session.data, self._panel)
        dialog.kept.connect(self._panel.look_now)
        dialog.kept.connect(session.evaluated)
        dialog.show()

    def _on_report(self) -> None:
        from workbench.core.run_store import RunFolder

        chosen = [row for row in self._panel.chosen() if row.is_run]
        self._files.report([RunFolder(self._panel.path(row)) for row in chosen])

    def _export(self, kind: str) -> None:
        from workbench.core.run_store import RunFolder

        self._files.export(RunFolder(self._panel.path(self._panel.chosen()[0])), kind)

    def _on_duplicate(self) -> None:
        from workbench.core.run_store import RunError, RunFolder

        session, row = self._panel.session, self._panel.chosen()[0]
        if session is None:
            return
        try:
            config = RunFolder(self._panel.path(row)).config()
        except (RunError, ConfigError) as error:
            session.fail(f"{row.name} cannot be copied.", str(error))
            return
        session.load_config(config, row.preset)
        session.show_panel("Experiment")
        session.notify(f"Editing a copy of {row.name}", "info", "run.start")

    def _on_difference(self) -> None:
        first, second = self._panel.chosen()[:2]
        DifferenceDialog(first, second, self._panel).open()

    def _on_rename(self) -> None:
        table = self._panel.table
        index = self._panel.model.index_of(self._panel.chosen()[0].folder)
        table.setFocus()
        table.scrollTo(index)
        table.setCurrentIndex(index)
        table.edit(index)

    def _on_tag(self) -> None:
        chosen = [row for row in self._panel.chosen() if row.is_run]
        text, accepted = QInputDialog.getText(
            self._panel, "Tag", "Tags, separated by commas:", text=chosen[0].tags
        )
        if accepted:
            self.edit([row.folder for row in chosen], "tags", text)

    def _on_note(self) -> None:
        chosen = [row for row in self._panel.chosen() if row.is_run]
        text, accepted = QInputDialog.getMultiLineText(
            self._panel, "Note", f"Note on {_those(chosen)}:", chosen[0].notes
        )
        if accepted:
            self.edit([row.folder for row in chosen], "notes", text)

    def _on_reveal(self) -> None:
        path = self._panel.path(self._panel.chosen()[0])
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        if not opened and self._panel.session is not None:
            self._panel.session.notify(f"The folder is {path}", "info")

    def _on_trash(self) -> None:
        chosen = self._panel.chosen()
        alive = [row for row in chosen if row.is_alive]
        session = self._panel.session
        if session is None:
            return
        if alive:
            text = f"{_those(alive)} is being trained: stop it first."
            session.notify(text, "warning")
        elif self._may_trash(chosen):
            self._trash(chosen)

    def _trash(self, chosen: list[RunRow]) -> None:
        import send2trash

        session = self._panel.session
        gone: list[RunRow] = []
        problem = ""
        for row in chosen:
            try:
                send2trash.send2trash(str(self._panel.path(row)))
            except OSError as error:
                problem = str(error)
                break
            gone.append(row)
        self._panel.model.change([], [row.folder for row in gone])
        if session is None:
            return
        if session.run is not None and any(
            session.run.path == self._panel.path(row) for row in gone
        ):
            session.set_run(None)
        if problem:
            session.fail("The run cannot be moved to the trash.", problem)
        elif gone:
            session.notify(f"Moved {_those(gone)} to the trash", "info")
        self._panel.look_now()

    def _may_trash(self, chosen: list[RunRow]) -> bool:
        box = QMessageBox(self._panel)
        box.setObjectName("trash_question")
        box.setWindowTitle("Move to trash?")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Move {_those(chosen)} to the trash?")
        box.setInformativeText("With checkpoints and metrics. The trash can give back.")
        move = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is move

    def _make_exports(self) -> None:
        self.exports = [
            self._action(
                f"export_{kind}",
                f"Export {what}…",
                partial(self._export, kind),
                tip,
                "mdi6.export" if kind == "csv" else "",
                order=340 + at,
            )
            for at, (kind, what, tip) in enumerate(_EXPORTS)
        ]

    def _action(
        self,
        name: str,
        text: str,
        perform: Callable[[], object],
        tip: str,
        icon: str = "",
        *,
        order: int = 0,
    ) -> Action:
        action = Action(
            f"runs.{name}",
            text,
            perform,
            tip=tip,
            icon=icon,
            place=Place("Run", order) if order else Place(),
            parent=self._panel,
        )
        self._panel.addAction(action)
        self.menu.addAction(action)
        return action


def _those(rows: list[RunRow]) -> str:
    return rows[0].name if len(rows) == 1 else f"{len(rows)} runs"
