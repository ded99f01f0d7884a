"""One registry of actions: menus, toolbar, palette and shortcut sheet read it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from workbench.gui.look import theme

MENUS = ("File", "Edit", "Run", "View", "Help")


class Place(NamedTuple):
    """Where an action is shown: a menu's name, its order there, and the toolbar.

    A separator stands between the hundreds of ``order``.
    """

    menu: str = ""
    order: int = 500
    toolbar: bool = False


NOWHERE = Place()


class Action(QAction):
    """An action with a dotted id, made by whoever performs it.

    ``text`` starts with a verb, ``tip`` is one sentence. The icon is a qtawesome name
    and follows the theme. An action at ``NOWHERE`` is still in the command palette and,
    if it has a shortcut, in the shortcut sheet.
    """

    def __init__(
        self,
        id: str,
        text: str,
        perform: Callable[[], object] | None = None,
        *,
        tip: str = "",
        icon: str = "",
        shortcut: str | QKeySequence.StandardKey = "",
        place: Place = NOWHERE,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.id = id
        self.icon_name = icon
        self.place = place
        self.tip = tip or text
        self.setObjectName(id)
        self.setStatusTip(self.tip)
        if shortcut:
            self.setShortcuts(QKeySequence.keyBindings(shortcut)) if isinstance(
                shortcut, QKeySequence.StandardKey
            ) else self.setShortcut(QKeySequence(shortcut))
        if perform is not None:
            self.triggered.connect(lambda _checked=False: perform())
        self.set_tip(self.tip)
        self.refresh_icon()
        theme.changes().changed.connect(self.refresh_icon)

    @property
    def plain_text(self) -> str:
        """The text without the ampersand that marks its key."""
        return self.text().replace("&", "")

    @property
    def keys(self) -> str:
        """The first shortcut as the platform writes it; empty if there is none."""
        return self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def set_tip(self, tip: str) -> None:
        """Show ``tip`` with the shortcut behind it."""
        self.tip = tip
        self.setToolTip(f"{tip} ({self.keys})" if self.keys else tip)

    def allow(self, possible: bool, why_not: str = "") -> None:
        """Enable it or not; the tooltip then says why it cannot be performed."""
        self.setEnabled(possible)
        if possible or not why_not:
            self.set_tip(self.tip)
        else:
            self.setToolTip(why_not)

    def refresh_icon(self) -> None:
        """Draw the icon in the theme's colours."""
        if self.icon_name:
            self.setIcon(theme.icon(self.icon_name))


class command:
    """Declares a method to be an action: ``@command(id, text, ...)`` stands above it.

    Its docstring is the action's tip. On an object whose commands were made (see
    ``make_commands``) the method's name is the ``Action``, and triggering that calls
    the method.
    """

    def __init__(self, id: str, text: str, **about: Any) -> None:
        self._id = id
        self._text = text
        self._about = about

    def __call__(self, method: Callable[[Any], object]) -> command:
        """Take the method that performs it."""
        self._method = method
        self._about.setdefault("tip", (inspect.getdoc(method) or "").rstrip("."))
        return self

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, performer: Any, _kind: type) -> Action:
        raise AttributeError(f"the command {self._id!r} is not made yet")

    def make(self, performer: Any, parent: QWidget) -> Action:
        """Make the action, and let it stand for the method on its performer."""
        perform = self._method.__get__(performer)
        action = Action(self._id, self._text, perform, parent=parent, **self._about)
        vars(performer)[self._name] = action
        parent.addAction(action)
        return action


def make_commands(performer: object, parent: QWidget) -> list[Action]:
    """Make the actions of an object's commands, in the order they are declared."""
    declared = vars(type(performer)).values()
    commands = [each for each in declared if isinstance(each, command)]
    return [each.make(performer, parent) for each in commands]


class ActionRegistry:
    """Every action of the window by its id."""

    def __init__(self) -> None:
        self._actions: dict[str, Action] = {}

    def add(self, action: Action) -> Action:
        """Register an action; its id must be new."""
        if action.id in self._actions:
            raise ValueError(f"there are two actions {action.id!r}")
        self._actions[action.id] = action
        return action

    def __getitem__(self, id: str) -> Action:
        return self._actions[id]

    def __contains__(self, id: str) -> bool:
        return id in self._actions

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def trigger(self, id: str) -> None:
        """Perform an action as a click on it would; nothing if it is disabled."""
        self._actions[id].trigger()

    def in_menu(self, menu: str) -> list[Action]:
        """Return the actions of a menu in their order."""
        chosen = [action for action in self if action.place.menu == menu]
        return sorted(chosen, key=lambda action: action.place.order)

    def in_toolbar(self) -> list[Action]:
        """Return the actions of the toolbar in their order."""
        chosen = [action for action in self if action.place.toolbar]
        return sorted(
            chosen,
            key=lambda action: (MENUS.index(action.place.menu), action.place.order),
        )
