"""Collects Python's reference cycles in the window's thread only.

Python collects cycles in whichever thread happens to allocate. A thread that trains or
answers would then destroy widgets of the window, which crashes Qt now and then.

What modules hold is never garbage, and there is much of it once torch is there: looking
through it takes a fifth of a second each time, in which the window stands still. So
what there is when modules have been imported is left out from then on.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

_MILLISECONDS = 200


class Collector(QObject):
    """Takes the place of Python's automatic collection, from ``start`` to ``stop``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.collect_if_due)
        self._modules = 0

    def start(self) -> None:
        """Collect here from now on."""
        gc.disable()
        self._leave_out_modules()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def collect_if_due(self) -> None:
        """Collect the generations that Python would collect now."""
        self._leave_out_modules()
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if 0 < threshold < count
        ]
        if due:
            gc.collect(max(due))

    def _leave_out_modules(self) -> None:
        if len(sys.modules) > self._modules:
            self._modules = len(sys.modules)
            gc.freeze()
