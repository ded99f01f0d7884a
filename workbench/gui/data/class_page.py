"""All drawings of one class, large, in the turns that the task uses."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.gui.episodes.class_table import ClassTable
from workbench.gui.look import theme
from workbench.gui.look.atlas import Atlas, atlas_of
from workbench.gui.look.colours import colours
from workbench.gui.look.elided import ElidedLabel

_LARGE = 84
_GAP = 8
_HEADING = 24
_MOST = 1000


class _Drawings(QWidget):
    """The drawings, wrapped into lines, once for each turn."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class.drawings")
        self.setAccessibleName("Drawings of the class")
        self.table: ClassTable | None = None
        self.row = 0
        self.atlases: list[tuple[int, Atlas]] = []
        self.count = 0
        theme.changes().changed.connect(self._on_theme_changed)

    def show_class(self, table: ClassTable, row: int) -> None:
        """Show the drawings of a class."""
        self.table, self.row = table, row
        self._make()
        self._lay_out()

    def place(self, turn: int, index: int) -> QRect:
        """Return where drawing ``index`` is in the ``turn``-th of the turns shown."""
        across, height = self._across(), self._height_of_turn()
        line, column = divmod(index, across)
        step = _LARGE + _GAP
        top = turn * height + (_HEADING if len(self.atlases) > 1 else 0)
        return QRect(column * step, top + line * step, _LARGE, _LARGE)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown = QPainter(self), colours()
        exposed = event.rect()
        for turn, (quarters, atlas) in enumerate(self.atlases):
            top = turn * self._height_of_turn()
            if len(self.atlases) > 1:
                painter.setPen(shown.quiet)
                text = f"Turned {90 * quarters}° to the left" if quarters else "Upright"
                box = QRect(0, top, self.width(), _HEADING - 4)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            smooth = _LARGE % atlas.width != 0
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            for index in range(self.count):
                target = self.place(turn, index)
                if exposed.intersects(target):
                    painter.drawImage(target, atlas.image, atlas.source(index))
        painter.end()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = ""
            for turn in range(len(self.atlases)):
                for index in range(self.count):
                    if self.table and self.place(turn, index).contains(event.pos()):
                        text = f"Drawing {self.table.picture_name(self.row, index)}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _make(self) -> None:
        table = self.table
        if table is None:
            return
        pictures = table.pictures(self.row, _MOST)
        if table.is_ink and not theme.is_dark():
            pictures = 255 - pictures
        self.count = len(pictures)
        self.atlases = [
            (quarters, atlas_of(np.rot90(pictures, quarters, (-2, -1))))
            for quarters in table.turns(self.row)
        ]

    def _lay_out(self) -> None:
        self.setMinimumHeight(self._height_of_turn() * len(self.atlases) + _GAP)
        self.update()

    def _across(self) -> int:
        return max(1, (self.width() + _GAP) // (_LARGE + _GAP))

    def _height_of_turn(self) -> int:
        lines = -(-self.count // self._across())
        heading = _HEADING if len(self.atlases) > 1 else 0
        return heading + lines * (_LARGE + _GAP) + _GAP

    def _on_theme_changed(self) -> None:
        self._make()
        self.update()


class ClassPage(QWidget):
    """One class: its name, what there is to say, and its drawings.

    Signals:
        closed(): back to the grid.
        moved(int): the person asked for the class so many places further.
    """

    closed = Signal()
    moved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class.page")
        self.row = -1
        self.drawings = _Drawings()
        self._name = ElidedLabel()
        self._name.setObjectName("class.name")
        self._name.setProperty("role", "heading")
        self._about = QLabel()
        self._about.setObjectName("class.about")
        self._about.setProperty("role", "muted")
        self._area = area = QScrollArea()
        area.setObjectName("class.area")
        area.setAccessibleName("Drawings of the class")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(self.drawings)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QHBoxLayout()
        self._buttons: list[tuple[QPushButton, str]] = []
        for name, text, icon, slot in (
            ("back", "All classes", "mdi6.view-grid-outline", self.closed.emit),
            ("previous", "Previous", "mdi6.chevron-left", self._on_previous),
            ("next", "Next", "mdi6.chevron-right", self._on_next),
        ):
            button = QPushButton(text)
            button.setObjectName(f"class.{name}")
            button.setToolTip(
                f"Show {'all classes' if name == 'back' else f'the {name} class'}"
            )
            button.clicked.connect(slot)
            self._buttons.append((button, icon))
            head.addWidget(button)
        head.addSpacing(theme.SPACE)
        head.addWidget(self._name, 1)
        head.addWidget(self._about)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addLayout(head)
        page.addWidget(area, 1)
        self._paint_colours()
        theme.changes().changed.connect(self._paint_colours)

    def show_class(self, table: ClassTable, row: int) -> None:
        """Show a class, from its first drawing on."""
        self.row = row
        count = table.count(row)
        self._name.show_text(table.names[row])
        shown = f"the first {_MOST:,} of " if count > _MOST else ""
        split = f", {table.splits[row]} split" if table.splits[row] else ""
        self._about.setText(f"{shown}{counted(count, 'picture')}{split}")
        self.drawings.show_class(table, row)
        self._area.verticalScrollBar().setValue(0)

    def _paint_colours(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(theme.icon(icon))

    def _on_previous(self) -> None:
        self.moved.emit(-1)

    def _on_next(self) -> None:
        self.moved.emit(1)
