"""One editor for each kind of field: whatever is typed is passed on, right or wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.worded import value_text
from workbench.gui.look import theme

_LEAST_WIDTH = 72
_FRAME = 2


class FieldEditor(QFrame):
    """Shows one field's value and passes on what the person makes of it.

    Signals:
        edited(object, bool): the new value, and whether it is still being typed.
        finished(): typing has ended.
    """

    edited = Signal(object, bool)
    finished = Signal()

    def __init__(self, control: QWidget) -> None:
        super().__init__()
        self.control = control
        control.setMinimumSize(_LEAST_WIDTH, theme.CONTROL_HEIGHT)
        self.setFocusProxy(control)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(_FRAME,) * 4)
        layout.addWidget(control)
        if control.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Maximum:
            layout.addStretch(1)

    def show_value(self, value: Any) -> None:
        """Show a value without saying that it was edited."""
        raise NotImplementedError

    def set_wrong(self, wrong: bool) -> None:
        """Frame the control in the colour of errors, or not."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)


class TextEditor(FieldEditor):
    """A line of text; ``parse`` and ``format`` go between it and the value."""

    def __init__(self, *, placeholder: str = "") -> None:
        line = QLineEdit()
        line.setPlaceholderText(placeholder)
        super().__init__(line)
        self._line = line
        leave_undo(line, line)
        line.textEdited.connect(self._on_text_edited)
        line.editingFinished.connect(self._on_editing_finished)

    @override
    def show_value(self, value: Any) -> None:
        if self.parse(self._line.text()) != value:
            self._line.setText(self.format(value))

    def parse(self, text: str) -> Any:
        """Return the value that the text stands for."""
        return text

    def format(self, value: Any) -> str:
        """Return the text that stands for the value."""
        return "" if value is None else str(value)

    def _on_text_edited(self, text: str) -> None:
        self.edited.emit(self.parse(text), True)

    def _on_editing_finished(self) -> None:
        self._line.setText(self.format(self.parse(self._line.text())))
        self.finished.emit()


class NumberListEditor(TextEditor):
    """Whole numbers with commas between them, like layer sizes."""

    @override
    def parse(self, text: str) -> Any:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        try:
            return [int(part) for part in parts]
        except ValueError:
            return text

    @override
    def format(self, value: Any) -> str:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(str(part) for part in value)
        return super().format(value)


class NumberEditor(FieldEditor):
    """A number, typed or stepped with the arrow keys; empty for none if optional."""

    def __init__(self, *, whole: bool, placeholder: str = "") -> None:
        box = _NumberBox(whole)
        box.lineEdit().setPlaceholderText(placeholder)
        super().__init__(box)
        self._box = box
        leave_undo(box, box.lineEdit())
        self._optional = bool(placeholder)
        box.lineEdit().textEdited.connect(self._on_text_edited)
        box.stepped.connect(self._on_stepped)
        box.editingFinished.connect(self._on_editing_finished)

    @override
    def show_value(self, value: Any) -> None:
        line = self._box.lineEdit()
        if self.parse(line.text()) != value:
            line.setText(format_number(value))

    def set_range(self, low: float | None, high: float | None) -> None:
        """Keep the arrow keys, but not typing, within the limits."""
        self._box.low = -math.inf if low is None else low
        self._box.high = math.inf if high is None else high

    def parse(self, text: str) -> Any:
        """Return the number, None for an empty optional one, else the text."""
        if not text.strip():
            return None if self._optional else ""
        value = parse_number(text)
        return text.strip() if value is None else value

    def _on_text_edited(self, text: str) -> None:
        self.edited.emit(self.parse(text), True)

    def _on_editing_finished(self) -> None:
        line = self._box.lineEdit()
        line.setText(format_number(self.parse(line.text())))
        self.finished.emit()

    def _on_stepped(self) -> None:
        self.edited.emit(self.parse(self._box.lineEdit().text()), True)


