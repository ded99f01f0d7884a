"""The thread that looks for the episodes a run gets most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.answers import Hardest, hardest
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import attempt


class Search(NamedTuple):
    """What to look through, which run to ask, and how many inner steps it makes."""

    data: Path
    config: RunConfig
    addresses: Sequence[Address]
    run: Path
    steps: int


class SearchThread(CancellableThread):
    """Asks a run about many episodes.

    Signals:
        ended(JobOutcome): a ``Hardest``, or why there is none; also after ``cancel``.
    """

    ended = Signal(object)

    def __init__(self, search: Search, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.search = search
        self.done = 0

    @override
    def run(self) -> None:
        self.ended.emit(attempt(self.search, self._find))

    def _find(self) -> Hardest:
        search = self.search
        return hardest(
            Trained.load(RunFolder(search.run)),
            EpisodeSource(search.data, self._cancel),
            search.config,
            search.addresses,
            steps=search.steps,
            progress=self._note,
            cancel=self._cancel,
        )

    def _note(self, done: int) -> None:
        self.done = done
