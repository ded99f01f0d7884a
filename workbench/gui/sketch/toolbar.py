"""The studio's actions, and the bar of buttons above the cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from workbench.gui.look import theme
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import NOWHERE, Action, Place


class _About(NamedTuple):
    text: str
    icon: str
    tip: str
    place: Place = NOWHERE


_ABOUT = {
    "task": _About(
        "Fill the sketch with examples",
        "dice-multiple-outline",
        "Fill all cards, and the query, with characters of one alphabet; where you "
        "drew on a card, another sketch is filled",
    ),
    "blank": _About(
        "Start a blank sketch",
        "file-outline",
        "Empty all cards and the query, and forget the score",
    ),
    "new_session": _About(
        "New sketch session",
        "plus",
        "Begin another sketch; this one is kept",
        Place("File", 305),
    ),
    "rename_session": _About(
        "Rename the sketch session…", "pencil-outline", "Call this sketch otherwise"
    ),
    "delete_session": _About(
        "Delete the sketch session",
        "trash-can-outline",
        "Delete this sketch; it can be brought back",
    ),
    "bring_back": _About(
        "Bring back the deleted sketch session",
        "delete-restore",
        "Bring back the sketch session that was deleted last",
    ),
    "undo": _About("Undo in the sketch", "undo", "Take back the last change (Ctrl+Z)"),
    "redo": _About("Redo in the sketch", "redo", "Make it again (Ctrl+Y)"),
    "erase": _About(
        "Erase strokes",
        "eraser",
        "Rub out strokes instead of drawing; the right button always does",
    ),
    "clear": _About("Clear the query", "close", "Empty the large paper (Delete)"),
    "paste": _About(
        "Paste a picture into the sketch",
        "content-paste",
        "Paste a picture onto the paper in use (Ctrl+V)",
    ),
    "open": _About(
        "Open s&ketch…",
        "folder-open-outline",
        "Open a saved sketch as a session of its own",
        Place("File", 300),
    ),
    "save": _About(
        "Save a copy of the sk&etch…",
        "content-save-outline",
        "Write strokes, names and answers to a file; the session is kept anyway",
        Place("File", 310),
    ),
    "export_pictures": _About(
        "Export drawings as PNG…",
        "image-multiple-outline",
        "Write every drawing as a picture, a folder for each class",
        Place("File", 320),
    ),
    "export_alphabet": _About(
        "Export as an alphabet…",
        "database-export-outline",
        "Make the drawings a data set to look at and to train on",
        Place("File", 330),
    ),
    "copy_image": _About(
        "Copy the episode as an image",
        "content-copy",
        "Put classes, query and answers on the clipboard, for a slide",
    ),
    "play": _About(
        "Play the adaptation", "play", "Go through the inner steps from the start"
    ),
}
_LEFT = ("blank", "undo", "redo", "erase", "clear", "paste")
_RIGHT = ("open", "save", "export_pictures", "export_alphabet", "copy_image")


def make_actions(
    host: QWidget, performed_by: Mapping[str, Callable[[], object]]
) -> dict[str, Action]:
    """Return the studio's actions by their names, added to ``host``."""
    actions = {}
    for name, about in _ABOUT.items():
        action = Action(
            f"sketch.{name}",
            about.text,
            performed_by[name],
            icon=f"mdi6.{about.icon}",
            tip=about.tip,
            place=about.place,
            parent=host,
        )
        host.addAction(action)
        actions[name] = action
    actions["erase"].setCheckable(True)
    return actions


def make_bar(
    actions: Mapping[str, Action], chooser: QWidget, tasks: QMenu
) -> QHBoxLayout:
    """Return the bar of buttons; ``tasks`` chooses where a new task is from."""
    bar = QHBoxLayout()
    bar.setSpacing(theme.SPACE // 2)
    bar.addWidget(chooser)
    actions["task"].setIconText("Fill with examples")
    task = tool_button(actions["task"])
    task.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    task.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    task.setMenu(tasks)
    bar.addWidget(task)
    for name in _LEFT:
        bar.addWidget(tool_button(actions[name]))
    bar.addStretch(1)
    for name in _RIGHT:
        bar.addWidget(tool_button(actions[name]))
    return bar
