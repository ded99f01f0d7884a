"""Collects Python's reference cycles in the window's thread only.

Python collects cycles in whichever thread happens to allocate. A thread that trains or
answers would then destroy widgets of the window, which crashes Qt now and then.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_MILLISECONDS = 200


class Collector(QObject):
    """Takes the place of Python's automatic collection, from ``start`` to ``stop``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.collect_if_due)

    def start(self) -> None:
        """Collect here from now on."""
        gc.freeze()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()

    def collect_if_due(self) -> None:
        """Collect the generations that Python would collect now."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if 0 < threshold < count
        ]
        if due:
            gc.collect(max(due))
