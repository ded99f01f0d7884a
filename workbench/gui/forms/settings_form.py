"""A form made from the fields of a settings class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.settings import Settings
from workbench.core.config.worded import value_text
from workbench.gui.forms.editors import FieldEditor
from workbench.gui.forms.field_editors import About, about, editor_for
from workbench.gui.look import theme
from workbench.gui.look.fold import Fold
from workbench.gui.shell import drafts


class SettingsForm(QWidget):
    """Shows one section's fields: label, editor, unit, reset arrow, error beneath.

    Signals:
        edited(str, object, bool): dotted field, new value, whether still typing.
        finished(): typing in a field has ended.
        reset_requested(str): set this dotted field back to its default.
        fold_toggled(bool): the advanced fields were opened (True) or folded.
    """

    edited = Signal(str, object, bool)
    finished = Signal()
    reset_requested = Signal(str)
    fold_toggled = Signal(bool)

    def __init__(
        self, section: str, settings: type[Settings], *, folded: bool = True
    ) -> None:
        super().__init__()
        self.section = section
        self.settings = settings
        self.setObjectName(f"form.{section}")
        self.rows: dict[str, FieldRow] = {}
        defaults = drafts.defaults_of(settings)
        plain, advanced = form_grid(), form_grid()
        for name, field in settings.model_fields.items():
            if name == "kind":
                continue
            described = about(field)
            row = FieldRow(f"{section}.{name}", described, editor_for(field), self)
            row.default = defaults[name]
            row.add_to(advanced if described.advanced else plain)
            self.rows[name] = row
            self._connect(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(plain)
        self._advanced: Fold | None = None
        if advanced.count():
            layout.addWidget(self._fold(advanced, folded))

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show a section of the draft."""
        for name, row in self.rows.items():
            if name in values:
                row.show_value(values[name])
        if self._advanced is not None:
            self._advanced.set_title(self._advanced_title())

    def show_mistakes(self, mistakes: Mapping[str, str]) -> None:
        """Put each message beside its field; the others are right."""
        for name, row in self.rows.items():
            row.show_mistake(mistakes.get(name, ""))
        if self._advanced is not None and any(
            row.about.advanced and row.is_wrong for row in self.rows.values()
        ):
            self._advanced.set_folded(False)

    def show_symbols(self, legend: Mapping[str, str]) -> None:
        """Call fields by the letters that a legend has for them."""
        letters = {meaning: symbol for symbol, meaning in legend.items()}
        for row in self.rows.values():
            if row.about.symbol:
                title = row.about.title.lower()
                row.show_symbol(letters.get(title, row.about.symbol))

    def leave_out(self, names: Collection[str]) -> None:
        """Hide fields without a meaning here, unless they are set all the same."""
        for name, row in self.rows.items():
            row.set_shown(name not in names or row.is_changed or row.is_wrong)

    def control(self, name: str) -> QWidget | None:
        """Return a field's control, unfolding what it is in; None if it has none."""
        row = self.rows.get(name)
        if row is None:
            return None
        if row.about.advanced and self._advanced is not None:
            self._advanced.set_folded(False)
        return row.editor.control

    def _connect(self, row: FieldRow) -> None:
        row.edited.connect(self.edited)
        row.editor.finished.connect(self.finished)
        row.reset_requested.connect(self.reset_requested)

    def _fold(self, grid: QGridLayout, folded: bool) -> Fold:
        body = QWidget()
        body.setLayout(grid)
        name = f"{self.section}.advanced"
        self._advanced = Fold("Advanced", body, name=name, folded=folded)
        self._advanced.toggled.connect(self.fold_toggled)
        return self._advanced

    def _advanced_title(self) -> str:
        changed = sum(
            row.about.advanced and row.is_changed for row in self.rows.values()
        )
        return f"Advanced, {changed} changed" if changed else "Advanced"


