"""Thumbnails of classes, made on demand in a thread of their own, newest first."""

from __future__ import annotations

from collections import OrderedDict
from threading import Condition

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from typing_extensions import override

from workbench.gui.episodes.class_table import ClassTable
from workbench.gui.look.atlas import atlas_of

COLUMNS, ROWS = 10, 2
SIDE = 28
_KEPT = 600
_WAITING = 200
_AT_ONCE = 16
_DARK_SURFACE = 30


class ThumbnailThread(QThread):
    """Makes the strips of classes; what was asked for last is made first.

    Signals:
        made(object, list): the table, and pairs of a class and its image.
    """

    made = Signal(object, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = Condition()
        self._table: ClassTable | None = None
        self._wanted: list[int] = []
        self._inverted = False
        self._ends = False

    def begin(self, table: ClassTable | None, *, inverted: bool) -> None:
        """Make thumbnails of another table; nothing of the old one is made any more."""
        with self._changed:
            self._table, self._inverted = table, inverted
            self._wanted.clear()

    def want(self, rows: list[int]) -> None:
        """Ask for classes; if too many wait, the oldest are dropped."""
        with self._changed:
            self._wanted = [row for row in self._wanted if row not in rows] + rows
            del self._wanted[:-_WAITING]
            self._changed.notify()
        if not self.isRunning():
            self.start(QThread.Priority.LowPriority)

    def shut_down(self) -> None:
        """Stop and wait."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        self.wait()

    @override
    def run(self) -> None:
        while (batch := self._next_batch()) is not None:
            table, rows, inverted = batch
            self.made.emit(table, [(row, strip(table, row, inverted)) for row in rows])

    def _next_batch(self) -> tuple[ClassTable, list[int], bool] | None:
        with self._changed:
            while not self._ends and (not self._wanted or self._table is None):
                self._changed.wait()
            if self._ends or self._table is None:
                return None
            rows = self._wanted[-_AT_ONCE:]
            del self._wanted[-_AT_ONCE:]
            return self._table, rows[::-1], self._inverted


def strip(table: ClassTable, row: int, inverted: bool) -> QImage:
    """Return the first drawings of a class in two rows; callable from any thread."""
    pictures = table.strip(row)
    if table.is_ink and inverted:
        pictures = 255 - pictures
    cells: NDArray[np.uint8] = np.full(
        (COLUMNS * ROWS, *pictures.shape[1:]), _paper(table, inverted), np.uint8
    )
    cells[: len(pictures)] = pictures[: len(cells)]
    image = atlas_of(cells, COLUMNS).image
    if pictures.shape[2:] == (SIDE, SIDE):
        return image
    return image.scaled(
        COLUMNS * SIDE,
        ROWS * SIDE,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _paper(table: ClassTable, inverted: bool) -> int:
    """Return the grey of empty places: the paper, or about the theme's surface."""
    return 255 if inverted else 0 if table.is_ink else _DARK_SURFACE


class Thumbnails(QObject):
    """Keeps the thumbnails made last, and asks for those that are missing.

    Signals:
        changed(list): the classes whose thumbnails are new.
    """

    changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._missing: list[int] = []
        self._table: ClassTable | None = None
        self._thread = ThumbnailThread(self)
        self._thread.made.connect(self._on_thread_made)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer_timeout)

    def begin(self, table: ClassTable | None, *, inverted: bool) -> None:
        """Show another table; ``inverted`` draws ink dark on a light ground."""
        self._table = table
        self._kept.clear()
        self._missing.clear()
        self._thread.begin(table, inverted=inverted)

    def get(self, row: int) -> QPixmap | None:
        """Return a thumbnail; None if it is only now being made."""
        found = self._kept.get(row)
        if found is None:
            self._missing.append(row)
            self._timer.start()
        else:
            self._kept.move_to_end(row)
        return found

    def shut_down(self) -> None:
        """Stop the thread."""
        self._thread.shut_down()

    def _on_timer_timeout(self) -> None:
        self._thread.want(list(dict.fromkeys(self._missing)))
        self._missing.clear()

    def _on_thread_made(
        self, table: ClassTable, made: list[tuple[int, QImage]]
    ) -> None:
        if table is not self._table:
            return
        for row, image in made:
            self._kept[row] = QPixmap.fromImage(image)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.changed.emit([row for row, _ in made])
