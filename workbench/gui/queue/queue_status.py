"""The status bar's part about the queue, which leads to its panel."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from workbench.gui.look import theme
from workbench.gui.shell.session import Session


class QueueStatus(QToolButton):
    """Says which of how many is trained, and the time left; hidden while all is done.

    A click shows the queue.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("queue_status")
        self.setAutoRaise(True)
        self.setFont(theme.tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.clicked.connect(self._on_clicked)
        session.beside.queue_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        news = self._session.beside.queue
        self.setText(f"Queue: {news.short()}")
        self.setToolTip(f"Show the queue: {news.text()}")
        self.setVisible(bool(news.text()))

    def _on_clicked(self) -> None:
        self._session.show_panel("Queue")
