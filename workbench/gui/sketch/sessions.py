"""The sketch being made, its undo stack, and the sessions kept as they are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from typing_extensions import override

from workbench.core.base.errors import DataError
from workbench.core.base.folders import user_folder
from workbench.core.sketch.session import Drawing, Sketch
from workbench.core.sketch.shelf import Shelf
from workbench.gui.shell.edits import MOST_UNDONE
from workbench.gui.shell.wording import sentence
from workbench.tasks.sketch_examples import first_sketch

_MOMENT = 400


def sessions_folder() -> Path:
    """Return where the user's sketch sessions are kept."""
    return user_folder() / "sketch-sessions"


class SketchDocument(QObject):
    """Holds the sketch; every change is one entry of the undo stack.

    Signals:
        changed(): ``sketch`` is another one.
    """

    changed = Signal()

    def __init__(self, sketch: Sketch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sketch = sketch
        self._examples = set(drawings_of(sketch))
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)

    @property
    def has_own_cards(self) -> bool:
        """Whether a card has a drawing that is no example, as far as is known."""
        drawn = (one for each in self.sketch.classes for one in each.drawn)
        return any(drawing not in self._examples for drawing in drawn)

    @property
    def has_own_query(self) -> bool:
        """Whether the query was drawn, and is no example."""
        query = self.sketch.query
        return not (query.is_empty or query in self._examples)

    def take_for_examples(self, *drawings: Drawing) -> None:
        """Know from now on that these are nobody's own."""
        self._examples.update(drawings)

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


class Sessions(QObject):
    """The sessions there are, of which the document shows one.

    What was not changed is not written: who only looks leaves no file behind.

    Signals:
        changed(): ``name`` is another.
        notified(str, str, str): news, its kind, and the id of an action to offer.
        failed(str): what went wrong, in a sentence.
    """

    changed = Signal()
    notified = Signal(str, str, str)
    failed = Signal(str)

    def __init__(self, document: SketchDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shelf = Shelf(sessions_folder())
        self._kept: Sketch | None = document.sketch
        self._is_told = False
        self._has_begun = False
        self.name = self._shelf.free_name()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MOMENT)
        self._timer.timeout.connect(self.keep)
        document.changed.connect(self._timer.start)

    def names(self) -> list[str]:
        """Return what the sessions are called, this one among them."""
        return sorted({*self._shelf.names(), self.name}, key=str.casefold)

    def deleted(self) -> list[Path]:
        """Return the sessions that can be brought back, the last one first."""
        return self._shelf.deleted()

    def resume(self) -> None:
        """Show the session worked on last; where there is none, an example.

        Whoever has chosen one before the tab was ever looked at sees that one.
        """
        self.keep()
        if not self._has_begun and not any(map(self._has_opened, self._shelf.by_age())):
            self._show(self._shelf.free_name(), first_sketch())

    def keep(self) -> None:
        """Write the session now, if it was changed; a failure is told once."""
        self._timer.stop()
        sketch = self._document.sketch
        if sketch == self._kept:
            return
        try:
            name = self._shelf.keep(self.name, sketch)
        except DataError as error:
            if not self._is_told:
                self._is_told = True
                self.failed.emit(f"The sketch is not kept. {sentence(error)}")
            return
        self._kept, self._is_told = sketch, False
        if name != self.name:
            text = f"{self.name} was changed elsewhere: this one is kept as {name}"
            self.name = name
            self.changed.emit()
            self.notified.emit(text, "info", "")

    def begin(self) -> None:
        """Begin another session, blank."""
        self.keep()
        self._show(self._shelf.free_name(), Sketch.blank())

    def take_over(self, name: str, sketch: Sketch) -> None:
        """Begin another session with a sketch that came from elsewhere."""
        self.keep()
        self._show(self._shelf.free_name(name), sketch)
        self._kept = None
        self.keep()

    def switch(self, name: str) -> None:
        """Go to another session; a damaged one is put aside, and this one stays."""
        self.keep()
        self._has_opened(name)

    def rename(self, wanted: str) -> None:
        """Call this session otherwise."""
        self.keep()
        try:
            self.name = self._shelf.rename(self.name, wanted)
        except DataError as error:
            self.failed.emit(sentence(error))
        self.changed.emit()

    def delete(self) -> None:
        """Delete this session and go to the one worked on before; it can come back."""
        self.keep()
        try:
            thrown = self._shelf.delete(self.name)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        name = self.name
        if not any(map(self._has_opened, self._shelf.by_age())):
            self._show(self._shelf.free_name(), Sketch.blank())
        if thrown is not None:
            self.notified.emit(f"Deleted {name}", "info", "sketch.bring_back")

    def bring_back(self, thrown: Path | None = None) -> None:
        """Bring back a deleted session, the last one if none is named, and show it."""
        thrown = thrown or next(iter(self.deleted()), None)
        if thrown is None:
            self.notified.emit("No sketch session was deleted", "info", "")
            return
        try:
            name = self._shelf.bring_back(thrown)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        self.switch(name)

    def _has_opened(self, name: str) -> bool:
        try:
            sketch = self._shelf.open(name)
        except DataError as error:
            self.failed.emit(sentence(error))
            return False
        self._show(name, sketch)
        return True

    def _show(self, name: str, sketch: Sketch) -> None:
        """Go over to a session as it is kept, or that need not be kept yet."""
        self.name, self._kept, self._has_begun = name, sketch, True
        self._document.restart(sketch)
        self._timer.stop()
        self.changed.emit()


def drawings_of(sketch: Sketch) -> Iterator[Drawing]:
    """Yield every drawing of a sketch, the query first."""
    yield sketch.query
    for each in sketch.classes:
        yield from each.drawings


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
