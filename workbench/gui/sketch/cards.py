"""The row of class cards."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QWidget
from typing_extensions import override

from workbench.core.base.phrases import percent
from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.sketch.session import (
    FEWEST_WAYS,
    MOST_WAYS,
    Sketch,
    SketchClass,
)
from workbench.gui.look import theme
from workbench.gui.sketch.class_card import ClassCard

_NARROWEST, _WIDEST = 104, 340
_USUAL = 5
_AROUND = 74
"""What a card has above and below its paper, and the bar beneath all cards."""


class Cards(QScrollArea):
    """Shows the classes side by side, and says which sketch an edit makes.

    Signals:
        edited(str, Sketch): what was done, and the sketch it makes.
        rejected(str): why an edit cannot be made.
        example_requested(str, int, int): source key, class row and shot.
        picture_offered(QMimeData | None, int, int): a picture (the clipboard's if
            None), class row and shot.
    """

    edited = Signal(str, object)
    rejected = Signal(str)
    example_requested = Signal(str, int, int)
    picture_offered = Signal(object, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cards")
        self.cards: list[ClassCard] = []
        self._sketch = Sketch.blank(FEWEST_WAYS)
        self._sources: tuple[tuple[str, str], ...] = ()
        self._erases = False
        self._pixels = REDUCED_SIZE
        self._tallest = _NARROWEST + _AROUND
        self._stays_at_end = False
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE)
        self.add_button = QPushButton("+")
        self.add_button.setToolTip("Add a class")
        self.add_button.setObjectName("cards.add")
        self.add_button.setAccessibleName("Add a class")
        self.add_button.setFixedWidth(4 * theme.SPACE)
        self.add_button.clicked.connect(self.add_class)
        self._row.addWidget(self.add_button)
        self._row.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Classes")
        bar = self.horizontalScrollBar()
        bar.rangeChanged.connect(self._on_bar_range_changed)
        bar.actionTriggered.connect(self._on_bar_action_triggered)
        theme.changes().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_sketch(self, sketch: Sketch) -> None:
        """Show a sketch's classes, keeping the cards there are."""
        self._sketch = sketch
        self._stays_at_end = False
        while len(self.cards) < len(sketch.classes):
            self._add_card()
        while len(self.cards) > len(sketch.classes):
            card = self.cards.pop()
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        for card, shown in zip(self.cards, sketch.classes, strict=True):
            card.show_class(shown, sketch.fit)
        self.add_button.setEnabled(len(sketch.classes) < MOST_WAYS)
        self._fit_cards()

    def show_sources(self, sources: tuple[tuple[str, str], ...]) -> None:
        """Offer examples from these sources, as (key, title)."""
        self._sources = sources
        for card in self.cards:
            card.sources = sources

    def show_verdicts(self, probabilities: dict[str, float], winner: str) -> None:
        """Show how probable each class is, and mark the winner."""
        for card in self.cards:
            name = card.shown.name
            text = percent(probabilities[name]) if name in probabilities else ""
            card.show_verdict(text, wins=bool(text) and name == winner)

    def show_pixels(self, side: int) -> None:
        """Show the drawings as a network sees them that takes pictures of this size."""
        self._pixels = side
        for card in self.cards:
            card.seen.show_pixels(side)

    def set_erases(self, erases: bool) -> None:
        """Rub out strokes from now on, or draw them."""
        self._erases = erases
        for card in self.cards:
            card.pad.erases = erases

    def add_class(self) -> None:
        """Add an empty class at the end."""
        sketch = self._sketch
        if len(sketch.classes) < MOST_WAYS:
            added = SketchClass(name=sketch.new_name())
            changed = sketch.changed(classes=(*sketch.classes, added))
            self.edited.emit(f"add {added.name}", changed)
            # The cards are laid out, perhaps in several goes, only once this is over.
            self._stays_at_end = True

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_cards()

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        # Fingers draw on the cards: they do not scroll them.
        return super().viewportEvent(event)

    def set_tallest(self, height: int) -> None:
        """Take up no more than this height, if cards can be that small."""
        self._tallest = height
        self._fit_cards()

    @property
    def comfortable_width(self) -> int:
        """The width in which the usual five cards are seen whole."""
        cards = min(len(self.cards), _USUAL)
        return cards * (_NARROWEST + theme.SPACE) + self.add_button.width()

    def _fit_cards(self) -> None:
        """Make cards as wide as there is room for, and their papers square."""
        room = self.viewport().width() - self.add_button.width()
        each = room // max(len(self.cards), 1) - theme.SPACE
        width = max(_NARROWEST, min(each, _WIDEST, self._tallest - _AROUND))
        for card in self.cards:
            card.setFixedWidth(width)
        self.setFixedHeight(width + _AROUND)

    def _add_card(self) -> None:
        card = ClassCard()
        card.sources = self._sources
        card.pad.erases = self._erases
        card.seen.show_pixels(self._pixels)
        row = len(self.cards)
        card.edited.connect(partial(self._on_card_edited, row))
        card.renamed.connect(partial(self._on_card_renamed, row))
        card.move_requested.connect(partial(self._on_card_move_requested, row))
        card.remove_requested.connect(partial(self._on_card_remove_requested, row))
        card.example_requested.connect(partial(self._on_card_example_requested, row))
        card.picture_offered.connect(partial(self._on_card_picture_offered, row))
        card.paste_requested.connect(partial(self._on_card_picture_offered, row, None))
        self.cards.append(card)
        self._row.insertWidget(row, card)

    def _on_card_edited(self, row: int, text: str, changed: SketchClass) -> None:
        self.edited.emit(text, self._sketch.with_class(row, changed))

    def _on_card_renamed(self, row: int, name: str) -> None:
        if name in (each.name for each in self._sketch.classes):
            self.rejected.emit(f"There is a class named {name} already.")
            return
        old = self._sketch.classes[row]
        changed = old.model_copy(update={"name": name})
        self.edited.emit(f"rename {old.name}", self._sketch.with_class(row, changed))

    def _on_card_move_requested(self, row: int, by: int) -> None:
        to = row + by
        if 0 <= to < len(self._sketch.classes):
            name = self._sketch.classes[row].name
            self.edited.emit(f"move {name}", self._sketch.moved_class(row, to))

    def _on_card_remove_requested(self, row: int) -> None:
        if len(self._sketch.classes) <= FEWEST_WAYS:
            self.rejected.emit("There are always at least two classes.")
            return
        name = self._sketch.classes[row].name
        self.edited.emit(f"remove {name}", self._sketch.without_class(row))

    def _on_card_example_requested(self, row: int, key: str, shot: int) -> None:
        self.example_requested.emit(key, row, shot)

    def _on_card_picture_offered(
        self, row: int, mime: QMimeData | None, shot: int
    ) -> None:
        self.picture_offered.emit(mime, row, shot)

    def _on_bar_range_changed(self, _lowest: int, highest: int) -> None:
        if self._stays_at_end:
            self.horizontalScrollBar().setValue(highest)

    def _on_bar_action_triggered(self, _action: int) -> None:
        self._stays_at_end = False

    def _on_theme_changed(self) -> None:
        self.viewport().setAutoFillBackground(False)
        content = self.widget()
        if content is not None:
            content.setAutoFillBackground(False)
