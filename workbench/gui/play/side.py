"""The right side of the Play tab: how many updates, and how each run fared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.play.return_curve import ReturnCurve
from workbench.gui.play.walk_table import WalkTable
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import Action
from workbench.gui.shell.run_picker import lasting_title_of

if TYPE_CHECKING:
    from workbench.gui.play.walking import Walked

_MOST_UPDATES = 10
_WIDTH = 330
_LOADING = 2.0


class Side(QWidget):
    """Shows the figures of each run by update.

    Signals:
        updates_changed(int): another number of updates is wanted.
        update_chosen(int): the walk after so many updates is to be shown.
    """

    updates_changed = Signal(int)
    update_chosen = Signal(int)

    def __init__(self, runs: int, actions: Sequence[Action]) -> None:
        super().__init__()
        self.updates = QSpinBox()
        self.tables = [WalkTable(number) for number in range(runs)]
        self.names = [ElidedLabel() for _ in self.tables]
        self.curve = ReturnCurve()
        self.timing = QLabel()
        self._has_walked = False
        self._prepare()
        self._build(actions)
        self.updates.valueChanged.connect(self.updates_changed)
        self.curve.update_chosen.connect(self.update_chosen)
        for table in self.tables:
            table.update_chosen.connect(self.update_chosen)

    def show_runs(self, titles: Sequence[str]) -> None:
        """Have a table for each run, under its name."""
        shown = zip(self.names, self.tables, strict=True)
        for number, (name, table) in enumerate(shown):
            is_there = number < len(titles)
            name.setVisible(is_there)
            table.setVisible(is_there)
            name.show_text(titles[number] if is_there else "")

    def forget(self) -> None:
        """Forget the returns of before."""
        self.curve.show_journeys((), self.updates.value())

    def show_walked(self, walked: Walked) -> None:
        """Show how an errand went."""
        for table, journey in zip(self.tables, walked.journeys, strict=False):
            table.show_walks(journey.walks)
        self.curve.show_journeys(walked.journeys, walked.errand.steps)
        done = [each for each in walked.journeys if each.walks is not None]
        seconds = sum(each.seconds for each in done)
        # The first errand waits for torch itself, which says nothing of the others.
        is_known = walked.is_whole and (self._has_walked or seconds < _LOADING)
        self._has_walked |= walked.is_whole
        told = f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
        self.timing.setText(f"Adapted in {told}" if done and is_known else "")
        titles = [(lasting_title_of(each.folder), each.step) for each in done]
        steps = (f"{title} as of meta-step {step:,}" for title, step in titles)
        self.timing.setToolTip("\n".join(steps))

    def show_update(self, update: int) -> None:
        """Mark the update whose walk is shown."""
        self.curve.show_update(update)
        for table in self.tables:
            table.show_update(update)

    def _prepare(self) -> None:
        self.updates.setRange(0, _MOST_UPDATES)
        self.updates.setValue(3)
        self.updates.setPrefix("Updates: ")
        self.updates.setObjectName("play.updates")
        self.updates.setAccessibleName("Updates")
        self.updates.setToolTip("How many policy-gradient updates are made on the way")
        self.updates.setFont(theme.tabular(self.updates.font()))
        self.updates.setKeyboardTracking(False)
        self.timing.setObjectName("play.timing")
        self.timing.setProperty("role", "muted")
        self.timing.setFont(theme.tabular(self.timing.font()))
        for name in self.names:
            name.setProperty("role", "muted")

    def _build(self, actions: Sequence[Action]) -> None:
        self.setFixedWidth(theme.enlarged(_WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        bar = QHBoxLayout()
        bar.addWidget(self.updates, 1)
        for action in actions:
            bar.addWidget(tool_button(action))
        column.addLayout(bar)
        for name, table in zip(self.names, self.tables, strict=True):
            column.addWidget(name)
            column.addWidget(table, 1)
        column.addWidget(self.curve)
        column.addWidget(self.timing)