class FieldRow(QObject):
    """One field of a form: its widgets lie in the form's grid.

    Signals:
        edited(str, object, bool): dotted field, new value, whether still typing.
        reset_requested(str): set this dotted field back to its default.
    """

    edited = Signal(str, object, bool)
    reset_requested = Signal(str)

    def __init__(
        self, dotted: str, described: About, editor: FieldEditor, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.dotted = dotted
        self.about = described
        self.editor = editor
        self.default: Any = None
        self.is_changed = False
        self.is_wrong = False
        self._symbol = described.symbol
        self.label = self._make_label()
        self.unit = QLabel(described.unit, parent)
        self.unit.setProperty("role", "muted")
        self.arrow = self._make_arrow()
        self.error = self._make_error()
        editor.edited.connect(self._on_editor_edited)
        editor.control.setObjectName(dotted)
        editor.control.setAccessibleName(described.title)
        theme.changes().changed.connect(self._refresh_icon)

    def add_to(self, grid: QGridLayout) -> None:
        """Add the row's widgets at the end of the grid."""
        line = grid.rowCount()
        grid.addWidget(self.label, line, 0)
        if self.about.unit:
            grid.addWidget(self.editor, line, 1)
            grid.addWidget(self.unit, line, 2)
        else:
            grid.addWidget(self.editor, line, 1, 1, 2)
        grid.addWidget(self.arrow, line, 3)
        grid.addWidget(self.error, line + 1, 0, 1, 4)

    def show_value(self, value: Any) -> None:
        """Show the value; the arrow appears where it differs from the default."""
        self.editor.show_value(value)
        self.unit.setText(self.about.beside(value))
        self.is_changed = value != self.default
        self.arrow.setVisible(self.is_changed)
        default = value_text(self.default, self.about.none)
        self.arrow.setToolTip(f"Reset to the default: {default}")
        for widget in (self.editor.control, self.label):
            widget.setToolTip(self._tip())

    def show_mistake(self, message: str) -> None:
        """Show what is wrong with the field; empty for nothing."""
        self.is_wrong = bool(message)
        self.error.setText(message[:1].upper() + message[1:])
        self.error.setVisible(self.is_wrong)
        self.editor.set_wrong(self.is_wrong)
        self.editor.control.setAccessibleDescription(message or self.about.help)

    def show_symbol(self, symbol: str) -> None:
        """Call it by another letter than usual, as the learner's paper does."""
        if symbol != self._symbol:
            self._symbol = symbol
            self.label.setText(_labelled(self.about.title, symbol))

    def set_shown(self, shown: bool) -> None:
        """Show the row, or hide all of it."""
        for widget in (self.label, self.editor, self.unit):
            widget.setVisible(shown)

    def _make_label(self) -> QLabel:
        label = QLabel(_labelled(self.about.title, self._symbol))
        label.setTextFormat(
            Qt.TextFormat.RichText if self._symbol else Qt.TextFormat.PlainText
        )
        label.setWordWrap(True)
        label.setFixedWidth(theme.LABEL_WIDTH)
        label.setBuddy(self.editor.control)
        return label

    def _make_arrow(self) -> QToolButton:
        arrow = QToolButton()
        arrow.setObjectName(f"{self.dotted}.reset")
        arrow.setAccessibleName(f"Reset {self.about.title}")
        arrow.setAutoRaise(True)
        arrow.setIcon(theme.icon("mdi6.restore"))
        arrow.clicked.connect(self._on_arrow_clicked)
        return arrow

    def _make_error(self) -> QLabel:
        error = QLabel()
        error.setObjectName(f"{self.dotted}.error")
        error.setProperty("role", "error")
        error.setWordWrap(True)
        error.setVisible(False)
        error.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        return error

    def _tip(self) -> str:
        facts = [
            self.about.help,
            self._letter(),
            f"Range: {self.about.range}." if self.about.range else "",
            f"Default: {value_text(self.default, self.about.none)}.",
            f"Name: {self.dotted}",
        ]
        return "\n".join(fact for fact in facts if fact)

    def _letter(self) -> str:
        """Return which letter it has in the learner's paper, if that is another."""
        usual = self.about.symbol
        if self._symbol == usual:
            return ""
        return f"It is {self._symbol} in this learner's paper, and {usual} in most."

    def _refresh_icon(self) -> None:
        self.arrow.setIcon(theme.icon("mdi6.restore"))

    def _on_editor_edited(self, value: object, typing: bool) -> None:
        self.edited.emit(self.dotted, value, typing)

    def _on_arrow_clicked(self) -> None:
        self.reset_requested.emit(self.dotted)


def _labelled(title: str, symbol: str) -> str:
    return f"{title}  <i>{symbol}</i>" if symbol else title


def form_grid() -> QGridLayout:
    """Return an empty grid whose columns are those of every form."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.SPACE)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, theme.LABEL_WIDTH)
    grid.setColumnMinimumWidth(2, theme.UNIT_WIDTH)
    grid.setColumnMinimumWidth(3, theme.CONTROL_HEIGHT)
    grid.setColumnStretch(1, 1)
    return grid
