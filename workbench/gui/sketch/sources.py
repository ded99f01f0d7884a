"""Finds, in a thread of its own, which data sets examples can be had from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.gui.shell.background import Background
from workbench.tasks.sketch_examples import (
    ExampleSource,
    GlyphExamples,
    example_sources,
)


class Sources(QObject):
    """What examples can be had from: glyphs at once, others when they were found.

    Signals:
        changed(): they were looked for.
    """

    changed = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self.found: list[ExampleSource] = [GlyphExamples()]
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)

    def look(self) -> None:
        """See what is there by now; Omniglot may first have to be unpacked."""
        data, over = self._data, self._background.is_over
        self._background.submit("sources", lambda: example_sources(data, over))

    def named(self, key: str) -> ExampleSource:
        """Return the source with this key, else the first."""
        return next((each for each in self.found if each.key == key), self.found[0])

    def shut_down(self) -> None:
        """Stop looking, and wait."""
        self._background.shut_down()

    def _on_background_done(self, _key: str, found: list[ExampleSource]) -> None:
        self.found = found
        self.changed.emit()
