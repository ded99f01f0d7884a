"""What can be done with the chosen runs: the actions of the Runs panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox

from workbench.core.runs.row import RunRow
from workbench.gui.runs import labels
from workbench.gui.runs.difference_dialog import DifferenceDialog
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.files import RunFiles
from workbench.gui.runs.obstacles import obstacles
from workbench.gui.runs.trash import Thrown, put_back, throw_away
from workbench.gui.shell.actions import Action, Place, command, make_commands

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig
    from workbench.core.runs.store import RunFolder
    from workbench.gui.runs.runs_panel import RunsPanel


class RunCommands:
    """Performs the actions, and says when each can be taken."""

    def __init__(self, panel: RunsPanel) -> None:
        self._panel = panel
        self._files = RunFiles(panel)
        self._thrown: list[tuple[RunRow, Thrown]] = []
        made = make_commands(self, panel)
        self.menu = QMenu(panel)
        self.menu.setObjectName("runs.menu")
        self.menu.setToolTipsVisible(True)
        for action in made:
            if action in (self.rename, self.trash):
                self.menu.addSeparator()
            self.menu.addAction(action)

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
        """Enable what can be done with the runs now chosen; say why the rest cannot."""
        session = self._panel.session
        if session is None:
            return
        chosen = self._panel.chosen()
        for name, why_not in obstacles(chosen, session.runs).items():
            getattr(self, name).allow(not why_not, why_not)
        self.put_back.allow(bool(self._thrown), "Nothing was moved to the trash here")

    def edit(self, folders: list[str], key: str, text: str) -> None:
        """Change the name, tags or notes of runs, in their folders."""
        value: object = text.strip()
        if key == "tags":
            value = labels.split(text)
        if value or key != "name":
            self._write({folder: {key: value} for folder in folders})

    def shut_down(self) -> None:
        """Cancel and wait for what runs in the background."""
        for dialog in self._panel.findChildren(EvaluateDialog):
            dialog.shut_down()
        self._files.shut_down()

    # What the person asks for.

    @command(
        "runs.show",
        "Show in the &plots",
        icon="mdi6.chart-line",
        place=Place("Run", 300),
    )
    def show(self) -> None:
        """Show this run in the plots; it is followed if it trains elsewhere."""
        session, chosen = self._panel.session, self._panel.chosen()
        if session is not None and chosen and chosen[0].is_run:
            session.set_run(self._folder(chosen[0]))
            session.show_panel("Training")

    @command(
        "runs.evaluate",
        "&Evaluate…",
        icon="mdi6.clipboard-check-outline",
        place=Place("Run", 305),
    )
    def evaluate(self) -> None:
        """Adapt this run's learner to new tasks, on any split and setting."""
        session, row = self._panel.session, self._panel.chosen()[0]
        config = self._config(row, "evaluated")
        if session is None or config is None:
            return
        dialog = EvaluateDialog(self._folder(row), config, session.data, self._panel)
        dialog.kept.connect(self._panel.look_now)
        dialog.kept.connect(session.evaluated)
        dialog.show()

    @command(
        "runs.duplicate",
        "&Duplicate as new configuration",
        icon="mdi6.content-duplicate",
        place=Place("Run", 310),
    )
    def duplicate(self) -> None:
        """Edit a copy of this run's configuration, to train it anew."""
        session, row = self._panel.session, self._panel.chosen()[0]
        config = self._config(row, "copied")
        if session is None or config is None:
            return
        session.load_config(config, row.preset)
        session.show_panel("Experiment")
        session.notify(f"Editing a copy of {row.name}", "info", "run.start")

    @command(
        "runs.difference",
        "Show d&ifference",
        icon="mdi6.vector-difference",
        place=Place("Run", 320),
    )
    def difference(self) -> None:
        """Show in what the configurations of the chosen runs differ."""
        first, second = self._panel.chosen()[:2]
        DifferenceDialog(first, second, self._panel).open()

    @command(
        "runs.report",
        "&Report…",
        icon="mdi6.file-document-outline",
        place=Place("Run", 330),
    )
    def report(self) -> None:
        """Write these runs as one HTML file, to send to somebody."""
        chosen = [row for row in self._panel.chosen() if row.is_run]
        self._files.report([self._folder(row) for row in chosen])

    @command(
        "runs.export_csv",
        "Export metrics as CSV…",
        icon="mdi6.export",
        place=Place("Run", 340),
    )
    def export_csv(self) -> None:
        """Write every meta-step's figures as a table."""
        self._export("csv")

    @command(
        "runs.export_tensorboard",
        "Export metrics for TensorBoard…",
        place=Place("Run", 341),
    )
    def export_tensorboard(self) -> None:
        """Write TensorBoard's event files."""
        self._export("tensorboard")

    @command("runs.export_weights", "Export weights…", place=Place("Run", 342))
    def export_weights(self) -> None:
        """Write the weights as safetensors, with the lines of Python that use them."""
        self._export("weights")

    @command("runs.rename", "&Rename")
    def rename(self) -> None:
        """Give this run another name (F2)."""
        table = self._panel.table
        index = self._panel.model.index_of(self._panel.chosen()[0].folder)
        table.setFocus()
        table.scrollTo(index)
        table.setCurrentIndex(index)
        table.edit(index)

    @command("runs.tag", "&Tag…", icon="mdi6.tag-outline")
    def tag(self) -> None:
        """Add words of your own, to find these runs again."""
        self._write(labels.ask_tags(self._readable(), self._panel))

    @command("runs.note", "&Note…", icon="mdi6.note-text-outline")
    def note(self) -> None:
        """Write down what there is to say of these runs."""
        self._write(labels.ask_note(self._readable(), self._panel))

    @command("runs.reveal", "Reveal &folder", icon="mdi6.folder-outline")
    def reveal(self) -> None:
        """Open the run's folder in the file manager."""
        path = self._panel.path(self._panel.chosen()[0])
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        # Qt does not learn of a system without a file manager.
        if self._panel.session is not None:
            self._panel.session.notify(f"The folder is {path}", "info")

    @command("runs.trash", "&Move to trash…", icon="mdi6.trash-can-outline")
    def trash(self) -> None:
        """Move the folders of these runs to the system's trash (Delete)."""
        chosen, session = self._panel.chosen(), self._panel.session
        alive = [row for row in chosen if row.is_alive]
        if session is None:
            return
        if alive:
            text = f"{labels.those(alive)} is being trained: stop it first."
            session.notify(text, "warning")
        elif self._may_throw_away(chosen):
            self._throw_away(chosen)

    @command(
        "runs.put_back",
        "Put &back from the trash",
        icon="mdi6.delete-restore",
        place=Place("Run", 360),
    )
    def put_back(self) -> None:
        """Bring back the runs that were last moved to the trash here."""
        thrown, self._thrown = self._thrown, []
        problems = []
        for row, each in thrown:
            try:
                put_back(each)
            except OSError as error:
                problems.append(str(error))
                self._thrown.append((row, each))
            else:
                # The scanner need not have seen that it was gone.
                self._panel.model.change([row], [])
        session = self._panel.session
        if problems and session is not None:
            lost = labels.those([row for row, _ in self._thrown])
            session.fail(f"{lost} cannot be brought back.", "\n".join(problems))
        self._panel.table.select([row.folder for row, _ in thrown])
        self._panel.look_now()

    # How it is done.

    def _folder(self, row: RunRow) -> RunFolder:
        from workbench.core.runs.store import RunFolder

        return RunFolder(self._panel.path(row))

    def _readable(self) -> list[RunRow]:
        return [row for row in self._panel.chosen() if row.is_run]

    def _config(self, row: RunRow, what: str) -> RunConfig | None:
        """Read a run's configuration; if it cannot be, say that neither can this."""
        from workbench.core.runs.store import RunError

        try:
            return self._folder(row).config()
        except RunError as error:
            if self._panel.session is not None:
                self._panel.session.fail(f"{row.name} cannot be {what}.", str(error))
            return None

    def _write(self, changes: labels.Changes) -> None:
        """Write what changes in run.json, by the name of the run's folder."""
        from workbench.core.runs.store import RunError, RunFolder

        session = self._panel.session
        if session is None:
            return
        try:
            for folder, fields in changes.items():
                RunFolder(session.runs / folder).update(**fields)
        except RunError as error:
            session.fail("The run cannot be changed.", str(error))
        self._panel.look_now()

    def _export(self, kind: str) -> None:
        self._files.export(self._folder(self._panel.chosen()[0]), kind)

    def _throw_away(self, chosen: list[RunRow]) -> None:
        session = self._panel.session
        assert session is not None
        gone: list[tuple[RunRow, Thrown]] = []
        try:
            for row in chosen:
                gone.append((row, throw_away(self._panel.path(row))))
        except OSError as error:
            session.fail("The run cannot be moved to the trash.", str(error))
        self._panel.model.change([], [row.folder for row, _ in gone])
        if session.run is not None and any(
            session.run.path == self._panel.path(row) for row, _ in gone
        ):
            session.set_run(None)
        if gone:
            self._thrown = [each for each in gone if each[1].kept is not None]
            self.update()
            where = "the trash" if self._thrown else "the system's trash"
            text = f"Moved {labels.those([row for row, _ in gone])} to {where}"
            session.notify(text, "info", "runs.put_back" if self._thrown else "")
        self._panel.look_now()

    def _may_throw_away(self, chosen: list[RunRow]) -> bool:
        box = QMessageBox(self._panel)
        box.setObjectName("trash_question")
        box.setWindowTitle("Move to trash?")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Move {labels.those(chosen)} to the trash?")
        known = all(row.is_run for row in chosen)
        what = "checkpoints and metrics" if known else "all that is in it"
        box.setInformativeText(f"With {what}. They can be put back from there.")
        move = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is move
