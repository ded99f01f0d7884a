"""The line above the plots: what else is trained, and the queue; and following it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QWidget
from typing_extensions import override

from workbench.core.runs.store import RunFolder
from workbench.gui.shell.session import Session
from workbench.gui.training.elsewhere_bar import ElsewhereBar
from workbench.gui.training.queue_bar import QueueBar
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.run_state import RunState

_AGAIN_MS = 250
_ENDED = (RunState.COMPLETED, RunState.STOPPED)


class BesideBars(QWidget):
    """Says what is trained beside what is shown, and shows it where nothing else is.

    While the plots are in view, a run that another process trains is shown if none is;
    one of the queue also when the run before it, watched to its end, has ended and was
    not picked by the person. Nothing is shown instead while a menu or dialog is open.
    """

    def __init__(
        self, session: Session, controller: RunController, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._controller = session, controller
        self._watched: Path | None = None
        self._followed: Path | None = None
        self.elsewhere = ElsewhereBar(self)
        self.queue = QueueBar(self)
        # One line, however much there is to say: the plots below need the height.
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.elsewhere, 3)
        line.addWidget(self.queue, 2)
        # Another run is not shown in the midst of what is told of this one.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._follow)
        self.elsewhere.back_wanted.connect(self._on_back_wanted)
        self.queue.queue_wanted.connect(self._on_queue_wanted)
        self.queue.run_wanted.connect(self._on_queue_run_wanted)
        session.beside.elsewhere_changed.connect(self.refresh)
        session.beside.queue_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Say what is so now, and follow what there is to follow."""
        controller, beside = self._controller, self._session.beside
        is_live = controller.is_training_shown or controller.state is RunState.FOLLOWING
        if is_live:
            self._watched = _path(controller.folder)
        self._show_elsewhere()
        self.queue.show_news(
            beside.queue,
            _path(controller.folder),
            is_short=not self.elsewhere.isHidden(),
        )
        if beside.foremost() is not None:
            self._soon.start(0)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _show_elsewhere(self) -> None:
        controller, beside = self._controller, self._session.beside
        shown, trained = controller.history, controller.at_hand
        other, queued = beside.foremost(), beside.queue.runs
        path = _path(controller.folder)
        # Beside the queue there is room for one name; the plots have the other.
        name = "" if shown is None or beside.queue.text() else shown.title
        at_hand = next((run for run in beside.elsewhere if run.folder == path), None)
        if controller.state.is_busy:
            if trained is None or shown is trained:
                self.elsewhere.hide()
            else:
                self.elsewhere.show_names(name, trained.title)
        elif at_hand is not None and at_hand.folder not in queued:
            self.elsewhere.show_shown(at_hand.name, at_hand.by_whom)
        elif other is None or other.folder in queued:
            self.elsewhere.hide()  # the line of the queue says it
        else:
            self.elsewhere.show_names(name, other.name, other.by_whom)

    def _follow(self) -> None:
        """Show the run that another process trains, if it is the one to look at."""
        other, controller = self._session.beside.foremost(), self._controller
        if (
            other is None
            or controller.state.is_busy
            or not self.isVisible()
            or other.folder == self._followed
        ):
            return
        shown = _path(controller.folder)
        is_next = (
            other.folder == self._session.beside.queue.run
            and shown == self._watched
            and controller.state in _ENDED
            and not self._session.is_picked
        )
        if not (shown is None or is_next):
            return
        if _is_asking():
            self._soon.start(_AGAIN_MS)
        else:
            self._followed = other.folder
            self._watch(RunFolder(other.folder))

    def _watch(self, folder: RunFolder) -> None:
        """Show what is being trained, and what is trained after it."""
        self._session.set_run(folder, is_picked=False)

    def _on_back_wanted(self) -> None:
        other = self._session.beside.foremost()
        if self._controller.trained is not None:
            self._watch(self._controller.trained)
        elif other is not None:
            self._watch(RunFolder(other.folder))

    def _on_queue_wanted(self) -> None:
        self._session.show_panel("Queue")

    def _on_queue_run_wanted(self) -> None:
        if (run := self._session.beside.queue.run) is not None:
            self._watch(RunFolder(run))


def _is_asking() -> bool:
    """Whether a menu or a dialog is open, which is about what is shown now."""
    return QApplication.activePopupWidget() is not None or any(
        isinstance(each, QDialog) and each.isVisible()
        for each in QApplication.topLevelWidgets()
    )


def _path(folder: RunFolder | None) -> Path | None:
    return None if folder is None else folder.path
