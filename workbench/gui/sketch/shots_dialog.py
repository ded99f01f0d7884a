"""All papers of one class side by side: several examples drawn in one go."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.sketch.session import (
    EMPTY,
    MOST_SHOTS,
    Drawing,
    PenStroke,
    SketchClass,
)
from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import close_button
from workbench.gui.sketch.pad import Pad

_SIDE = 150


class ShotsDialog(QDialog):
    """Shows as many papers as a class can have; each stroke is an edit of the class.

    Signals:
        edited(str, SketchClass): what was done, and the class it makes.
    """

    edited = Signal(str, object)

    def __init__(self, shown: SketchClass, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shots")
        self._shown = shown
        self.pads: list[Pad] = []
        about = QLabel("Each paper is one example. Those left empty do not count.")
        about.setWordWrap(True)
        papers = QHBoxLayout()
        papers.setSpacing(theme.SPACE)
        for shot in range(MOST_SHOTS):
            papers.addWidget(self._make_pad(shot))
        column = QVBoxLayout(self)
        column.addWidget(about)
        column.addLayout(papers, 1)
        column.addWidget(close_button(self))
        self.show_class(shown)

    def show_class(self, shown: SketchClass) -> None:
        """Show the class as it is now."""
        self._shown = shown
        self.setWindowTitle(f"Examples of {shown.name}")
        for shot, pad in enumerate(self.pads):
            pad.show_drawing(self._drawing(shot))

    def _make_pad(self, shot: int) -> Pad:
        pad = Pad(f"Example {shot + 1}", _SIDE)
        pad.setMinimumSize(_SIDE, _SIDE)
        pad.setObjectName(f"shots.pad_{shot + 1}")
        pad.setAccessibleName(f"Example {shot + 1}")
        pad.stroke_finished.connect(partial(self._on_stroke_finished, shot))
        pad.erase_requested.connect(partial(self._on_erase_requested, shot))
        pad.clear_requested.connect(partial(self._on_clear_requested, shot))
        self.pads.append(pad)
        return pad

    def _drawing(self, shot: int) -> Drawing:
        drawings = self._shown.drawings
        return drawings[shot] if shot < len(drawings) else EMPTY

    def _put(self, text: str, shot: int, drawing: Drawing) -> None:
        missing = shot + 1 - len(self._shown.drawings)
        drawings = (*self._shown.drawings, *[EMPTY] * missing)
        wide = self._shown.model_copy(update={"drawings": drawings})
        name = self._shown.name
        self.edited.emit(f"{text} {name}", wide.with_drawing(shot, drawing))

    def _on_stroke_finished(self, shot: int, stroke: PenStroke) -> None:
        self._put("draw on", shot, self._drawing(shot).with_stroke(stroke))

    def _on_erase_requested(self, shot: int, index: int) -> None:
        self._put("erase on", shot, self._drawing(shot).without_stroke(index))

    def _on_clear_requested(self, shot: int) -> None:
        self._put("clear", shot, EMPTY)
