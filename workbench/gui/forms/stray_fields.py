"""What a configuration says that nothing knows, each with a button to leave it out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.gui.look import theme


class StrayFields(QFrame):
    """A sentence and a button for each field that no form has.

    Signals:
        left_out(tuple): the dotted fields that the person wants to do without.
    """

    left_out = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("stray")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._shown: dict[str, str] = {}
        self._buttons: dict[str, QPushButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(theme.SPACE,) * 4)
        self._column.setSpacing(theme.SPACE)
        self.hide()

    def show_fields(self, messages: Mapping[str, str]) -> None:
        """Show what is said of each dotted field; nothing hides all of it."""
        if messages == self._shown:
            return
        self._shown = dict(messages)
        self._clear()
        for name, message in messages.items():
            self._column.addWidget(_label(f"{name}: {message}"))
            self._buttons[name] = self._button(f"Leave out {name}", name)
        if len(messages) > 1:
            self._button("Leave out all of them", *messages)
        self.setVisible(bool(messages))

    def control(self, name: str) -> QWidget | None:
        """Return the button that leaves a field out; None if all know the field."""
        return self._buttons.get(name)

    def _button(self, text: str, *names: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"stray.{'all' if len(names) > 1 else names[0]}")
        button.setAccessibleName(text)
        button.setToolTip("Edit the configuration without it; undo brings it back")
        button.setMinimumHeight(theme.CONTROL_HEIGHT)
        button.clicked.connect(partial(self._on_button_clicked, names))
        self._column.addWidget(button)
        return button

    def _clear(self) -> None:
        self._buttons.clear()
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()

    def _on_button_clicked(
        self, names: tuple[str, ...], _checked: bool = False
    ) -> None:
        self.left_out.emit(names)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "error")
    label.setWordWrap(True)
    return label
