"""A line above the plots while something is queued; a click leads to the queue."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget
from typing_extensions import override

from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.shell.beside import QueueNews


class QueueBar(QWidget):
    """Says which of how many is being trained, how far it is, and the time left.

    Signals:
        queue_wanted(): show the queue.
        run_wanted(): show the run that it trains.
    """

    queue_wanted = Signal()
    run_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_bar")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.label = ElidedLabel()
        self.label.setFont(theme.tabular(self.label.font()))
        self.label.setProperty("role", "muted")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("queue_bar.progress")
        self.progress.setAccessibleName("Progress of the queue's run")
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(96, 8)
        self.watch = QPushButton("Show it", self)
        self.watch.setObjectName("queue_bar.watch")
        self.watch.setToolTip("Select the run that the queue trains, and watch it")
        self.watch.clicked.connect(self.run_wanted)
        self.button = QPushButton("Show queue", self)
        self.button.setObjectName("queue_bar.show")
        self.button.setToolTip("Show what is trained next, and change it")
        self.button.clicked.connect(self.queue_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE // 2)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.label, 1)
        row.addWidget(self.progress)
        row.addWidget(self.watch)
        row.addWidget(self.button)
        self.hide()

    def show_news(
        self, news: QueueNews, shown: Path | None, *, is_short: bool = False
    ) -> None:
        """Say how the queue stands; nothing if nothing is to be trained."""
        self.watch.setVisible(news.run not in (None, shown))
        text, whole = news.short() if is_short else news.text(), news.text()
        self.label.show_text(f"Queue: {text}", f"Queue: {whole}")
        self.progress.setVisible(news.iterations > 0 and not is_short)
        self.progress.setRange(0, max(1, news.iterations))
        self.progress.setValue(news.step)
        self.setVisible(bool(news.text()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.queue_wanted.emit()
