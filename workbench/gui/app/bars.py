"""The menus and the toolbar, filled from the actions that there are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QWidget

from workbench.gui.shell.actions import MENUS, ActionRegistry


def fill_menus(window: QMainWindow, actions: ActionRegistry) -> None:
    """Give every action its place in a menu, the hundreds of its order in groups."""
    for name in MENUS:
        menu = QMenu(f"&{name}", window)
        menu.setObjectName(f"menu.{name.lower()}")
        menu.setToolTipsVisible(True)
        last = None
        for action in actions.in_menu(name):
            if last is not None and action.place.order // 100 != last:
                menu.addSeparator()
            last = action.place.order // 100
            menu.addAction(action)
        if not menu.isEmpty():
            window.menuBar().addMenu(menu)


def fill_toolbar(window: QMainWindow, actions: ActionRegistry) -> None:
    """Show what is done most often, and at the right end the palette."""
    bar = QToolBar("Toolbar", window)
    bar.setObjectName("toolbar")
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    shown = actions.in_toolbar()
    palette = actions["help.palette"]
    bar.addActions(shown)
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    bar.addWidget(space)
    bar.addAction(palette)
    for action in (*shown, palette):
        button = bar.widgetForAction(action)
        button.setObjectName(f"toolbar.{action.id}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    window.addToolBar(bar)
