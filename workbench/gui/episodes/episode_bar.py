"""The line above the episodes: split, seed, number, and where to go from here."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QToolButton, QWidget

from workbench.core.base.splits import Split
from workbench.core.episodes.shown_episode import Address
from workbench.gui.look import theme
from workbench.gui.look.flow_layout import FlowLayout
from workbench.gui.shell.actions import Action

_SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_MOST = 2**31 - 1


class EpisodeBar(QWidget):
    """Chooses which episode to show.

    Signals:
        address_changed(Address): another episode is to be shown.
    """

    address_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("episode.bar")
        self.split = QComboBox()
        self.split.setObjectName("episode.split")
        self.split.setAccessibleName("Split")
        self.split.setToolTip("The split that the classes are drawn from")
        self.split.addItems(list(_SPLITS))
        self.seed = _spin("episode.seed", "Seed", "The seed that decides every draw")
        self.number = _spin(
            "episode.number",
            "Episode",
            "Which episode, counted through the meta-batches from 0",
        )
        self._place = QLabel()
        self._place.setObjectName("episode.place")
        self._place.setProperty("role", "muted")
        self._place.setFixedHeight(theme.CONTROL_HEIGHT)
        self._place.setFont(theme.tabular(self._place.font()))
        self._default_seeds = dict.fromkeys(_SPLITS, 0)
        self._counts = dict.fromkeys(_SPLITS, 1)
        self._flow = FlowLayout(self, theme.SPACE // 2)
        for label, editor in (
            ("Split", self.split),
            ("Seed", self.seed),
            ("Episode", self.number),
        ):
            text = QLabel(label)
            text.setBuddy(editor)
            for widget in (text, editor):
                widget.setFixedHeight(theme.CONTROL_HEIGHT)
            self._flow.addWidget(text)
            self._flow.addWidget(editor)
        self._shown_split = _SPLITS[0]
        self.split.currentIndexChanged.connect(self._on_split_changed)
        self.seed.valueChanged.connect(self._on_changed)
        self.number.valueChanged.connect(self._on_changed)

    @property
    def address(self) -> Address:
        """The episode chosen."""
        split = _SPLITS[self.split.currentIndex()]
        return Address(split, self.seed.value(), self.number.value())

    def add_button(self, action: Action, *, with_text: bool = False) -> QToolButton:
        """Add a button for an action at the end of the line."""
        button = QToolButton()
        button.setDefaultAction(action)
        button.setObjectName(f"{action.id}.button")
        button.setAccessibleName(action.plain_text)
        button.setAutoRaise(True)
        button.setFixedHeight(theme.CONTROL_HEIGHT)
        if with_text:
            button.setText(action.plain_text.split()[0])
        self._flow.addWidget(button)
        return button

    def finish(self) -> None:
        """Put what tells the meta-batch at the end of the line."""
        self._flow.addWidget(self._place)

    def show_place(self, meta_batch: int, task: int, together: int) -> None:
        """Say which task of which meta-batch the episode is."""
        text = f"task {task + 1} of {together} in meta-batch {meta_batch:,}"
        self._place.setText(text)

    def clear_place(self) -> None:
        """Say nothing of an episode that is not there."""
        self._place.clear()

    def take_counts(self, counts: dict[Split, int]) -> None:
        """Take how many episodes a run draws of each split."""
        self._counts = dict(counts)

    def show_seeds(self, seeds: dict[Split, int]) -> None:
        """Take the seeds of a configuration, unless the person chose another."""
        split = self.address.split
        follows = self.seed.value() == self._default_seeds[split]
        self._default_seeds = dict(seeds)
        if follows:
            self.go(self.address._replace(seed=seeds[split]))

    def go(self, address: Address) -> None:
        """Show another episode."""
        if address == self.address:
            return
        for widget in (self.split, self.seed, self.number):
            widget.blockSignals(True)
        self.split.setCurrentIndex(_SPLITS.index(address.split))
        self.seed.setValue(address.seed)
        self.number.setValue(address.number)
        self._shown_split = address.split
        for widget in (self.split, self.seed, self.number):
            widget.blockSignals(False)
        self.address_changed.emit(self.address)

    def advance(self, steps: int) -> None:
        """Go so many episodes on, or back."""
        number = min(max(self.number.value() + steps, 0), _MOST)
        self.go(self.address._replace(number=number))

    def jump(self) -> None:
        """Go to an episode chosen at random among those that a run draws."""
        count = min(self._counts[self.address.split], _MOST)
        self.go(self.address._replace(number=secrets.randbelow(count)))

    def _on_split_changed(self, index: int) -> None:
        seeds, address = self._default_seeds, self.address
        if address.seed == seeds[self._shown_split]:
            self.seed.blockSignals(True)
            self.seed.setValue(seeds[address.split])
            self.seed.blockSignals(False)
        self._on_changed(index)

    def _on_changed(self, _value: int) -> None:
        self._shown_split = self.address.split
        self.address_changed.emit(self.address)


def _spin(name: str, title: str, tip: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setObjectName(name)
    spin.setAccessibleName(title)
    spin.setToolTip(tip)
    spin.setRange(0, _MOST)
    spin.setKeyboardTracking(False)
    spin.setFont(theme.tabular(spin.font()))
    spin.setFixedWidth(96)
    return spin
