"""The thread that evaluates a run, so that the window stays free meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from workbench.core.base.cancelling import Cancelled, stop_if
from workbench.core.learning.episode import Split
from workbench.core.runs.store import RunFolder
from workbench.gui.shell.cancellable import CancellableThread
from workbench.gui.shell.jobs import EXPECTED
from workbench.gui.shell.wording import sentence

if TYPE_CHECKING:
    from workbench.core.runs.evaluations import KeptEvaluation


class Request(NamedTuple):
    """What to evaluate, and how; ``changes`` are dotted fields of the configuration.

    Without a word about it, it is the run's own test.
    """

    folder: RunFolder
    checkpoint: str = "best"
    split: Split = "test"
    seed: int = 0
    changes: Mapping[str, Any] = {}


def evaluated(
    asked: Request, data: Path, progress: Callable[[int, int], None]
) -> KeptEvaluation:
    """Evaluate, and keep the result in the run's folder."""
    from workbench.core.base.devices import choose_device, describe
    from workbench.core.training.judging import evaluate, under
    from workbench.core.training.keeping import keep_evaluation
    from workbench.core.training.trained import Trained

    device = choose_device("auto")
    trained = Trained.load(asked.folder, asked.checkpoint, device)
    trained = under(trained, asked.changes)
    result = evaluate(
        trained,
        data=data,
        device=device,
        split=asked.split,
        seed=asked.seed,
        progress=progress,
    )
    return keep_evaluation(
        asked.folder,
        trained.config,
        result,
        meta_step=trained.step,
        device=describe(device),
        checkpoint=asked.checkpoint,
    )


class EvaluateThread(CancellableThread):
    """Evaluates once, and keeps the result in the run's folder unless cancelled.

    Signals:
        progressed(int, int): tasks done, of how many.
        kept(KeptEvaluation): the result, once it is in the folder.
        failed(str): why there is none.
    """

    progressed = Signal(int, int)
    kept = Signal(object)
    failed = Signal(str)

    def __init__(
        self, request: Request, data: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._request = request
        self._data = data

    @override
    def run(self) -> None:
        try:
            self.kept.emit(evaluated(self._request, self._data, self._on_progress))
        except Cancelled:
            return
        except EXPECTED as error:
            self.failed.emit(sentence(error))

    def _on_progress(self, done: int, total: int) -> None:
        stop_if(self._cancel)
        self.progressed.emit(done, total)
