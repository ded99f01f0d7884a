"""Versions, screens, folders and the log as plain text, for About and for reports."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from workbench.core.base.devices import choose_device, describe
from workbench.core.base.folders import log_file
from workbench.core.base.information import versions_text
from workbench.core.base.phrases import percent

_MOST_LINES = 200


def system_information(data: Path, runs: Path) -> str:
    """Return one fact a line; the device once torch is there."""
    lines = [
        f"Qt {qVersion()} on {QGuiApplication.platformName()}",
        *_screens(),
        f"Device {_device()}",
        f"Data folder {data}",
        f"Runs folder {runs}",
    ]
    return versions_text() + "\n".join(lines) + "\n"


def report_on(what: str, data: Path, runs: Path) -> str:
    """Return what went wrong with all that helps to find out why."""
    return f"{what}\n{system_information(data, runs)}\nLog\n{_end_of_log()}"


def _end_of_log() -> str:
    try:
        lines = log_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"cannot be read: {error.strerror}\n"
    return "\n".join(lines[-_MOST_LINES:]) + "\n"


def _screens() -> list[str]:
    return [
        f"Screen {screen.size().width()}x{screen.size().height()} "
        f"at {percent(screen.devicePixelRatio())}"
        for screen in QGuiApplication.screens()
    ]


def _device() -> str:
    if "torch" not in sys.modules:
        return "not known yet: PyTorch is being loaded"
    return describe(choose_device("auto"))
