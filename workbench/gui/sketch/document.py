"""The sketch being made, and one undo stack for everything done to it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from typing_extensions import override

from workbench.core.sketch.session import Sketch


class SketchDocument(QObject):
    """Holds the sketch; every change is one entry of the undo stack.

    Signals:
        changed(): ``sketch`` is another one.
    """

    changed = Signal()

    def __init__(self, sketch: Sketch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sketch = sketch
        self.undo_stack = QUndoStack(self)

    def apply(self, text: str, sketch: Sketch) -> None:
        """Put another sketch in the place of this one; ``text`` says what was done."""
        if sketch != self.sketch:
            self.undo_stack.push(_Change(self, text, self.sketch, sketch))

    def restart(self, sketch: Sketch) -> None:
        """Go over to another session, whose changes are none of this one's."""
        self.undo_stack.clear()
        self.show(sketch)

    def show(self, sketch: Sketch) -> None:
        """Take over a sketch; only the undo stack and a new session call this."""
        self.sketch = sketch
        self.changed.emit()


class _Change(QUndoCommand):
    def __init__(
        self, document: SketchDocument, text: str, before: Sketch, after: Sketch
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before, self._after = before, after

    @override
    def redo(self) -> None:
        self._document.show(self._after)

    @override
    def undo(self) -> None:
        self._document.show(self._before)
