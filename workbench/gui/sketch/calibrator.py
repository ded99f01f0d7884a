"""Calibrates the runs that answer where nobody has, while the pen rests."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.base.cancelling import CancelFlag, Cancelled
from workbench.core.base.errors import DataError, problem_of
from workbench.core.config.holdings import missing_data
from workbench.core.config.run_config import ConfigError
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.shell.background import Background
from workbench.gui.shell.wording import sentence, told
from workbench.gui.sketch.answering import SketchAnswers

if TYPE_CHECKING:
    from workbench.core.sketch.calibration import Calibration

_MOST_BEGUN = 4
"""Each holds its run's learner and its data: those left for others are let go."""
_REST = 2000

Work: TypeAlias = "Generator[float, None, Calibration]"


class Calibrator(QObject):
    """Measures on validation tasks in a thread of its own, a task at a time.

    While something is drawn or asked it waits: no answer is later for it.

    Signals:
        progressed(Path, str): how far a run is calibrated, or why it is not.
        calibrated(): the calibration of a run is there.
    """

    progressed = Signal(object, str)
    calibrated = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._wanted: list[Path] = []
        self._begun: dict[Path, Work] = {}
        self._given_up: dict[tuple[Path, int], str] = {}
        self._steps: dict[Path, int] = {}
        self._is_busy = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._go_on)
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)

    def pause(self) -> None:
        """Wait until nothing has been asked for a while."""
        self._rest.start()

    def take_up(self, answers: SketchAnswers) -> None:
        """Calibrate the runs that answered without, from the first one on."""
        without = [
            run for run in answers.runs if run.calibration is None and not run.problem
        ]
        self._steps = {run.choice.folder: run.step for run in without}
        self._wanted = []
        for folder, step in self._steps.items():
            why = self._given_up.get((folder, step))
            if _is_alive(folder):
                why = "Not calibrated: the run is still being trained"
            if why is None:
                self._wanted.append(folder)
            else:
                self.progressed.emit(folder, why)
        self._go_on()

    def shut_down(self) -> None:
        """Leave the calibration, and wait."""
        self._rest.stop()
        self._background.shut_down()

    def _go_on(self) -> None:
        if self._wanted and not self._is_busy and not self._rest.isActive():
            folder = self._wanted[0]
            self._is_busy = True
            begun, data, over = self._begun, self._data, self._background.is_over
            self._background.submit(
                str(folder), lambda: _one_task(begun, folder, data, over)
            )

    def _on_background_done(self, key: str, found: float | str | None) -> None:
        self._is_busy = False
        folder = Path(key)
        if isinstance(found, float):
            self.progressed.emit(folder, f"Calibrating, {100 * found:.0f} %")
        else:
            self._wanted = [each for each in self._wanted if each != folder]
            if found is None:
                self.calibrated.emit()
            elif folder in self._steps:
                self._given_up[folder, self._steps[folder]] = found
                self.progressed.emit(folder, found)
        self._go_on()


def _is_alive(folder: Path) -> bool:
    try:
        return RunFolder(folder).info().is_alive
    except RunError:
        return False


def _one_task(
    begun: dict[Path, Work], folder: Path, data: Path, cancel: CancelFlag
) -> float | str | None:
    """Return how much is done, why it cannot be done, or None once it is done."""
    from workbench.core.sketch.calibration import keep_calibration, serving_checkpoint

    run = RunFolder(folder)
    try:
        if folder not in begun:
            begun[folder] = _begin(run, data, cancel)
            if len(begun) > _MOST_BEGUN:
                del begun[next(iter(begun))]
        share = next(begun[folder])
    except StopIteration as end:
        del begun[folder]
        try:
            keep_calibration(end.value, serving_checkpoint(run))
        except (OSError, RunError) as error:
            return f"Not calibrated: it cannot be kept. {sentence(error)}"
        return None
    except (
        *(Cancelled, ConfigError, DataError, RunError),
        *(KeyError, OSError, RuntimeError, ValueError),
    ) as error:
        begun.pop(folder, None)
        return f"Not calibrated: {told(problem_of(error))}"
    return share


def _begin(run: RunFolder, data: Path, cancel: CancelFlag) -> Work:
    from workbench.core.sketch.calibrating import calibrate
    from workbench.core.sketch.calibration import serving_checkpoint
    from workbench.core.training.trained import Trained

    trained = Trained.load(run, serving_checkpoint(run).stem)
    missing = missing_data(trained.config, data)
    if missing is not None:
        said = f"its validation tasks are not at hand: {missing.text}"
        raise DataError(said, *missing.remedies)
    return calibrate(trained, data, cancel=cancel)
