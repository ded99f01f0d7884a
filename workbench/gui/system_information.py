"""Versions, screen and folders as plain text, for the About dialog and reports."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

import workbench

_PACKAGES = ("torch", "numpy", "pydantic", "PySide6-Essentials", "pyqtgraph")


def system_information(data: Path, runs: Path) -> str:
    """Return one fact a line; nothing is imported or measured for it."""
    lines = [
        f"Few-Shot Workbench {workbench.__version__}",
        f"Python {platform.python_version()} ({sys.platform}, {platform.machine()})",
        f"System {platform.platform()}",
        *(f"{package} {_version(package)}" for package in _PACKAGES),
        f"Qt {qVersion()} on {QGuiApplication.platformName()}",
        *_screens(),
        f"Device {_device()}",
        f"Data folder {data}",
        f"Runs folder {runs}",
    ]
    return "\n".join(lines) + "\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _screens() -> list[str]:
    return [
        f"Screen {screen.size().width()}x{screen.size().height()} "
        f"at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    ]


def _device() -> str:
    torch = sys.modules.get("torch")
    if torch is None:
        return "not known yet: torch is being loaded"
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name(0))
    return f"CPU, {torch.get_num_threads()} threads"
