"""Looks for the episodes and classes that the chosen run gets most wrong."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.measure import Measure
from workbench.core.base.phrases import percent
from workbench.core.episodes.answers import Hardest
from workbench.core.episodes.shown_episode import Address
from workbench.core.results.score_text import score_text
from workbench.gui.episodes.search_thread import Search, SearchThread
from workbench.gui.look import theme
from workbench.gui.shell.cancellable import shut_down_threads
from workbench.gui.shell.jobs import JobOutcome

COUNT = 200
_TIP = (
    f"Ask the run about {COUNT} episodes of this split and seed, and list those it "
    "gets most wrong"
)
_NO_RUN = "Choose a run first: it is asked about the episodes"
_REFRESH_MS = 100
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class HardestBox(QWidget):
    """A button that searches, its progress, and what was found.

    Signals:
        search_wanted(): the person pressed the button.
        episode_wanted(Address): the person chose an episode found.
        class_wanted(int): the person chose a class found, by its row in the bank.
    """

    search_wanted = Signal()
    episode_wanted = Signal(object)
    class_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hardest")
        self.found: Hardest | None = None
        self._question: object = None
        self._thread: SearchThread | None = None
        self.button = QPushButton(f"Hardest of {COUNT}")
        self.button.setObjectName("hardest.search")
        self.set_possible(False)
        self.button.clicked.connect(self._on_button_clicked)
        self._bar = QProgressBar()
        self._bar.setObjectName("hardest.progress")
        self._bar.setAccessibleName("Progress of the search")
        self._bar.setRange(0, COUNT)
        self._bar.setFormat("%v of %m")
        self._bar.hide()
        self.message = QLabel()
        self.message.setObjectName("hardest.message")
        self.message.setProperty("role", "muted")
        self.message.setWordWrap(True)
        self.message.hide()
        self.episodes, self.classes = _list_of_episodes(), _list_of_classes()
        self.episodes.activated.connect(self._on_episode_activated)
        self.episodes.clicked.connect(self._on_episode_activated)
        self.classes.activated.connect(self._on_class_activated)
        self.classes.clicked.connect(self._on_class_activated)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("hardest.tabs")
        self._tabs.setAccessibleName("Hardest")
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.episodes, "Episodes")
        self._tabs.addTab(self.classes, "Classes")
        self._tabs.setTabToolTip(0, "The episodes it gets most wrong")
        self._tabs.setTabToolTip(1, "The classes it gets most wrong")
        self._tabs.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._lay_out()

    @property
    def is_searching(self) -> bool:
        """Whether a search is going on."""
        return self._thread is not None

    def set_possible(self, possible: bool) -> None:
        """Say whether there is a run to ask."""
        self.button.setEnabled(possible or self.is_searching)
        self.button.setToolTip(_TIP if possible else _NO_RUN)

    def follow(self, question: object) -> None:
        """Say what would be searched now; what was found for something else goes."""
        if self._question is None or question == self._question:
            return
        had_any = self.found is not None or self.is_searching
        self.clear()
        if had_any:
            self._say(
                "The list was of another seed, split, run, K or configuration: press "
                "the button to find the hardest again."
            )

    def search(self, search: Search, question: object) -> None:
        """Look through the episodes; what was found before goes.

        ``question`` is all that decides what is found.
        """
        self.clear()
        self._question = question
        self._thread = SearchThread(search, self)
        self._thread.ended.connect(self._on_thread_ended)
        self._thread.finished.connect(self._thread.deleteLater)
        self._bar.setRange(0, len(search.addresses))
        self._bar.setValue(0)
        self._bar.show()
        self.button.setText("Cancel")
        self._timer.start()
        self._thread.start()

    def clear(self) -> None:
        """Forget what was found, and stop searching."""
        if self._thread is not None:
            self._retire(self._thread)
        self.found = self._question = None
        self._tabs.hide()
        self.message.hide()

    def shut_down(self) -> None:
        """Stop searching and wait."""
        self.clear()
        shut_down_threads(self)

    def _retire(self, thread: SearchThread) -> None:
        """Tell a thread to stop, and let it end without anyone waiting for it."""
        thread.ended.disconnect(self._on_thread_ended)
        thread.cancel()
        self._finish()

    def _finish(self) -> None:
        self._thread = None
        self._timer.stop()
        self._bar.hide()
        self.button.setText(f"Hardest of {COUNT}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.button)
        top.addWidget(self._bar, 1)
        top.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(top)
        column.addWidget(self.message)
        column.addWidget(self._tabs, 1)
        column.addStretch(0)

    def _show(self, found: Hardest) -> None:
        self.found = found
        self.episodes.clear()
        self.classes.clear()
        for ranked in found.episodes:
            accuracy = "" if ranked.accuracy is None else percent(ranked.accuracy, 1)
            # Where it is of returns, a loss is minus one.
            value = -ranked.loss if found.measure is Measure.RETURN else ranked.loss
            told = score_text(value, None, found.measure)
            item = QTreeWidgetItem([str(ranked.address.number), accuracy, told])
            for column in range(3):
                item.setTextAlignment(column, _RIGHT)
            item.setData(0, Qt.ItemDataRole.UserRole, ranked.address)
            self.episodes.addTopLevelItem(item)
        for each in found.classes:
            share = each.wrong / each.asked
            text = f"{percent(share)} ({each.wrong} of {each.asked})"
            item = QTreeWidgetItem([each.name, text])
            item.setToolTip(0, each.name)
            item.setData(0, Qt.ItemDataRole.UserRole, each.row)
            self.classes.addTopLevelItem(item)
        self.episodes.setColumnHidden(1, not found.classes)
        self.episodes.headerItem().setText(2, found.measure.capitalize())
        self._tabs.setTabVisible(1, bool(found.classes))
        self._tabs.show()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.show()

    def _on_button_clicked(self) -> None:
        if self._thread is not None:
            self._thread.cancel()
            self.button.setText("Stopping…")
        else:
            self.search_wanted.emit()

    def _on_timer_timeout(self) -> None:
        if self._thread is not None:
            self._bar.setValue(self._thread.done)

    def _on_thread_ended(self, outcome: JobOutcome) -> None:
        thread = self._thread
        if thread is None:
            return
        cancelled = thread.is_cancelled
        self._finish()
        if isinstance(outcome.value, Hardest):
            self._show(outcome.value)
        elif not cancelled:
            self._say(outcome.error)

    def _on_episode_activated(self, index: QModelIndex) -> None:
        address = index.siblingAtColumn(0).data(Qt.ItemDataRole.UserRole)
        if address is not None:
            self.episode_wanted.emit(Address(*address))

    def _on_class_activated(self, index: QModelIndex) -> None:
        self.class_wanted.emit(index.siblingAtColumn(0).data(Qt.ItemDataRole.UserRole))


def _list(name: str, title: str) -> QTreeWidget:
    found = QTreeWidget()
    found.setObjectName(name)
    found.setAccessibleName(title)
    found.setRootIsDecorated(False)
    found.setUniformRowHeights(True)
    found.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    found.setMinimumHeight(96)
    found.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    found.header().setStretchLastSection(False)
    return found


def _list_of_episodes() -> QTreeWidget:
    found = _list("hardest.episodes", "Hardest episodes")
    found.setHeaderLabels(["Episode", "Accuracy", "Loss"])
    found.header().setMinimumSectionSize(48)
    found.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    for column in range(3):
        found.headerItem().setTextAlignment(column, _RIGHT)
    return found


def _list_of_classes() -> QTreeWidget:
    found = _list("hardest.classes", "Hardest classes")
    found.setHeaderLabels(["Class", "Wrong"])
    found.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    found.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return found
