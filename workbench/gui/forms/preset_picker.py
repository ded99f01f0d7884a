"""Chooses a preset: grouped by paper and 'quick', with the figure each aims at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from workbench.core.config.presets import Preset, find_preset, is_preset
from workbench.gui.forms.editors import ignore_wheel
from workbench.gui.forms.greyed import grey_out
from workbench.gui.look import theme

_NAME = Qt.ItemDataRole.UserRole


class PresetPicker(QWidget):
    """A combo box of presets, and a line about the one chosen.

    Signals:
        chosen(str): the name of the preset that the person picked.
        revert_requested(): load the chosen preset again.
    """

    chosen = Signal(str)
    revert_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("preset_picker")
        self._combo = QComboBox()
        self._combo.setObjectName("preset")
        self._combo.setAccessibleName("Preset")
        self._combo.setToolTip("Start from a paper's settings, or from a quick run")
        self._combo.setMinimumHeight(theme.CONTROL_HEIGHT)
        # A list with a scroll bar: a menu of this length would fill the screen.
        self._combo.setStyleSheet("combobox-popup: 0")
        self._combo.setMaxVisibleItems(24)
        self._combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._combo.setPlaceholderText("Choose a preset")
        ignore_wheel(self._combo)
        self._combo.activated.connect(self._on_combo_activated)
        self._line = QLabel()
        self._line.setObjectName("preset.about")
        self._line.setProperty("role", "muted")
        self._line.setWordWrap(True)
        self._line.setTextFormat(Qt.TextFormat.RichText)
        self._line.linkActivated.connect(self._on_link_activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._combo)
        layout.addWidget(self._line)
        self.setFocusProxy(self._combo)

    def offer(self, presets: Sequence[Preset]) -> None:
        """Let the person choose one of these."""
        self._combo.setModel(_model(presets))

    def show_preset(self, name: str, changed: int, title: str = "") -> None:
        """Show which preset the draft came from, and in how many fields it differs.

        A draft that came from no preset is called by ``title``.
        """
        preset = find_preset(name) if is_preset(name) else None
        if preset is not None and self._combo.findData(name) < 0:
            self.offer([preset])
        self._combo.setCurrentIndex(self._combo.findData(name) if preset else -1)
        self._combo.setPlaceholderText(title or "Choose a preset")
        if preset is None:
            self._line.setText("")
            self._line.setVisible(False)
            return
        self._line.setVisible(True)
        self._line.setText(_about(preset, changed))
        self._line.setToolTip(preset.description)

    def _on_combo_activated(self, _index: int) -> None:
        self.chosen.emit(self._combo.currentData(_NAME))

    def _on_link_activated(self, _link: str) -> None:
        self.revert_requested.emit()


def _about(preset: Preset, changed: int) -> str:
    if preset.published:
        text = f"Published: <b>{preset.published}</b>"
    else:
        text = preset.description
    if changed:
        fields = "field" if changed == 1 else "fields"
        link = f'<a href="revert" style="color: {theme.colours().accent}">Revert</a>'
        text += f"<br>{changed} {fields} changed. {link}"
    return text


def _model(presets: Sequence[Preset]) -> QStandardItemModel:
    model = QStandardItemModel()
    groups = list(dict.fromkeys(preset.group for preset in presets))
    group = None
    for preset in sorted(presets, key=lambda preset: groups.index(preset.group)):
        if preset.group != group:
            group = preset.group
            model.appendRow(_heading(group))
        item = QStandardItem(preset.title)
        item.setData(preset.name, _NAME)
        facts = (preset.description, preset.paper, preset.published)
        item.setToolTip("\n".join(fact for fact in facts if fact))
        if missing := preset.missing():
            grey_out(item, missing)
        model.appendRow(item)
    return model


def _heading(text: str) -> QStandardItem:
    item = QStandardItem(text)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    font = item.font()
    font.setBold(True)
    item.setFont(font)
    return item
