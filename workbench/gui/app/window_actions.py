"""The window's own actions: theme, layout, palette, shortcuts, about, quit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QWhatsThis, QWidget

from workbench.gui.app.about_dialog import AboutDialog
from workbench.gui.app.command_palette import CommandPalette, Find
from workbench.gui.app.shortcut_sheet import ShortcutSheet
from workbench.gui.app.system_information import system_information
from workbench.gui.look import preferences, theme
from workbench.gui.shell.actions import Action, Place, command, make_commands
from workbench.gui.shell.session import Session


class WindowActions(QWidget):
    """Makes and performs the actions that concern the window as a whole.

    Signals:
        layout_unwanted(): every dock is to be where it was on the first start.
        docks_toggled(): the docks beside the tab are to go, or to come back.
        presentation_toggled(): the tab is to be shown large, or as usual again.
        help_wanted(): the help on the tab in front is to be shown.
    """

    layout_unwanted = Signal()
    docks_toggled = Signal()
    presentation_toggled = Signal()
    help_wanted = Signal()

    def __init__(self, session: Session, find: Find, window: QWidget) -> None:
        super().__init__(window)
        self.hide()
        self._session = session
        self._find = find
        self._window = window
        make_commands(self, self)
        self._add_theme_actions()
        self._add_notify_action()
        for action in self.actions():
            # A key held too long would take away again what it has brought.
            action.setAutoRepeat(False)

    @command(
        "file.quit",
        "&Quit",
        icon="mdi6.exit-to-app",
        shortcut=QKeySequence.StandardKey.Quit,
        place=Place("File", 900),
    )
    def quit(self) -> None:
        """Close the window; what trains is stopped with a checkpoint."""
        self._window.close()

    @command(
        "help.topics",
        "Help &topics",
        icon="mdi6.book-open-page-variant-outline",
        shortcut="F1",
        place=Place("Help", 100),
    )
    def show_topics(self) -> None:
        """Read about the tab in front, or search the help."""
        self.help_wanted.emit()

    @command(
        "help.palette",
        "&Commands",
        icon="mdi6.magnify",
        shortcut="Ctrl+Shift+P",
        place=Place("Help", 105),
    )
    def show_palette(self) -> None:
        """Find any command, setting, preset, run or help by a part of its name."""
        CommandPalette(self._find, self._window)

    @command(
        "help.shortcuts",
        "&Keyboard shortcuts",
        icon="mdi6.keyboard-outline",
        shortcut="Ctrl+F1",
        place=Place("Help", 110),
    )
    def show_shortcuts(self) -> None:
        """Show every shortcut on one sheet."""
        ShortcutSheet(self._session.actions, self._window).open()

    @command(
        "help.what",
        "&What is this?",
        icon="mdi6.help-circle-outline",
        shortcut="Shift+F1",
        place=Place("Help", 120),
    )
    def ask_what(self) -> None:
        """Click anything next, and be told what it is."""
        QWhatsThis.enterWhatsThisMode()

    @command(
        "help.about",
        "&About",
        icon="mdi6.information-outline",
        place=Place("Help", 900),
    )
    def show_about(self) -> None:
        """Show versions, and copy them for a report."""
        text = system_information(self._session.data, self._session.runs)
        AboutDialog(text, self._window).open()

    @command(
        "view.toggle_docks",
        "&Put docks away, or back",
        icon="mdi6.page-layout-sidebar-left",
        shortcut="F4",
        place=Place("View", 210),
    )
    def toggle_docks(self) -> None:
        """Give all the window to the tab in front, or bring its docks back."""
        self.docks_toggled.emit()

    @command(
        "view.present",
        "P&resentation mode",
        icon="mdi6.presentation",
        shortcut="F5",
        place=Place("View", 220),
    )
    def present(self) -> None:
        """Show the tab large, over the whole screen, for a room; again: as usual."""
        self.presentation_toggled.emit()

    @command(
        "view.reset_layout",
        "&Reset layout",
        icon="mdi6.view-dashboard-outline",
        place=Place("View", 900),
    )
    def reset_layout(self) -> None:
        """Put every dock back where it was on the first start."""
        self.layout_unwanted.emit()

    def _add(self, id: str, text: str, perform: object, **about: object) -> Action:
        action = Action(id, text, perform, parent=self, **about)  # type: ignore[arg-type]
        self.addAction(action)
        return action

    def _add_theme_actions(self) -> None:
        group = QActionGroup(self)
        icons = {
            theme.Theme.SYSTEM: "mdi6.theme-light-dark",
            theme.Theme.LIGHT: "mdi6.white-balance-sunny",
            theme.Theme.DARK: "mdi6.weather-night",
        }
        for order, (choice, icon) in enumerate(icons.items()):
            action = self._add(
                f"view.theme_{choice}",
                f"{choice.capitalize()} theme",
                partial(self._on_theme_chosen, choice),
                icon=icon,
                tip=f"Use the {choice} theme" + ("'s own" if not choice else ""),
                place=Place("View", 800 + order),
            )
            action.setCheckable(True)
            action.setChecked(choice == preferences.theme())
            group.addAction(action)

    def _add_notify_action(self) -> None:
        action = self._add(
            "run.notify",
            "&Notify when it ends",
            None,
            tip="Show a message of the system when a run, the queue or an evaluation "
            "ends while another window is in front",
            place=Place("Run", 500),
        )
        action.setCheckable(True)
        action.setChecked(preferences.notifies())
        action.toggled.connect(preferences.remember_notifies)

    def add_panel(self, number: int, title: str, tip: str, icon: str) -> None:
        """Add an action that brings a panel to the front; the first ten have keys."""
        self._add(
            f"view.panel_{title.lower()}",
            f"Show {title.lower()}",
            partial(self._session.show_panel, title),
            icon=icon,
            tip=tip,
            shortcut=f"Ctrl+{number % 10}" if number <= 10 else "",
            place=Place("View", 99 + number),
        )

    def add_docks(self, docks: Iterable[QDockWidget]) -> None:
        """Add a menu that shows or hides each dock."""
        toggles = QMenu("Docks", self)
        toggles.setObjectName("menu.docks")
        for dock in docks:
            toggles.addAction(dock.toggleViewAction())
        menu = self._add(
            "view.docks",
            "&Docks",
            None,
            place=Place("View", 200),
            tip="Show or hide the docks",
        )
        menu.setMenu(toggles)

    def _on_theme_chosen(self, choice: theme.Theme) -> None:
        preferences.remember_theme(choice)
        theme.choose(choice)
