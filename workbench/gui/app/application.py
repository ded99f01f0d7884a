"""The application: Qt, theme, hooks for errors and crashes, and the window."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from workbench.core.base.folders import (
    data_folder,
    log_file,
    resource,
    runs_folder,
    user_folder,
)
from workbench.core.base.plugins import complaints
from workbench.core.base.program import INSTALLED
from workbench.core.config.presets import FIRST, find_preset
from workbench.core.runs.store import RunFolder
from workbench.gui.app.collector import Collector
from workbench.gui.app.crash_log import CrashLog, Left, runs_left
from workbench.gui.app.ending import Ending
from workbench.gui.app.error_hook import ErrorHook
from workbench.gui.app.main_window import MainWindow
from workbench.gui.app.system_information import report_on
from workbench.gui.look import preferences, theme
from workbench.gui.look.error_dialog import ErrorDialog
from workbench.gui.shell.background import Background, import_torch
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.session import Session

_FROM_OUTSIDE = (
    "The system may have ended it for want of memory, or the machine was switched off."
)
_GO_ON = "Continue the run"


def run(
    path: Path | None = None,
    *,
    data: Path | None = None,
    runs: Path | None = None,
    reset: bool = False,
) -> int:
    """Open the window and return when it is closed."""
    application = make_application()
    if reset:
        preferences.forget_all()
    theme.start(application, preferences.theme())
    _log_to(log_file())
    crash_log = CrashLog(user_folder())
    left = crash_log.take_last()
    crash_log.start()
    hook = ErrorHook()
    hook.install()
    session = Session(data_folder(data), runs_folder(runs))
    hook.caught.connect(session.unforeseen)
    if not session.restore_last():
        _load_first_preset(session)
    window = MainWindow(session)
    loader = Background()
    window.filled.connect(lambda: loader.submit("torch", import_torch))
    window.filled.connect(partial(_tell_refusals, session))
    window.show()
    if path is not None:
        QTimer.singleShot(0, lambda: open_path(session, path))
    if left is not None:
        tell_of(left, window)
    ending = Ending()
    ending.asked.connect(window.end)
    collector = Collector(window)
    collector.start()
    status = application.exec()
    collector.stop()
    ending.stop()
    loader.shut_down()
    hook.remove()
    crash_log.stop()
    return status


def tell_of(left: Left, window: MainWindow) -> None:
    """Say how the last session ended; the run that it trained is in hand.

    Only a crash is an error, and can be reported.
    """
    session = window.session
    runs = [*runs_left(session.runs, left.pid)]
    for run in runs:
        session.set_run(run)
    said = " ".join(
        f"{run.info().name} was being trained, and can go on from its last checkpoint."
        for run in runs
    )
    go_on = partial(_continue, session, runs[-1]) if runs else None
    if left.crash:
        _tell_of_crash(said, left.crash, window, go_on)
    else:
        _tell(said, window, go_on)


def make_application() -> QApplication:
    """Return the one QApplication, named so that preferences find their place."""
    QCoreApplication.setOrganizationName("fewshot-workbench")
    QCoreApplication.setApplicationName("fewshot-workbench")
    # Every point of a stroke is wanted, also while the window is busy.
    QCoreApplication.setAttribute(
        Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False
    )
    application = QApplication.instance() or QApplication(["fewshot-workbench"])
    if not isinstance(application, QApplication):
        raise RuntimeError("there is a QCoreApplication already")
    application.setApplicationDisplayName("Few-Shot Workbench")
    application.setDesktopFileName(INSTALLED)
    icon = resource("icons", "workbench.svg")
    if icon.is_file():
        application.setWindowIcon(QIcon(str(icon)))
    return application


def _tell_of_crash(
    said: str, crash: str, window: MainWindow, go_on: Callable[[], None] | None
) -> None:
    session, text = window.session, f"The last session ended in a crash. {said}"
    report = partial(report_on, data=session.data, runs=session.runs)
    dialog = ErrorDialog(text.strip(), crash, window, report, is_past=True)
    if go_on is not None:
        dialog.offer("continue", _GO_ON, "Train it further, from there", go_on)
    dialog.open()


def _tell(said: str, window: MainWindow, go_on: Callable[[], None] | None) -> None:
    box = QMessageBox(window)
    box.setObjectName("last_session")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle("The last session")
    box.setText(f"The last session ended without closing. {_FROM_OUTSIDE}")
    box.setInformativeText(said)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Close))
    if go_on is not None:
        button = box.addButton(_GO_ON, QMessageBox.ButtonRole.AcceptRole)
        button.setToolTip("Train it further, from there")
        button.clicked.connect(go_on)
    box.open()


def _continue(session: Session, run: RunFolder) -> None:
    """Train the run further, also where another was taken in hand since."""
    session.set_run(run)
    session.show_panel("Training")
    session.actions.trigger("run.continue")


def _tell_refusals(session: Session) -> None:
    """Say what of installed packages cannot be used; everything else can."""
    for complaint in complaints():
        session.notify(complaint, "warning")


def _load_first_preset(session: Session) -> None:
    session.load_draft(find_preset(FIRST).config, FIRST)
    session.undo_stack.clear()


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("workbench").addHandler(handler)
