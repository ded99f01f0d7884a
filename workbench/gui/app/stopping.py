"""Says that what runs is being stopped, while the window waits to close."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QVBoxLayout, QWidget
from typing_extensions import override

from workbench.gui.look import theme

_LOOK_MS = 30
_LOOKS_UNSEEN = 10


class Stopping(QDialog):
    """Waits, with the window alive, until nothing is busy any more.

    It is shown only if that takes long enough to wonder.

    Signals:
        ended(): nothing is busy any more.
    """

    ended = Signal()

    def __init__(self, is_busy: Callable[[], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stopping")
        self.setAccessibleName("Stopping")
        self.setWindowTitle("Stopping…")
        self.setModal(True)
        self.text = QLabel("Stopping… What was trained is being saved.")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.text)
        column.addWidget(bar)
        self._is_busy = is_busy
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    @override
    def reject(self) -> None:
        """Stay: there is nothing to cancel any more."""

    def _on_timer_timeout(self) -> None:
        self._looks += 1
        if not self._is_busy():
            self._timer.stop()
            self.hide()
            self.ended.emit()
        elif self._looks == _LOOKS_UNSEEN:
            self.show()
