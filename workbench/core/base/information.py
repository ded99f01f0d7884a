"""Versions, device and folders as plain text, ready to paste into a bug report."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from pathlib import Path

import workbench
from workbench.core.base.devices import choose_device, describe
from workbench.core.base.folders import data_folder, runs_folder

_PACKAGES = (
    "torch",
    "numpy",
    "pydantic",
    "safetensors",
    "PySide6-Essentials",
    "pyqtgraph",
)


def information(data: Path | None = None, runs: Path | None = None) -> str:
    """Return all there is to say, one fact a line; loads torch to name the device."""
    return versions_text() + (
        f"Device {describe(choose_device('auto'))}\n"
        f"Data folder {data_folder(data)}\n"
        f"Runs folder {runs_folder(runs)}\n"
    )


def versions_text() -> str:
    """Return the versions, one a line; nothing is imported for it."""
    lines = [
        f"Few-Shot Workbench {workbench.__version__}",
        f"Python {platform.python_version()} ({sys.platform}, {platform.machine()})",
        f"System {platform.platform()}",
        *(f"{package} {_version(package)}" for package in _PACKAGES),
    ]
    return "\n".join(lines) + "\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