class ChoiceEditor(FieldEditor):
    """One of a closed set of texts."""

    def __init__(self, choices: Sequence[str]) -> None:
        combo = QComboBox()
        combo.addItems([str(choice) for choice in choices])
        combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        combo.setMinimumContentsLength(6)
        super().__init__(combo)
        self._combo = combo
        ignore_wheel(combo)
        combo.activated.connect(self._on_activated)

    @override
    def show_value(self, value: Any) -> None:
        self._combo.setCurrentIndex(self._combo.findText(str(value)))

    def _on_activated(self, _index: int) -> None:
        self.edited.emit(self._combo.currentText(), False)


class SwitchEditor(FieldEditor):
    """Yes or no."""

    def __init__(self) -> None:
        box = QCheckBox()
        box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        super().__init__(box)
        self._box = box
        box.clicked.connect(self._on_clicked)

    @override
    def show_value(self, value: Any) -> None:
        self._box.setChecked(value is True)
        self._box.setText("yes" if value is True else "no")

    def _on_clicked(self, checked: bool) -> None:
        self.edited.emit(checked, False)


class _NumberBox(QAbstractSpinBox):
    """A spin box for any number: whole ones go by 1, others along 1, 2, 5, 10."""

    stepped = Signal()

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self.low, self.high = -math.inf, math.inf
        self._whole = whole
        ignore_wheel(self)

    @override
    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag
        return flags.StepUpEnabled | flags.StepDownEnabled

    @override
    def stepBy(self, steps: int) -> None:
        value = parse_number(self.lineEdit().text())
        if value is None:
            return
        step = _whole_step if self._whole else _decade_step
        for _ in range(abs(steps)):
            stepped = step(value, steps > 0)
            value = stepped if self.low <= stepped <= self.high else value
        self.lineEdit().setText(format_number(value))
        self.stepped.emit()

    @override
    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position


def _whole_step(value: float, up: bool) -> float:
    return round(value) + (1 if up else -1)


def _decade_step(value: float, up: bool) -> float:
    """Return the next number of the series ... 0.5, 1, 2, 5, 10 ..."""
    if value <= 0:
        return 0.001 if up else value
    exponent = math.floor(math.log10(value) + 1e-9)
    ladder = [m * 10.0**e for e in range(exponent - 1, exponent + 2) for m in (1, 2, 5)]
    ladder = [float(f"{rung:.1g}") for rung in ladder]
    if up:
        return min(rung for rung in ladder if rung > value * 1.0001)
    return max(rung for rung in ladder if rung < value * 0.9999)


def parse_number(text: str) -> float | int | None:
    """Return the number a text stands for, thousands set off or not; None if none."""
    plain = text.strip().replace("_", "").replace(" ", "").replace("−", "-")
    head, *groups = plain.split(",")
    if groups and all(len(group) == 3 and group.isdigit() for group in groups):
        plain = head + "".join(groups)
    for kind in (int, float):
        try:
            value = kind(plain)
        except ValueError:
            continue
        return value if math.isfinite(value) else None
    return None


def format_number(value: Any) -> str:
    """Return what an editor has for a value; nothing for none."""
    return value_text(value, "")


class _WheelGuard(QObject):
    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget):
            event.ignore()
            # A choice keeps the focus after it is made, when one scrolls on to read.
            return isinstance(watched, QComboBox) or not watched.hasFocus()
        return False


def ignore_wheel(widget: QWidget) -> None:
    """Let the wheel scroll the form, not change a value that only lies under it."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelGuard(widget))


class _UndoGuard(QObject):
    def __init__(self, watched: QWidget, line: QLineEdit) -> None:
        super().__init__(watched)
        self._line = line

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        keys, line = QKeySequence.StandardKey, self._line
        leaves = (event.matches(keys.Undo) and not line.isUndoAvailable()) or (
            event.matches(keys.Redo) and not line.isRedoAvailable()
        )
        if leaves:
            event.ignore()
        return leaves


def leave_undo(widget: QWidget, line: QLineEdit) -> None:
    """Let the window undo and redo where the line has nothing to: what was typed is."""
    widget.installEventFilter(_UndoGuard(widget, line))
