"""What can be done with the episodes shown: go on, pin, copy, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.gui.look.save_file import ask_save_file
from workbench.gui.shell.actions import Action


class _Kind(NamedTuple):
    name: str
    text: str
    tip: str
    icon: str
    shortcut: str = ""


_KINDS = (
    _Kind(
        "previous",
        "Previous episode",
        "Show the episode before",
        "mdi6.chevron-left",
        "Ctrl+Alt+Left",
    ),
    _Kind(
        "next",
        "Next episode",
        "Show the next episode",
        "mdi6.chevron-right",
        "Ctrl+Alt+Right",
    ),
    _Kind(
        "random",
        "Random episode",
        "Show an episode chosen at random",
        "mdi6.dice-5-outline",
        "Ctrl+Alt+R",
    ),
    _Kind(
        "pin",
        "Pin episode",
        "Keep this episode beside the next ones, to compare them",
        "mdi6.pin-outline",
    ),
    _Kind(
        "copy",
        "Copy episode as image",
        "Copy a picture of the episode",
        "mdi6.content-copy",
    ),
    _Kind(
        "save_png",
        "Save episode as PNG…",
        "Save a picture of the episode",
        "mdi6.image-outline",
    ),
    _Kind(
        "save_npz",
        "Save episode as NPZ…",
        "Save arrays, labels, names and seed for NumPy",
        "mdi6.table-arrow-down",
    ),
    _Kind(
        "open_folder",
        "Open folder",
        "Show the folder that an episode was saved in last",
        "mdi6.folder-open-outline",
    ),
)


def episode_actions(
    performs: dict[str, Callable[[], object]], parent: QWidget
) -> dict[str, Action]:
    """Return the actions on episodes by their short names."""
    return {
        kind.name: Action(
            f"data.{kind.name}",
            kind.text,
            performs[kind.name],
            tip=kind.tip,
            icon=kind.icon,
            shortcut=kind.shortcut,
            parent=parent,
        )
        for kind in _KINDS
    }


def copy_picture(image: QImage) -> bool:
    """Put a picture of an episode on the clipboard; False if there is none."""
    if image.isNull():
        return False
    QGuiApplication.clipboard().setImage(image)
    return True


def ask_where(host: QWidget, shown: ShownEpisode, ending: str) -> Path | None:
    """Ask for the file to save an episode in."""
    split, seed, number = shown.address
    name = f"{shown.config.task.kind}-{split}-seed{seed}-episode{number}{ending}"
    kind = "PNG picture (*.png)" if ending == ".png" else "NumPy arrays (*.npz)"
    return ask_save_file(host, "Save episode", Path.home() / name, kind, ending)


def save(
    shown: ShownEpisode,
    image: QImage,
    path: Path,
    more: Mapping[str, NDArray[Any]] | None = None,
) -> str:
    """Write an episode or its picture; return what went wrong, or nothing."""
    try:
        if path.suffix.lower() == ".npz":
            shown.save_arrays(path, more)
        elif not QImageWriter(str(path), QByteArray(b"png")).write(image):
            return f"Cannot write {path}."
    except OSError as error:
        return f"Cannot write {path}: {error.strerror or error}."
    return ""
