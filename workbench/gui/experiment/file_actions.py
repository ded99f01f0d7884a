"""Open, save, and the recent files: the File menu's part of the configuration."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from workbench.gui.look import preferences
from workbench.gui.look.save_file import ask_save_file
from workbench.gui.shell.actions import Action, Place
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.session import Session

_FILTER = "Configuration (*.toml);;All files (*)"
_Keys = QKeySequence.StandardKey


class FileActions(QObject):
    """Performs the actions of the File menu on a session."""

    def __init__(self, session: Session, host: QWidget) -> None:
        super().__init__(host)
        self._session = session
        self._host = host
        self._menu = QMenu(host)
        self._menu.setObjectName("menu.recent")
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._on_menu_about_to_show)

    def make(self) -> list[Action]:
        """Return the actions, for the panel to add to itself."""
        recent = Action(
            "file.recent",
            "Open &recent",
            tip="Files and runs opened before",
            icon="mdi6.history",
            place=Place("File", 120),
            parent=self._host,
        )
        recent.setMenu(self._menu)
        return [
            self._action("open", "&Open configuration…", self.open_file, _Keys.Open),
            self._action("open_run", "Open r&un…", self.open_run, "Ctrl+Shift+O"),
            recent,
            self._action("save", "&Save configuration", self.save, _Keys.Save),
            self._action("save_as", "Save &as TOML…", self.save_as, "Ctrl+Shift+S"),
        ]

    def open_file(self) -> None:
        """Ask for a configuration file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._host, "Open configuration", str(self._folder()), _FILTER
        )
        if chosen:
            open_path(self._session, Path(chosen))

    def open_run(self) -> None:
        """Ask for a run's folder and show it."""
        chosen = QFileDialog.getExistingDirectory(
            self._host, "Open the folder of a run", str(self._session.runs)
        )
        if chosen:
            open_path(self._session, Path(chosen))

    def save(self) -> None:
        """Write to the file that was opened, or ask for one."""
        if self._session.file is None:
            self.save_as()
        else:
            self._session.save(self._session.file)

    def save_as(self) -> None:
        """Ask for a file and write the configuration to it."""
        proposal = self._session.file or self._folder() / "configuration.toml"
        path = ask_save_file(
            self._host, "Save configuration", proposal, _FILTER, ".toml"
        )
        if path is not None:
            self._session.save(path)

    def _action(self, name: str, text: str, slot: object, keys: str | _Keys) -> Action:
        tips = {
            "open": (
                "Edit a configuration from a TOML file",
                "mdi6.folder-open-outline",
            ),
            "open_run": (
                "Show a run, even one that trains elsewhere",
                "mdi6.chart-line",
            ),
            "save": (
                "Write the configuration to its TOML file",
                "mdi6.content-save-outline",
            ),
            "save_as": (
                "Write the configuration to a new TOML file",
                "mdi6.content-save-edit-outline",
            ),
        }
        orders = {"open": 100, "open_run": 110, "save": 200, "save_as": 210}
        tip, icon = tips[name]
        return Action(
            f"file.{name}",
            text,
            slot,  # type: ignore[arg-type]
            tip=tip,
            icon=icon,
            shortcut=keys,
            place=Place("File", orders[name]),
            parent=self._host,
        )

    def _folder(self) -> Path:
        if self._session.file is not None:
            return self._session.file.parent
        return Path.home()

    def _on_menu_about_to_show(self) -> None:
        self._menu.clear()
        paths = [path for path in preferences.recent() if path.exists()]
        for path in paths:
            entry = self._menu.addAction(path.name.replace("&", "&&"))
            entry.setToolTip(str(path))
            entry.triggered.connect(partial(self._open, path))
        if not paths:
            self._menu.addAction("Nothing opened yet").setEnabled(False)
        self._menu.addSeparator()
        self._menu.addAction("Forget these").triggered.connect(
            preferences.forget_recent
        )

    def _open(self, path: Path, _checked: bool = False) -> None:
        open_path(self._session, path)
