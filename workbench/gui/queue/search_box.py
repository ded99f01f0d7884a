"""How a search is made: how many trials, what chooses them, which are given up."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QLabel, QSpinBox

from workbench.core.searching.sampling import missing
from workbench.core.searching.search import (
    MOST_TRIALS,
    USUAL_TRIALS,
    Prune,
    Sampler,
    Search,
)

_SAMPLERS: dict[Sampler, str] = {
    "tpe": "TPE: more often near what was good",
    "random": "At random",
    "grid": "A grid over ranges and values",
}
_PRUNING: dict[Prune, str] = {
    "none": "None: train each to its end",
    "median": "What is worse than the median of the others",
}


class SearchBox(QGroupBox):
    """Asks how to search, if that is wanted instead of every combination.

    Signals:
        changed(): something is other than before.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("Search by trials, rather than train every combination")
        self.setObjectName("sweep.search")
        self.setCheckable(True)
        self.setChecked(False)
        self.trials = QSpinBox()
        self.trials.setObjectName("sweep.trials")
        self.trials.setRange(1, MOST_TRIALS)
        self.trials.setValue(USUAL_TRIALS)
        self.sampler = _choice("sweep.sampler", list(_SAMPLERS.values()))
        self.prune = _choice("sweep.prune", list(_PRUNING.values()))
        rows = QFormLayout(self)
        rows.addRow("Trials at most", self.trials)
        rows.addRow("Chosen by", self.sampler)
        rows.addRow("Give up", self.prune)
        if said := missing():
            self.sampler.setCurrentIndex(list(_SAMPLERS).index("grid"))
            note = QLabel(f"All but a grid needs Optuna: {said}")
            note.setProperty("role", "muted")
            note.setWordWrap(True)
            rows.addRow(note)
        self.toggled.connect(self.changed)
        self.trials.valueChanged.connect(self.changed)
        self.sampler.currentIndexChanged.connect(self.changed)
        self.prune.currentIndexChanged.connect(self.changed)

    def search(self, space: Sequence[str], seeds: Sequence[int], seed: int) -> Search:
        """Return the search of a space."""
        return Search(
            space=tuple(space),
            trials=self.trials.value(),
            sampler=list(_SAMPLERS)[self.sampler.currentIndex()],
            prune=list(_PRUNING)[self.prune.currentIndex()],
            seed=seed,
            seeds=tuple(seeds),
        )


def _choice(name: str, texts: Sequence[str]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.addItems(list(texts))
    return box
