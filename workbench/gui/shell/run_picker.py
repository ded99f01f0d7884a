"""Chooses the runs that a panel asks: any that have a checkpoint and serve it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QIcon,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget
from typing_extensions import override

from workbench.core.base.folders import resource
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.runs.errors import RunError
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, run_style
from workbench.gui.shell.session import Session

_MOST_LISTED = 40
_TRAINING = " (training)"


def bundled_model() -> Path:
    """Return the folder of the model that comes along."""
    return resource("models", "bundled")


class RunButton(QToolButton):
    """Shows a run's title as far as there is room, and always its end, the id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # As wide as its share of the row, however long the title is.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_title(self, title: str) -> None:
        """Show what the run is called."""
        self._title = title
        self.setToolTip(f"{title}: click to choose another run")
        self._fit_title()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def _fit_title(self) -> None:
        self.setText("")
        room = self.width() - self.sizeHint().width()
        self.setText(_shortened(self._title, self.fontMetrics(), room))


class RunPicker(QWidget):
    """Shows the runs that are asked, each a button with a menu to choose another.

    A subclass says which runs can be.

    Signals:
        chosen(): ``folders`` changed.
    """

    name: ClassVar[str] = "run_picker"
    most: ClassVar[int] = 4
    adds: ClassVar[str] = "Add a run, side by side"
    alone: ClassVar[str] = "Runs you train appear here"
    """What is said where there is hardly a run to choose."""

    chosen = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._runs = session, session.runs
        self._taken: Path | None = None
        self.folders: list[Path] = self.first()
        self._buttons: list[RunButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE // 2)
        self.add_button = QToolButton()
        self.add_button.setObjectName(f"{self.name}.add")
        self.add_button.setText("+")
        self.add_button.setToolTip(self.adds)
        self.add_button.setAccessibleName("Add a run, side by side")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.add_button.setMenu(self._menu_for(None))
        self._row.addWidget(self.add_button)
        theme.changes().changed.connect(self.refresh)
        session.run_changed.connect(self._on_session_run_changed)
        session.run_state_changed.connect(self._on_session_run_state_changed)
        self.refresh()

    # What a subclass says.

    def serves(self, config: RunConfig) -> bool:
        """Return whether a run of this configuration can be asked."""
        return True

    def offered(self, row: int | None) -> list[Path]:
        """Return what can be asked in place of a run, or for None beside all."""
        return self.usable_runs()

    def first(self) -> list[Path]:
        """Return the runs that are asked at first."""
        return []

    def come_along(self) -> list[Path]:
        """Return the runs that come along and can be asked."""
        return []

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Runs that train elsewhere tell nobody here when they end.
        self.refresh()
        self._take_in_hand()

    def choose(self, folders: list[Path]) -> None:
        """Ask these runs from now on."""
        self.folders = folders[: self.most]
        self.refresh()
        self.chosen.emit()

    def titles(self) -> list[str]:
        """Return what the chosen runs are called."""
        return [title_of(folder) for folder in self.folders]

    def refresh(self) -> None:
        """Show again what the chosen runs are called."""
        while len(self._buttons) < len(self.folders):
            self._add_button()
        names = self.titles()
        for row, button in enumerate(self._buttons):
            button.setVisible(row < len(self.folders))
            if row < len(self.folders):
                button.setIcon(_key(row))
                button.show_title(names[row])
        self.add_button.setVisible(len(self.folders) < self.most)

    def usable_runs(self) -> list[Path]:
        """Return what can be asked: what comes along, then the newest runs."""
        newest = list_runs(self._runs)[:_MOST_LISTED]
        found = [run.path for run in newest if self._is_usable(run)]
        return self.come_along() + found

    def _add_button(self) -> None:
        button = RunButton()
        row = len(self._buttons)
        button.setObjectName(f"{self.name}.run_{row + 1}")
        button.setAccessibleName(f"Run {row + 1}")
        button.setMenu(self._menu_for(row))
        self._buttons.append(button)
        self._row.insertWidget(row, button, 1)

    def _menu_for(self, row: int | None) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(partial(self._on_menu_about_to_show, menu, row))
        return menu

    def _on_session_run_changed(self, _run: object) -> None:
        self._take_in_hand()

    def _on_session_run_state_changed(self, _state: str) -> None:
        self.refresh()
        if self.isVisible():
            self._take_in_hand()

    def _take_in_hand(self) -> None:
        """Ask the run in hand first, if it can be; what is chosen then stays."""
        run = self._session.run
        if run is None or run.path == self._taken or not self._is_usable(run):
            return
        self._taken = run.path
        if self.folders[:1] != [run.path]:
            others = [path for path in self.folders[1:] if path != run.path]
            self.choose([run.path, *others])

    def _on_menu_about_to_show(self, menu: QMenu, row: int | None) -> None:
        menu.clear()
        found = self.offered(row)
        for folder in found:
            entry = menu.addAction(title_of(folder).replace("&", "&&"))
            entry.setToolTip(str(folder))
            entry.setEnabled(folder not in self.folders)
            entry.triggered.connect(partial(self._on_chosen, row, folder))
        if not found:
            menu.addAction("No run has a checkpoint yet").setEnabled(False)
        elif len(found) == 1:
            menu.addSeparator()
            menu.addAction(self.alone).setEnabled(False)
        if row is not None and len(self.folders) > 1:
            menu.addSeparator()
            menu.addAction("Take it away").triggered.connect(
                partial(self._on_removed, row)
            )

    def _on_chosen(self, row: int | None, folder: Path, _checked: bool = False) -> None:
        folders = list(self.folders)
        if row is None:
            folders.append(folder)
        else:
            folders[row] = folder
        self.choose(folders)

    def _on_removed(self, row: int, _checked: bool = False) -> None:
        self.choose(self.folders[:row] + self.folders[row + 1 :])

    def _is_usable(self, run: RunFolder) -> bool:
        if not any(run.checkpoints.glob("*.safetensors")):
            return False
        try:
            return self.serves(run.config())
        except (RunError, ConfigError):
            return False


def title_of(folder: Path) -> str:
    """Return what a run is called in the window, and whether it is being trained."""
    return _title_of(folder, _TRAINING)


def lasting_title_of(folder: Path) -> str:
    """Return what a run is called, whether it is being trained or not."""
    return _title_of(folder, "")


def _title_of(folder: Path, while_alive: str) -> str:
    if folder == bundled_model():
        return "Bundled model"
    try:
        info = RunFolder(folder).info()
    except RunError:
        return folder.name
    running = while_alive if info.is_alive else ""
    same = f" {info.id[-6:]}" if info.id else ""
    return f"{info.name}{same}{running}"


def _shortened(title: str, metrics: QFontMetrics, room: int) -> str:
    """Leave out of a title's middle what there is no room for."""
    if metrics.horizontalAdvance(title) <= room:
        return title
    name, _, end = title.removesuffix(_TRAINING).rpartition(" ")
    left = room - metrics.horizontalAdvance(f" {end}")
    if left < metrics.horizontalAdvance("…"):
        return metrics.elidedText(end, Qt.TextElideMode.ElideLeft, room)
    return f"{metrics.elidedText(name, Qt.TextElideMode.ElideRight, left)} {end}"


def _key(row: int) -> QIcon:
    """Return the run's colour and line style as a little picture."""
    picture = QPixmap(20, 12)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    painter.setPen(QPen(colours().run(row), 3, run_style(row)))
    painter.drawLine(1, 6, 19, 6)
    painter.end()
    return QIcon(picture)
