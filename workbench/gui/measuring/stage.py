"""The real window to measure in, with folders and preferences of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEventLoop, QSettings, QTimer

from workbench.core.base.folders import data_folder
from workbench.core.config.holdings import missing_data
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.bench_workloads import ALGORITHMS, Workload, config_of
from workbench.gui.app.application import make_application
from workbench.gui.app.collector import Collector
from workbench.gui.app.main_window import MainWindow
from workbench.gui.experiment.forecast import Forecaster
from workbench.gui.look import theme
from workbench.gui.shell.background import import_torch
from workbench.gui.shell.session import Session
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.run_state import RunState

SIZE = (1366, 768)
_ENDLESS = 10_000_000
_LIMIT_MS = 300_000
_POLL_MS = 5


@contextmanager
def stage(config: RunConfig, place: Path | None = None) -> Iterator[MainWindow]:
    """Open the window as the application does, with a configuration.

    Torch is there, the forecast is made, and nothing is going on. Runs and preferences
    are in ``place`` and stay there, if one is given.
    """
    with _place(place) as folder:
        own_preferences(Path(folder))
        application = make_application()
        theme.start(application, theme.Theme.LIGHT)
        session = Session(data_folder(), Path(folder) / "runs")
        session.load_config(config)
        window = MainWindow(session)
        collector = Collector(window)
        collector.start()
        window.resize(*SIZE)
        window.show()
        window.fill()
        import_torch()
        try:
            forecasters = window.findChildren(Forecaster)
            serve_until(lambda: all(each.is_settled for each in forecasters))
            yield window
        finally:
            window.close()
            collector.stop()
            window.deleteLater()
            application.processEvents()


def _place(place: Path | None) -> AbstractContextManager[Path | str]:
    return nullcontext(place) if place else tempfile.TemporaryDirectory()


def own_preferences(folder: Path) -> None:
    """Keep preferences in a folder, not where the person's are."""
    form = QSettings.Format.IniFormat
    QSettings.setDefaultFormat(form)
    QSettings.setPath(form, QSettings.Scope.UserScope, str(folder / "preferences"))


def steps_of(training: RunController) -> int:
    """Return how many meta-steps of the run shown have arrived."""
    return 0 if training.history is None else training.history.step


def serve(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def serve_until(condition: Callable[[], bool]) -> None:
    """Let the window live until something is so; TimeoutError after five minutes."""
    loop, clock, poll = QEventLoop(), QElapsedTimer(), QTimer()
    poll.timeout.connect(
        lambda: loop.quit() if condition() or clock.hasExpired(_LIMIT_MS) else None
    )
    clock.start()
    poll.start(_POLL_MS)
    loop.exec()
    if not condition():
        raise TimeoutError("the window did not get that far")


def training_of(window: MainWindow) -> RunController:
    """Return what trains and follows runs in a window."""
    training = window.findChild(RunController)
    if not isinstance(training, RunController):
        raise TypeError("the window trains no runs")
    return training


def start(window: MainWindow) -> RunController:
    """Press Start, and return at once, before the first step is made."""
    window.session.actions.trigger("run.start")
    return training_of(window)


def stop(training: RunController) -> None:
    """Stop the run, and wait for the end."""
    training.stop()
    serve_until(lambda: not training.state.is_busy)
    if training.state is RunState.FAILED:
        raise RuntimeError("the measured run failed")


def endless(workload: Workload, validate_every: int) -> tuple[RunConfig, str]:
    """Return the first learner on a workload, without end, and the name of its data.

    Where the workload's data are not here, others stand in for them if they can.
    """
    changes: dict[str, Any] = {
        "training.iterations": _ENDLESS,
        "training.checkpoint_every": _ENDLESS,
        "evaluation.every": validate_every,
        "evaluation.validation_tasks": 16,
    }
    config = config_of(workload, ALGORITHMS[0])
    if workload.stand_in and missing_data(config, data_folder()):
        changes["task.kind"] = workload.stand_in
    config = config.replace(changes)
    return config, config.task.kind
