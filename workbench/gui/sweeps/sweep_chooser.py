"""Chooses the runs to be seen: a sweep that was queued, or what a filter finds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from workbench.core.base.phrases import counted
from workbench.core.runs.filter import Filter, parse_filter
from workbench.core.runs.sweeps import Sweep
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedCombo

_FILTER = "Runs that match a filter…"


class SweepChooser(QWidget):
    """Offers the newest sweep by itself, until the person chooses another.

    Signals:
        changed(): other runs are meant now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sweeps: Sequence[Sweep] = ()
        self._chosen: str | None = None
        self.combo: QComboBox = ElidedCombo()
        self.combo.setObjectName("sweeps.sweep")
        self.combo.setAccessibleName("Sweep")
        self.combo.setToolTip("Which sweep to look at, the newest first")
        self.combo.activated.connect(self._on_combo_activated)
        self.filter = QLineEdit()
        self.filter.setObjectName("sweeps.filter")
        self.filter.setAccessibleName("Filter of the runs to look at")
        self.filter.setPlaceholderText(
            "Words, state=completed, inner_lr>0.1, tag=paper"
        )
        self.filter.setToolTip("Which runs to look at, as in the filter of Runs")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.filter.hide()
        # Keys pressed faster than ten thousand runs are filtered count as one.
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.timeout.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.combo, 1)
        row.addWidget(self.filter, 1)

    @property
    def sweep(self) -> Sweep | None:
        """The sweep chosen; None where a filter decides, or where there is none."""
        at = self.combo.currentIndex()
        return self._sweeps[at] if 0 <= at < len(self._sweeps) else None

    @property
    def text(self) -> str:
        """The filter that was typed; empty where a sweep is chosen."""
        return "" if self.sweep is not None else self.filter.text().strip()

    @property
    def chosen_filter(self) -> Filter:
        """What decides where no sweep is chosen."""
        return parse_filter(self.text)

    def offer(self, sweeps: Sequence[Sweep]) -> None:
        """Offer these; the one chosen stays so, as long as it is there."""
        self._sweeps = sweeps
        titles = [*map(_title, sweeps), _FILTER]
        if [self.combo.itemText(at) for at in range(self.combo.count())] != titles:
            self.combo.clear()
            self.combo.addItems(titles)
        ids = [*(sweep.id for sweep in sweeps), ""]
        self.combo.setCurrentIndex(
            ids.index(self._chosen) if self._chosen in ids else 0
        )
        self.filter.setVisible(self.sweep is None)

    def _on_combo_activated(self, _index: int) -> None:
        self._chosen = "" if self.sweep is None else self.sweep.id
        self.filter.setVisible(self.sweep is None)
        if self.sweep is None:
            self.filter.setFocus()
        self.changed.emit()

    def _on_filter_changed(self, text: str) -> None:
        wrong = "true" if parse_filter(text).problem else "false"
        self.filter.setProperty("wrong", wrong)
        self.filter.style().polish(self.filter)
        self._typed.start()


def _title(sweep: Sweep) -> str:
    return f"{sweep.name}: {counted(len(sweep.rows), 'run')}, {sweep.date}"
