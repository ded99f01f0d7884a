"""The list of data sets: what there is of each, and how to get the others."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.settings import Settings
from workbench.core.pictures.datasets import DataReport, DataSet, DataState, data_sets
from workbench.gui.data.data_set_details import DataSetDetails, classes_text
from workbench.gui.data.data_set_list import DataSetList, Listed
from workbench.gui.data.import_dialog import ImportDialog, guess
from workbench.gui.data.transfer import Transfer
from workbench.gui.data.transfer_progress import TransferProgress
from workbench.gui.look import theme
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt

_REFRESH_MS = 100
_FETCH = "Download it; goes on where it stopped"
_NO_FETCH = "There is nothing to download: import a copy"


class DataSetsView(QWidget):
    """Lists the data sets, fetches and imports them.

    Signals:
        changed(): a data set came, or is another now.
        browse_wanted(DataSet): the person wants to see its classes.
        use_wanted(DataSet): the person wants to train on it.
        said(str, str): news, and its kind, for a toast.
        failed(str, str): an error: one sentence, and the details.
    """

    changed = Signal()
    browse_wanted = Signal(object)
    use_wanted = Signal(object)
    said = Signal(str, str)
    failed = Signal(str, str)

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.setObjectName("data_sets")
        self._data = data
        self._first = ""
        self._newest: Path | None = None
        self._offered: deque[Path] = deque()
        self._dialog: ImportDialog | None = None
        self.transfer: Transfer | None = None
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self.list = DataSetList()
        self.list.currentItemChanged.connect(self._show_chosen)
        self.list.itemDoubleClicked.connect(self._on_browse)
        self.details = DataSetDetails()
        self._buttons = self._make_buttons()
        self.progress = TransferProgress()
        self.progress.cancelled.connect(self.cancel)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._lay_out()
        self._show_chosen()

    @property
    def chosen(self) -> Listed | None:
        """The data set selected in the list."""
        return self.list.chosen

    @property
    def is_busy(self) -> bool:
        """Whether a data set is being fetched or imported."""
        return self.transfer is not None

    def refresh(self) -> None:
        """Look anew at what there is."""
        data = self._data
        self._background.submit(
            "reports", lambda: attempt("reports", lambda: _reports(data))
        )

    def choose(self, name: str) -> None:
        """Select a data set by its name, as soon as it is listed."""
        self._first = name
        self.list.choose(name)

    def fetch(self) -> None:
        """Download the data set chosen, going on where it stopped."""
        chosen = self.chosen
        if chosen is not None and chosen.data_set.can_fetch and not self.is_busy:
            self._begin(chosen.data_set, None, None)

    def offer_import(self, path: Path) -> None:
        """Ask what a path is to be imported as, and import it; in turn, if several."""
        self._offered.append(path)
        if self.transfer is not None:
            title = self.transfer.data_set.title
            self.said.emit(f"{path.name} waits until {title} is done.", "info")
        self._offer_next()

    def cancel(self) -> None:
        """Stop fetching or importing."""
        if self.transfer is not None:
            self.transfer.cancel()

    def shut_down(self) -> None:
        """Stop and wait; a download goes on where it stopped next time."""
        self._timer.stop()
        self._offered.clear()
        if self.transfer is not None:
            self.transfer.shut_down()
        self._background.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # Building.

    def _make_buttons(self) -> dict[str, QPushButton]:
        buttons = {}
        for name, text, tip, slot in (
            ("fetch", "Fetch", _FETCH, self.fetch),
            ("import", "Import", "Bring in a copy from this computer", None),
            ("browse", "Browse classes", "See its classes", self._on_browse),
            ("use", "Use in experiment", "Set the task to it", self._on_use),
        ):
            button = QPushButton(text)
            button.setObjectName(f"data_sets.{name}")
            button.setToolTip(tip)
            if slot is not None:
                button.clicked.connect(slot)
            buttons[name] = button
        menu = QMenu(buttons["import"])
        menu.setObjectName("data_sets.import_menu")
        menu.addAction("A zip or another file…", self._on_import_file)
        menu.addAction("A folder…", self._on_import_folder)
        buttons["import"].setMenu(menu)
        return buttons

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        for button in self._buttons.values():
            line.addWidget(button)
        line.addStretch(1)
        hint = QLabel("Drop a zip or a folder anywhere on the window to import it.")
        hint.setProperty("role", "muted")
        page = QVBoxLayout(self)
        page.setContentsMargins(*(theme.SPACE,) * 4)
        page.setSpacing(theme.SPACE)
        page.addWidget(self.list, 2)
        page.addLayout(line)
        page.addWidget(self.progress)
        page.addWidget(self.details, 3)
        page.addWidget(hint)

    # What happens.

    def _offer_next(self) -> None:
        if not self._offered or self._dialog is not None or self.is_busy:
            return
        path = self._offered.popleft()
        known = [listed.data_set for listed in self.list.listed]
        offered = known or data_sets(self._data)
        choices = [data_set for data_set in offered if data_set.can_import]
        there = {
            listed.data_set.name: classes_text(listed.report)
            for listed in self.list.listed
            if listed.report.state is DataState.READY
        }
        self._dialog = ImportDialog(path, choices, guess(path, choices), there, self)
        self._dialog.finished.connect(self._on_dialog_finished)
        self._dialog.open()

    def _begin(
        self, data_set: DataSet, path: Path | None, options: Settings | None
    ) -> None:
        self.transfer = Transfer(data_set, self._data, path, options)
        self.transfer.ended.connect(self._on_transfer_ended)
        self.progress.begin(data_set.title, fetching=path is None)
        self._timer.start()
        self.transfer.start()
        self._show_chosen()

    def _on_dialog_finished(self, result: int) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        if result == QDialog.DialogCode.Accepted:
            self._begin(dialog.data_set, dialog.path, dialog.options)
        dialog.deleteLater()
        self._offer_next()

    def _on_timer_timeout(self) -> None:
        if self.transfer is not None:
            self.progress.show_stage(self.transfer)

    def _on_transfer_ended(self, outcome: JobOutcome) -> None:
        transfer = self.transfer
        if transfer is None:
            return
        transfer.wait()
        self.transfer = None
        self._timer.stop()
        self.progress.hide()
        title = transfer.data_set.title
        if outcome.error:
            verb = "fetched" if transfer.path is None else "imported"
            self.failed.emit(f"{title} could not be {verb}.", outcome.error)
        elif outcome.value is None:
            self.said.emit(f"{title}: stopped; what was there is unchanged.", "info")
        else:
            self._welcome(title, outcome.value)
        self.refresh()
        self._show_chosen()

    def _welcome(self, title: str, report: object) -> None:
        if isinstance(report, DataReport):
            title = report.made.rpartition("/")[2] or title
            self.said.emit(*news(title, report))
            self._newest = report.folder
        self.changed.emit()

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self.failed.emit("The data folder cannot be read.", outcome.error)
            self._offer_next()
            return
        chosen = self.chosen.data_set.name if self.chosen is not None else ""
        self.list.show_listed(outcome.value)
        came = [
            listed.data_set.name
            for listed in self.list.listed
            if self._newest is not None and listed.report.folder == self._newest
        ]
        self._newest = None
        self.choose(came[0] if came else chosen or self._first)
        self._show_chosen()
        self._offer_next()

    def _show_chosen(self, *_: object) -> None:
        listed = self.chosen
        free = listed is not None and not self.is_busy
        ready = listed is not None and listed.report.state is DataState.READY
        self.details.show_data_set(listed.data_set, listed.report) if listed else None
        fetchable = listed is not None and listed.data_set.can_fetch
        resumes = listed is not None and listed.report.state is DataState.PARTLY
        self._buttons["fetch"].setText("Resume fetching" if resumes else "Fetch")
        self._buttons["fetch"].setEnabled(free and fetchable and not ready)
        self._buttons["fetch"].setToolTip(_FETCH if fetchable else _NO_FETCH)
        self._buttons["import"].setEnabled(not self.is_busy)
        for name in ("browse", "use"):
            self._buttons[name].setEnabled(ready)

    def _on_browse(self) -> None:
        if self.chosen is not None and self.chosen.report.state is DataState.READY:
            self.browse_wanted.emit(self.chosen.data_set)

    def _on_use(self) -> None:
        if self.chosen is not None:
            self.use_wanted.emit(self.chosen.data_set)

    def _on_import_file(self) -> None:
        kinds = "Data (*.zip *.pkl *.pickle);;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Import a data set", str(Path.home()), kinds
        )
        if chosen:
            self.offer_import(Path(chosen))

    def _on_import_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, "Import a folder as a data set", str(Path.home())
        )
        if chosen:
            self.offer_import(Path(chosen))


def news(title: str, report: DataReport) -> tuple[str, str]:
    """Return what to say of what was brought in, and the toast's kind."""
    if report.state is not DataState.READY:
        return f"{title} is {report.state}: {report.message}", "warning"
    text = f"{title}: {report.classes:,} classes are here"
    left = len(report.left_out)
    if not left:
        return text, "good"
    noun = "file or class" if left == 1 else "files or classes"
    return f"{text}; {left:,} {noun} left out, listed below", "warning"


def _reports(data: Path) -> list[Listed]:
    return [Listed(found, found.report(data)) for found in data_sets(data)]
