"""Pictures of the real window through its main job, in both themes and two sizes.

    python -m tests.gui.screenshots OUT

Works with or without a display; QT_SCALE_FACTOR=2 draws at 200%. The window has its own
preferences and runs for it, in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from workbench.core.base.folders import data_folder
from workbench.core.config.presets import find_preset
from workbench.gui.app.application import make_application
from workbench.gui.app.command_palette import CommandPalette
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import theme
from workbench.gui.shell.session import Session
from workbench.gui.training.training_panel import TrainingPanel

SIZES = {"small": (1366, 768), "large": (2560, 1440)}
_PRESET = "sinusoid-quick"
_STEPS = 400


def main() -> int:
    """Take every picture and name it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        application = _application(Path(folder))
        session = Session(data_folder(), Path(folder) / "runs")
        window = MainWindow(session)
        try:
            for name in _story(window, session):
                for path in _pictures(window, out, name):
                    sys.stdout.write(f"{path}\n")
        finally:
            window.close()
            application.processEvents()
    return 0


def _application(folder: Path) -> QApplication:
    form = QSettings.Format.IniFormat
    QSettings.setDefaultFormat(form)
    QSettings.setPath(form, QSettings.Scope.UserScope, str(folder / "preferences"))
    application = make_application()
    theme.start(application, theme.Theme.LIGHT)
    return application


def _story(window: MainWindow, session: Session) -> Iterator[str]:
    """Go through the main job; yield the name of each picture to take."""
    preset = find_preset(_PRESET)
    session.load_draft(preset.config, preset.name)
    window.show()
    yield "first-look"
    session.set_field("algorithm.inner_lr", "fast")
    session.set_field("task.shots", 0)
    yield "mistakes"
    session.undo()
    session.undo()
    training = window.panel("Training")
    assert isinstance(training, TrainingPanel)
    session.actions.trigger("run.start")
    _wait(lambda: _step(training) >= _STEPS)
    yield "training"
    session.actions.trigger("run.stop")
    _wait(lambda: not training.busy_with())
    session.actions.trigger("help.palette")
    yield "commands"
    window.findChild(CommandPalette).close()
    for panel in window.panels:
        if panel.place == "centre" and panel is not training:
            window.show_panel(panel.title)
            _pause(3000)
            yield panel.title.lower()


def _pictures(window: MainWindow, out: Path, name: str) -> Iterator[Path]:
    for size, (width, height) in SIZES.items():
        window.resize(width, height)
        for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
            theme.choose(chosen)
            _pause(400)
            path = out / f"{name}-{size}-{chosen}.png"
            window.grab().save(str(path))
            yield path


def _step(training: TrainingPanel) -> int:
    history = training.controller.history
    return 0 if history is None else history.step


def _wait(condition: Callable[[], bool]) -> None:
    """Serve the window until something is so; give up after two minutes."""
    deadline = QDeadlineTimer(120_000)
    while not condition():
        if deadline.hasExpired():
            raise TimeoutError("the window did not get that far")
        _pause(50)


def _pause(milliseconds: int) -> None:
    deadline = QDeadlineTimer(milliseconds)
    while not deadline.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


if __name__ == "__main__":
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main())
