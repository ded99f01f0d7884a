"""A class's card: its name, its support drawings, and what the network sees."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.sketch.session import (
    EMPTY,
    MOST_SHOTS,
    Drawing,
    PenStroke,
    SketchClass,
)
from workbench.gui.look import theme
from workbench.gui.sketch.pad import Pad
from workbench.gui.sketch.seen_view import SeenView
from workbench.gui.sketch.shots_dialog import ShotsDialog

_SEEN = 30


class ClassCard(QFrame):
    """Shows one class and says how the person changes it.

    Signals:
        edited(str, SketchClass): what was done, and the class it makes.
        renamed(str): another name was typed.
        move_requested(int): by how many places, to the left if negative.
        remove_requested(): the class is to go.
        example_requested(str, int): fill a drawing from the source with this key.
        picture_offered(QMimeData, int): a picture for the drawing shown.
        paste_requested(int): the clipboard's picture for the drawing shown.
    """

    edited = Signal(str, object)
    renamed = Signal(str)
    move_requested = Signal(int)
    remove_requested = Signal()
    example_requested = Signal(str, int)
    picture_offered = Signal(object, int)
    paste_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("class_card")
        self.shown = SketchClass(name="?")
        self.shot = 0
        self.sources: tuple[tuple[str, str], ...] = ()
        self.name = QLineEdit()
        self.pad = Pad("Draw", 104)
        self.seen = SeenView(_SEEN)
        self._verdict = QLabel()
        self._fit = True
        self._shots = QHBoxLayout()
        self._buttons: list[QToolButton] = []
        self._several: ShotsDialog | None = None
        self._build()
        self._connect()

    def show_class(self, shown: SketchClass, fit: bool) -> None:
        """Show a class."""
        if shown == self.shown and fit == self._fit:
            return
        self.shown, self._fit = shown, fit
        self.shot = min(self.shot, len(shown.drawings) - 1)
        if self.name.text() != shown.name:
            self._show_name()
        self.pad.setAccessibleName(f"Drawing of {shown.name}")
        self._refresh()
        if self._several is not None:
            self._several.show_class(shown)

    def show_verdict(self, text: str, *, wins: bool) -> None:
        """Show how probable the class is, and whether it is the winner."""
        self._verdict.setText(text)
        font = self._verdict.font()
        font.setBold(wins)
        self._verdict.setFont(font)
        colour = theme.colours().accent if wins else theme.colours().muted
        self._verdict.setStyleSheet(f"color: {colour}")
        self.pad.set_mark(QColor(colour) if wins else None)

    def choose_shot(self, shot: int) -> None:
        """Show another of the class's drawings."""
        self.shot = shot
        self._refresh()

    def draw_several(self) -> None:
        """Show all papers of the class side by side, to draw on one after another."""
        self._several = ShotsDialog(self.shown, self)
        self._several.edited.connect(self.edited)
        self._several.finished.connect(self._on_several_finished)
        self._several.open()

    # Building.

    def _build(self) -> None:
        self.name.setFrame(False)
        self.name.setMaxLength(60)
        self.name.setObjectName("class_card.name")
        self.name.setAccessibleName("Class name")
        self.pad.setObjectName("class_card.pad")
        self.name.setToolTip("The class's name: click to rename")
        self.name.setStyleSheet("background: transparent; font-weight: 600")
        menu = QToolButton()
        menu.setText("⋯")
        menu.setAutoRaise(True)
        menu.setToolTip("More for this class")
        menu.setObjectName("class_card.menu")
        menu.setAccessibleName("Class menu")
        menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.menu = QMenu(menu)
        self.menu.setObjectName("menu.class")
        menu.setMenu(self.menu)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.name, 1)
        head.addWidget(menu)
        self._verdict.setFont(theme.tabular(self._verdict.font()))
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._verdict.setMinimumWidth(42)
        self._shots.setSpacing(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE // 2)
        foot.addWidget(self.seen)
        foot.addLayout(self._shots)
        foot.addStretch(1)
        foot.addWidget(self._verdict)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(head)
        column.addWidget(self.pad, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.name.editingFinished.connect(self._on_name_edited)
        self.menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.pad.stroke_finished.connect(self._on_pad_stroke_finished)
        self.pad.erase_requested.connect(self._on_pad_erase_requested)
        self.pad.clear_requested.connect(self.clear)
        self.pad.picture_offered.connect(self._on_pad_picture_offered)

    def _refresh(self) -> None:
        drawing = self.shown.drawings[self.shot]
        self.pad.show_drawing(drawing)
        self.seen.show_drawing(drawing, self._fit)
        count = len(self.shown.drawings)
        wanted = count + (count < MOST_SHOTS)
        while len(self._buttons) < wanted:
            self._add_shot_button()
        for row, button in enumerate(self._buttons):
            is_new = row == count
            button.setVisible(row < wanted and (count > 1 or is_new))
            button.setText("+" if is_new else str(row + 1))
            button.setChecked(row == self.shot)
            tip = "Add a drawing to this class" if is_new else f"Show drawing {row + 1}"
            button.setToolTip(tip)
            button.setAccessibleName(tip)

    def _show_name(self) -> None:
        self.name.setText(self.shown.name)
        self.name.setCursorPosition(0)

    def _add_shot_button(self) -> None:
        button = QToolButton()
        button.setObjectName(f"class_card.shot_{len(self._buttons) + 1}")
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setFixedWidth(18)
        button.clicked.connect(partial(self._on_shot_clicked, len(self._buttons)))
        self._buttons.append(button)
        self._shots.addWidget(button)

    # What the person does.

    def clear(self) -> None:
        """Empty the drawing shown."""
        self._put(f"clear {self.shown.name}", EMPTY)

    def add_shot(self) -> None:
        """Add an empty drawing and show it."""
        if len(self.shown.drawings) < MOST_SHOTS:
            drawings = (*self.shown.drawings, EMPTY)
            self.shot = len(drawings) - 1
            changed = self.shown.model_copy(update={"drawings": drawings})
            self.edited.emit(f"add a drawing to {self.shown.name}", changed)

    def remove_shot(self) -> None:
        """Remove the drawing shown, if it is not the only one."""
        drawings = list(self.shown.drawings)
        if len(drawings) > 1:
            del drawings[self.shot]
            changed = self.shown.model_copy(update={"drawings": tuple(drawings)})
            self.edited.emit(f"remove a drawing of {self.shown.name}", changed)

    def _put(self, text: str, drawing: Drawing) -> None:
        self.edited.emit(text, self.shown.with_drawing(self.shot, drawing))

    def _on_pad_stroke_finished(self, stroke: PenStroke) -> None:
        drawing = self.shown.drawings[self.shot].with_stroke(stroke)
        self._put(f"draw on {self.shown.name}", drawing)

    def _on_pad_erase_requested(self, index: int) -> None:
        drawing = self.shown.drawings[self.shot].without_stroke(index)
        self._put(f"erase on {self.shown.name}", drawing)

    def _on_pad_picture_offered(self, mime: object) -> None:
        self.picture_offered.emit(mime, self.shot)

    def _on_shot_clicked(self, row: int, _checked: bool = False) -> None:
        if row == len(self.shown.drawings):
            self.add_shot()
        else:
            self.choose_shot(row)

    def _on_name_edited(self) -> None:
        text = self.name.text().strip()
        if text and text != self.shown.name:
            self.renamed.emit(text)
        self._show_name()

    def _on_menu_about_to_show(self) -> None:
        menu = self.menu
        menu.clear()
        for key, title in self.sources:
            fill = menu.addAction(f"Fill with an example of {title}")
            fill.triggered.connect(partial(self._on_fill, key))
        paste = menu.addAction("Paste a picture")
        paste.triggered.connect(lambda: self.paste_requested.emit(self.shot))
        menu.addAction("Clear").triggered.connect(self.clear)
        menu.addSeparator()
        menu.addAction("Draw several examples…").triggered.connect(self.draw_several)
        add = menu.addAction("Add a drawing")
        add.setEnabled(len(self.shown.drawings) < MOST_SHOTS)
        add.triggered.connect(self.add_shot)
        remove = menu.addAction("Remove this drawing")
        remove.setEnabled(len(self.shown.drawings) > 1)
        remove.triggered.connect(self.remove_shot)
        menu.addSeparator()
        menu.addAction("Rename").triggered.connect(self._on_rename)
        for text, by in (("Move left", -1), ("Move right", 1)):
            menu.addAction(text).triggered.connect(partial(self._on_move, by))
        menu.addAction("Remove the class").triggered.connect(
            lambda: self.remove_requested.emit()
        )

    def _on_several_finished(self) -> None:
        if self._several is not None:
            self._several.deleteLater()
        self._several = None

    def _on_fill(self, key: str, _checked: bool = False) -> None:
        self.example_requested.emit(key, self.shot)

    def _on_move(self, by: int, _checked: bool = False) -> None:
        self.move_requested.emit(by)

    def _on_rename(self) -> None:
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()
