"""Actions declared above the methods that perform them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.shell.actions import command, make_commands


class Cook:
    def __init__(self) -> None:
        self.done: list[str] = []

    @command("cook.boil", "&Boil…", shortcut="Ctrl+B")
    def boil(self) -> None:
        """Make the water hot."""
        self.done.append("boiled")

    @command("cook.serve", "&Serve")
    def serve(self) -> None:
        """Put it on the table."""
        self.done.append("served")


def test_a_method_is_an_action_once_it_is_made(qtbot: QtBot) -> None:
    kitchen, cook, other = QWidget(), Cook(), Cook()
    qtbot.addWidget(kitchen)
    made = make_commands(cook, kitchen)
    assert made == [cook.boil, cook.serve] == kitchen.actions()
    assert cook.boil.toolTip() == "Make the water hot (Ctrl+B)"
    cook.serve.trigger()
    cook.boil.trigger()
    assert cook.done == ["served", "boiled"]
    assert other.done == []
    with pytest.raises(AttributeError, match=r"'cook.boil' is not made"):
        _ = other.boil


def test_what_is_not_allowed_says_why_until_it_is(qtbot: QtBot) -> None:
    kitchen, cook = QWidget(), Cook()
    qtbot.addWidget(kitchen)
    make_commands(cook, kitchen)
    cook.boil.allow(False, "There is no water")
    cook.boil.trigger()
    assert cook.done == []
    assert cook.boil.toolTip() == "There is no water"
    cook.boil.allow(True, "There is no water")
    assert cook.boil.toolTip() == "Make the water hot (Ctrl+B)"
