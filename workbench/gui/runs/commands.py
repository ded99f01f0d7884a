"""What can be done with the chosen runs: the actions of the Runs panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core.runs.row import RunRow
from workbench.gui.look.question import Question
from workbench.gui.runs import labels
from workbench.gui.runs.check_dialog import CheckDialog
from workbench.gui.runs.difference_dialog import DifferenceDialog
from workbench.gui.runs.evaluate_dialog import EvaluateDialog
from workbench.gui.runs.field_chooser import FieldChooser
from workbench.gui.runs.files import RunFiles
from workbench.gui.runs.obstacles import obstacles
from workbench.gui.runs.together import Together
from workbench.gui.runs.trash import Thrown, put_back
from workbench.gui.runs.tree_view import RunTree
from workbench.gui.shell.actions import Action, Place, command, make_commands
from workbench.gui.shell.cancellable import shut_down_threads
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence

if TYPE_CHECKING:
    from workbench.core.checking.finding import Subject
    from workbench.core.config.run_config import RunConfig
    from workbench.core.runs.store import RunFolder


class RunCommands(QObject):
    """Performs the actions, and says when each can be taken.

    Signals:
        changed(): runs' folders came, went or changed by an action.
    """

    changed = Signal()

    def __init__(self, session: Session, table: RunTree, host: QWidget) -> None:
        super().__init__(host)
        self._session, self._table, self._host = session, table, host
        self._files = RunFiles(session, host)
        self.together = Together(session, host)
        self.together.changed.connect(self.changed)
        self.together.thrown.connect(self._on_together_thrown)
        self._thrown: list[tuple[RunRow, Thrown]] = []
        self._next = ""
        made = make_commands(self, host)
        self.menu = QMenu(host)
        self.menu.setObjectName("runs.menu")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(table.hold)
        # It hides before what was chosen in it is done.
        self.menu.aboutToHide.connect(
            self._on_menu_hidden, Qt.ConnectionType.QueuedConnection
        )
        for action in (
            each for each in made if each not in (self.fields, self.check_all)
        ):
            if action in (self.rename, self.trash):
                self.menu.addSeparator()
            self.menu.addAction(action)

    def on_the_bar(self) -> list[Action]:
        """Return the actions that have a button above the table."""
        return [
            self.evaluate,
            self.compare,
            self.difference,
            self.duplicate,
            self.report,
            self.trash,
        ]

    def offer_first(self, action: Action) -> None:
        """Put somebody else's action, on the run in hand, at the head of the menu."""
        self.menu.insertAction(self.menu.actions()[0], action)

    def update(self) -> None:
        """Enable what can be done with the runs now chosen; say why the rest cannot."""
        chosen = self._table.chosen()
        for name, why_not in obstacles(chosen, self._session.runs).items():
            getattr(self, name).allow(not why_not, why_not)
        if self._session.run is not None:
            self.check.allow(True)
        self.put_back.allow(bool(self._thrown), "Nothing was moved to the trash here")

    def edit(self, folders: list[str], key: str, text: str) -> None:
        """Change the name, tags or notes of runs, in their folders."""
        value: object = text.strip()
        if key == "tags":
            value = labels.split(text)
        if not value and key == "name":
            return
        self._write({folder: {key: value} for folder in folders})
        if key == "name":
            for folder in folders:
                self._session.renamed.emit(self._session.runs / folder, value)

    def shut_down(self) -> None:
        """Cancel and wait for what runs in the background."""
        shut_down_threads(self._host)
        self._files.shut_down()

    # What the person asks for.

    @command(
        "runs.show",
        "Show in the &plots",
        icon="mdi6.chart-line",
        place=Place("Run", 300),
    )
    def show(self) -> None:
        """Show this run in the plots, live if it is being trained."""
        row = self._table.chosen()[0]
        if row.folder != self._table.in_hand:
            self._session.set_run(self._folder(row))
        self._session.show_panel("Training")

    @command(
        "runs.evaluate",
        "&Evaluate…",
        icon="mdi6.clipboard-check-outline",
        place=Place("Run", 305),
    )
    def evaluate(self) -> None:
        """Adapt this run's learner to new tasks; several runs, each as it was set."""
        row, *others = self._readable()
        left_out = labels.left_out(self._table.chosen())
        if others:
            self._evaluate_together([row, *others], left_out)
            return
        if left_out:
            self._session.notify(left_out, "warning")
        config = self._config(row, "evaluated")
        if config is None:
            return
        data = self._session.data
        dialog = EvaluateDialog(self._folder(row), config, data, self._host)
        dialog.kept.connect(self._on_dialog_kept)
        dialog.ended.connect(partial(self._tell_end, row.name))
        dialog.show()

    @command(
        "runs.compare",
        "&Compare",
        icon="mdi6.compare-horizontal",
        place=Place("Run", 315),
    )
    def compare(self) -> None:
        """Put the selected runs beside each other, in the plots and in Compare."""
        self._table.runs.check_only([row.folder for row in self._readable()])
        self._session.show_panel("Compare")

    @command(
        "runs.duplicate",
        "&Duplicate as new configuration",
        icon="mdi6.content-duplicate",
        place=Place("Run", 310),
    )
    def duplicate(self) -> None:
        """Edit a copy of this run's configuration, to train it anew."""
        row = self._table.chosen()[0]
        config = self._config(row, "copied")
        if config is not None:
            self._session.load_config(config, row.preset)
            self._session.show_panel("Experiment")
            self._session.notify(f"Editing a copy of {row.name}", "info", "run.start")

    @command(
        "runs.difference",
        "Show d&ifference",
        icon="mdi6.vector-difference",
        place=Place("Run", 320),
    )
    def difference(self) -> None:
        """Show in what the configurations of the chosen runs differ."""
        first, second = self._table.chosen()[:2]
        DifferenceDialog(first, second, self._host).open()

    @command(
        "runs.report",
        "&Report…",
        icon="mdi6.file-document-outline",
        place=Place("Run", 330),
    )
    def report(self) -> None:
        """Write these runs as one HTML file, to send to somebody."""
        self._files.report([self._folder(row) for row in self._readable()])

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
        table = self._table
        index = table.runs.index_of(table.chosen()[0].folder)
        table.setFocus()
        table.scrollTo(index)
        table.setCurrentIndex(index)
        table.edit(index)

    @command("runs.tag", "&Tag…", icon="mdi6.tag-outline")
    def tag(self) -> None:
        """Add words of your own, to find these runs again."""
        self._write(labels.ask_tags(self._readable(), self._host))

    @command("runs.note", "&Note…", icon="mdi6.note-text-outline")
    def note(self) -> None:
        """Write down what there is to say of these runs."""
        self._write(labels.ask_note(self._readable(), self._host))

    @command(
        "runs.check",
        "Chec&k this run",
        icon="mdi6.stethoscope",
        place=Place("Run", 350),
    )
    def check(self) -> None:
        """Say what is wrong with the files of the chosen runs, and repair them."""
        from workbench.core.checking.run_check import run_subject

        rows, run = self._table.chosen(), self._session.run
        folders = [self._folder(row) for row in rows]
        if run is not None and not rows:  # one that is kept elsewhere
            folders = [run]
        subjects = list(map(run_subject, folders))
        name = labels.those(rows) if rows else folders[0].path.name
        self._check(f"Check {name}", lambda: subjects)

    @command("runs.check_all", "Check all r&uns", place=Place("Run", 351))
    def check_all(self) -> None:
        """Check every run, the queue, the index of the runs, and the data sets."""
        from workbench.core.checking.shared import every_subject

        session = self._session
        self._check(
            "Check all runs", partial(every_subject, session.runs, session.data)
        )

    @command("runs.reveal", "Reveal &folder", icon="mdi6.folder-outline")
    def reveal(self) -> None:
        """Open the run's folder in the file manager."""
        path = self._path(self._table.chosen()[0])
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        # Qt does not learn of a system without a file manager.
        self._session.notify(f"The folder is {path}", "info")

    @command("runs.trash", "&Move to trash…", icon="mdi6.trash-can-outline")
    def trash(self) -> None:
        """Move the folders of these runs to the system's trash (Delete)."""
        chosen = self._table.chosen()
        alive = [row for row in chosen if row.is_alive]
        if alive:
            text = f"{labels.those(alive)} is being trained: stop it first."
            self._session.notify(text, "warning")
        elif self._may_throw_away(chosen):
            self._next = self._table.next_to({row.folder for row in chosen})
            self.together.throw_away(chosen)

    @command("runs.fields", "Choose &columns…", icon="mdi6.table-column")
    def fields(self) -> None:
        """Add any field of the configuration, or a figure, to the table of runs."""
        FieldChooser(self._table.columns, self._host).open()

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
                self._table.runs.change([row], [])
        if problems:
            lost = labels.those([row for row, _ in self._thrown])
            self._session.fail(f"{lost} cannot be brought back.", "\n".join(problems))
        self._table.select([row.folder for row, _ in thrown])
        self.changed.emit()

    # How it is done.

    def _check(
        self, title: str, list_subjects: Callable[[], Sequence[Subject]]
    ) -> None:
        dialog = CheckDialog(title, list_subjects, self._host)
        dialog.repaired.connect(self._on_dialog_repaired)
        dialog.show()

    def _on_menu_hidden(self) -> None:
        if not self.menu.isVisible():  # it may have been opened again
            self._table.release()
            self.update()

    def _on_dialog_repaired(self, places: list[Path]) -> None:
        session = self._session
        self.changed.emit()
        session.recheck()
        if session.run is not None and session.run.path in places:
            session.set_run(session.run)

    def _on_dialog_kept(self, kept: object) -> None:
        self.changed.emit()
        self._session.evaluated.emit(kept)

    def _tell_end(self, name: str, text: str, is_well: bool) -> None:
        self._session.tell_end(name, text, is_well=is_well)

    def _path(self, row: RunRow) -> Path:
        return self._session.runs / row.folder

    def _folder(self, row: RunRow) -> RunFolder:
        from workbench.core.runs.store import RunFolder

        return RunFolder(self._path(row))

    def _readable(self) -> list[RunRow]:
        return [row for row in self._table.chosen() if row.is_run]

    def _config(self, row: RunRow, what: str) -> RunConfig | None:
        """Read a run's configuration; if it cannot be, say that neither can this."""
        from workbench.core.runs.errors import RunError

        try:
            return self._folder(row).config()
        except RunError as error:
            self._session.fail(f"{row.name} cannot be {what}.", sentence(error))
            return None

    def _write(self, changes: labels.Changes) -> None:
        """Write what changes in run.json, by the name of the run's folder."""
        if len(changes) > 1:
            self.together.label(changes)
            return
        from workbench.core.runs.errors import RunError
        from workbench.core.runs.store import RunFolder

        try:
            for folder, fields in changes.items():
                RunFolder(self._session.runs / folder).update(**fields)
        except RunError as error:
            self._session.fail("The run cannot be changed.", sentence(error))
        self.changed.emit()

    def _export(self, kind: str) -> None:
        folders = [self._folder(row) for row in self._readable()]
        if len(folders) == 1:
            self._files.export(folders[0], kind)
        else:
            self.together.export(self._files.exports(folders, kind))

    def _on_together_thrown(self, gone: list[tuple[RunRow, Thrown]]) -> None:
        session = self._session
        self._table.runs.change([], [row.folder for row, _ in gone])
        paths = [self._path(row) for row, _ in gone]
        if session.run is not None and session.run.path in paths:
            session.set_run(self._at_hand(), is_picked=False)
        if gone:
            self._thrown = [each for each in gone if each[1].kept is not None]
            self.update()
            where = "the trash" if self._thrown else "the system's trash"
            text = f"Moved {labels.those([row for row, _ in gone])} to {where}"
            session.notify(text, "info", "runs.put_back" if self._thrown else "")

    def _evaluate_together(self, rows: list[RunRow], left_out: str) -> None:
        how = "Each adapts to test tasks as its own settings say. It can be cancelled."
        question = Question(
            "evaluate_question",
            "Evaluate?",
            f"Evaluate these {labels.those(rows)}?\n\n{labels.named(rows)}",
            "Evaluate",
            "\n\n".join(filter(None, [how, left_out])),
            is_harmless=True,
        )
        if question.ask(self._host):
            self.together.evaluate(rows)

    def _at_hand(self) -> RunFolder | None:
        """Return what to show for a run that is gone: what trains, or the next."""
        from workbench.core.runs.store import RunFolder

        session, rows = self._session, self._table.runs.rows
        if session.progress is not None:
            return RunFolder(session.progress.folder)
        if (other := session.beside.foremost()) is not None:
            return RunFolder(other.folder)
        return self._folder(rows[self._next]) if self._next in rows else None

    def _may_throw_away(self, chosen: list[RunRow]) -> bool:
        known = all(row.is_run for row in chosen)
        what = "checkpoints and metrics" if known else "all that is in it"
        return Question(
            "trash_question",
            "Move to trash?",
            f"Move {labels.those(chosen)} to the trash?",
            "Move to trash",
            f"With {what}. They can be put back from there.",
        ).ask(self._host)
