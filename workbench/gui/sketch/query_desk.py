"""The query's desk: the large paper, and beside it what the network sees of it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.sketch.session import EMPTY, Drawing, PenStroke, Sketch
from workbench.gui.look import theme
from workbench.gui.sketch.pad import Pad
from workbench.gui.sketch.seen_view import SeenView

_LIVE_MILLISECONDS = 80


class QueryDesk(QWidget):
    """Shows a sketch's query, and says which sketch an edit of it makes.

    Signals:
        edited(str, Sketch): what was done, and the sketch it makes.
        grew(Sketch): the sketch with what the pen, still down, has drawn so far.
        picture_offered(QMimeData): a picture was dropped or pasted.
    """

    edited = Signal(str, object)
    grew = Signal(object)
    picture_offered = Signal(object)

    def __init__(self, sketch: Sketch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sketch = sketch
        self.query = Pad("Draw one of the classes here", 260)
        self.query.setObjectName("sketch.query")
        self.query.setAccessibleName("Query")
        self.query.stroke_finished.connect(self._on_query_stroke_finished)
        self.query.stroke_grew.connect(self._on_query_stroke_grew)
        self.query.erase_requested.connect(self._on_query_erase_requested)
        self.query.clear_requested.connect(self.clear)
        self.query.picture_offered.connect(self.picture_offered)
        self.seen = SeenView(28 * 6 + 2)
        self.fit = QCheckBox("Centre and scale")
        self.fit.setObjectName("sketch.fit")
        self.fit.setToolTip(
            "Move drawings to the middle and to the size that the network knows"
        )
        self.fit.toggled.connect(self._on_fit_toggled)
        self._live = QTimer(self)
        self._live.setSingleShot(True)
        self._live.setInterval(_LIVE_MILLISECONDS)
        self._live.timeout.connect(self._on_live_timeout)
        self._lay_out()

    def show_sketch(self, sketch: Sketch) -> None:
        """Show the query of a sketch."""
        self._sketch = sketch
        self.query.show_drawing(sketch.query)
        self.seen.show_drawing(sketch.query, sketch.fit)
        self.fit.setChecked(sketch.fit)

    def put(self, text: str, drawing: Drawing) -> None:
        """Put a drawing in the query's place; ``text`` says what was done."""
        self.edited.emit(text, self._sketch.changed(query=drawing))

    def clear(self) -> None:
        """Empty the paper."""
        self.put("clear the query", EMPTY)

    def _lay_out(self) -> None:
        caption = QLabel("What the network sees")
        caption.setProperty("role", "muted")
        side = QVBoxLayout()
        side.setSpacing(theme.SPACE // 2)
        side.addWidget(caption)
        side.addWidget(self.seen, 1)
        side.addWidget(self.fit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.query, 3)
        row.addLayout(side, 2)

    def _on_query_stroke_finished(self, stroke: PenStroke) -> None:
        self._live.stop()
        self.put("draw the query", self._sketch.query.with_stroke(stroke))

    def _on_query_stroke_grew(self) -> None:
        if not self._live.isActive():
            self._live.start()

    def _on_live_timeout(self) -> None:
        drawing = self.query.live_drawing()
        self.seen.show_drawing(drawing, self._sketch.fit)
        if self.query.is_drawing:
            self.grew.emit(self._sketch.changed(query=drawing))

    def _on_query_erase_requested(self, index: int) -> None:
        self.put("erase in the query", self._sketch.query.without_stroke(index))

    def _on_fit_toggled(self, fit: bool) -> None:
        self.edited.emit("centre and scale", self._sketch.changed(fit=fit))
