"""Where things are on this machine: data, runs, and the resources that come along."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APPLICATION = "fewshot-workbench"


def data_folder(override: Path | str | None = None) -> Path:
    """Return the folder of data sets: given, else FEWSHOT_DATA, else the user's."""
    return _chosen(override, "FEWSHOT_DATA", "data")


def runs_folder(override: Path | str | None = None) -> Path:
    """Return the folder of runs: given, else FEWSHOT_RUNS, else the user's."""
    return _chosen(override, "FEWSHOT_RUNS", "runs")


def user_folder() -> Path:
    """Return the user's own folder for this application."""
    return platformdirs.user_data_path(_APPLICATION, appauthor=False)


def cache_folder() -> Path:
    """Return where that is kept which can be made again."""
    return platformdirs.user_cache_path(_APPLICATION, appauthor=False)


def log_file() -> Path:
    """Return the file in which the window keeps what happened in it."""
    return user_folder() / "log.txt"


def expanded(path: Path | str) -> Path:
    """Return a path with a leading ~ replaced; that of nobody known stays as it is."""
    return Path(os.path.expanduser(path))


def resource(*parts: str) -> Path:
    """Return a file that comes with the application, installed or in a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "resources"
    root = installed if installed.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)


def _chosen(override: Path | str | None, variable: str, name: str) -> Path:
    if override is not None:
        return expanded(override)
    given = os.environ.get(variable)
    return expanded(given) if given else user_folder() / name
