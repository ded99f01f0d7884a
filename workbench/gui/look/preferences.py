"""What the window remembers from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from workbench.gui.look.theme import Theme

_LAYOUT_VERSION = 2
_RECENT = 10


def theme() -> Theme:
    """Return the theme chosen last."""
    try:
        return Theme(str(QSettings().value("theme", Theme.SYSTEM)))
    except ValueError:
        return Theme.SYSTEM


def remember_theme(chosen: Theme) -> None:
    """Keep the theme for the next start."""
    QSettings().setValue("theme", str(chosen))


def notifies() -> bool:
    """Return whether the system shows a message when what took long has ended."""
    return bool(QSettings().value("notifies", True, type=bool))


def remember_notifies(notifies: bool) -> None:
    """Keep whether there are messages of the system for the next start."""
    QSettings().setValue("notifies", notifies)


def workers() -> int:
    """Return how many processes train the queue here; 0 for what is usual."""
    try:
        return int(str(QSettings().value("workers", 0)))
    except ValueError:
        return 0


def remember_workers(number: int) -> None:
    """Keep how many processes train the queue for the next start."""
    QSettings().setValue("workers", number)


def slurm() -> str:
    """Return what was asked of Slurm last."""
    return str(QSettings().value("slurm", ""))


def remember_slurm(text: str) -> None:
    """Keep what is asked of Slurm for the next time."""
    QSettings().setValue("slurm", text)


def recent() -> list[Path]:
    """Return the files and runs opened last, the newest first."""
    return [Path(text) for text in _read_json("recent", [])]


def remember_recent(path: Path) -> None:
    """Put a file or a run at the head of the recent ones."""
    absolute = path.absolute()
    paths = [absolute, *(other for other in recent() if other != absolute)]
    _write_json("recent", [str(path) for path in paths[:_RECENT]])


def forget_recent() -> None:
    """Forget the recent files."""
    QSettings().remove("recent")


def export_folder() -> Path:
    """Return the folder that something was last exported to, or that of pictures."""
    place = QStandardPaths.StandardLocation
    folders = (
        str(QSettings().value("export_folder", "")),
        QStandardPaths.writableLocation(place.PicturesLocation),
        QStandardPaths.writableLocation(place.DocumentsLocation),
    )
    found = (Path(folder) for folder in folders if folder)
    return next((folder for folder in found if folder.is_dir()), Path.home())


def remember_export_folder(folder: Path) -> None:
    """Keep the folder of the last export for the next one."""
    QSettings().setValue("export_folder", str(folder))


def draft() -> tuple[dict[str, Any], str] | None:
    """Return the configuration last edited and the name of its preset."""
    stored = _read_json("draft", None)
    try:
        return dict(stored["values"]), str(stored["preset"])
    except (TypeError, KeyError, ValueError):
        return None


def remember_draft(values: dict[str, Any], preset: str) -> None:
    """Keep the configuration being edited for the next start."""
    _write_json("draft", {"values": values, "preset": preset})


def layout() -> tuple[QByteArray, QByteArray] | None:
    """Return the window's geometry and the state of its docks."""
    geometry, state = (QSettings().value(f"window/{name}") for name in ("at", "docks"))
    if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
        return geometry, state
    return None


def remember_layout(geometry: QByteArray, state: QByteArray) -> None:
    """Keep geometry and docks for the next start."""
    settings = QSettings()
    settings.setValue("window/at", geometry)
    settings.setValue("window/docks", state)


def forget_layout() -> None:
    """Forget geometry and docks."""
    QSettings().remove("window")


def tab_docks() -> dict[str, tuple[str, ...]]:
    """Return the docks that were open beside each tab, those in front last."""
    stored = _read_json("window/beside", {})
    try:
        return {str(tab): tuple(map(str, docks)) for tab, docks in stored.items()}
    except (AttributeError, TypeError):
        return {}


def remember_tab_docks(beside: Mapping[str, Sequence[str]]) -> None:
    """Keep which docks are open beside each tab for the next start."""
    _write_json("window/beside", dict(beside))


def layout_version() -> int:
    """Return the version of the docks' state: another version's is not restored."""
    return _LAYOUT_VERSION


def is_folded(name: str, default: bool = True) -> bool:
    """Return whether a fold of the form is closed."""
    return bool(QSettings().value(f"folded/{name}", default, type=bool))


def remember_folded(name: str, folded: bool) -> None:
    """Keep whether a fold of the form is closed."""
    QSettings().setValue(f"folded/{name}", folded)


def forget_all() -> None:
    """Start as if the application had never run here."""
    settings = QSettings()
    settings.clear()
    settings.sync()


def _read_json(key: str, default: Any) -> Any:
    try:
        return json.loads(str(QSettings().value(key, "")))
    except ValueError:
        return default


def _write_json(key: str, value: Any) -> None:
    QSettings().setValue(key, json.dumps(value))
