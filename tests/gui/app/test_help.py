"""The help: found by its words, about the tab in front, and true of the window."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLineEdit, QListWidget
from pytestqt.qtbot import QtBot

from workbench.gui.app.command_palette import CommandPalette
from workbench.gui.app.help_dialog import HelpDialog
from workbench.gui.app.help_topics import Topic, topics
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import theme
from workbench.gui.shell.session import Session

_COMMAND = re.compile(r"\*\*(\w+) › ([^*]+)\*\*")
_KEYS = re.compile(r"`((?:Ctrl|Shift|Alt|F\d)[^`]*)`")
_LINK = re.compile(r"\]\(([^)]*)\)")


def help_of(window: MainWindow) -> HelpDialog:
    return window.findChild(HelpDialog)


def listed(window: MainWindow) -> list[str]:
    found = help_of(window).list
    return [found.item(row).text() for row in range(found.count())]


def titles(*keys: str) -> list[str]:
    return [topic.title for topic in topics() if topic.key in keys]


def test_every_tab_has_a_topic_and_the_key_shows_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    for panel in window.panels:
        if panel.place == "centre":
            window.show_panel(panel.title)
            window.activateWindow()
            qtbot.waitUntil(window.isActiveWindow)
            qtbot.keyClick(window, Qt.Key.Key_F1)
            assert help_of(window).topic.key == panel.title.lower()
    assert len(window.findChildren(HelpDialog)) == 1


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.key)
def test_what_a_topic_names_is_there(
    window: MainWindow, session: Session, topic: Topic
) -> None:
    text = " ".join(topic.text.split())
    actions = list(session.actions)
    commands = {(action.place.menu, action.plain_text) for action in actions}
    assert set(_COMMAND.findall(text)) <= commands
    assert set(_KEYS.findall(text)) <= {action.keys for action in actions}
    assert set(_LINK.findall(text)) <= {other.key for other in topics()}


def test_topics_are_found_by_words_in_their_text_which_are_marked(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.topics")
    qtbot.keyClicks(help_of(window).search, "confidence PAIRED")
    assert listed(window) == titles("compare")
    assert help_of(window).topic.key == "compare"
    marked = [
        each.cursor.selectedText() for each in help_of(window).text.extraSelections()
    ]
    assert {word.lower() for word in marked} == {"confidence", "paired"}
    qtbot.keyClicks(help_of(window).search, " zebra")
    assert listed(window) == ["No topic says this"]
    help_of(window).search.clear()
    assert len(listed(window)) == len(topics())


def test_a_topic_is_read_by_choosing_it_and_a_link_leads_to_another(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.topics")
    shown = help_of(window)
    row = [topic.key for topic in topics()].index("maml")
    place = shown.list.visualItemRect(shown.list.item(row)).center()
    qtbot.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "second derivatives" in shown.text.toPlainText()
    shown.text.anchorClicked.emit(QUrl("episode"))
    assert "support set" in shown.text.toPlainText()
    assert shown.list.currentItem().text() == shown.topic.title


def test_the_palette_finds_topics_by_title_and_behind_all_else_by_their_words(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.palette")
    palette = window.findChild(CommandPalette)
    line = palette.findChild(QLineEdit, "command_palette.search")
    qtbot.keyClicks(line, "adaptation curves")
    assert palette.shown()[0] == "Help: Reading the adaptation curves"
    line.clear()
    qtbot.keyClicks(line, "validation")
    kinds = [text.startswith("Help: ") for text in palette.shown()]
    assert any(kinds)
    assert not kinds[0]
    line.clear()
    qtbot.keyClicks(line, "welch")
    assert palette.shown() == ["Help: Comparing runs"]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert help_of(window).topic.key == "compare"
    assert help_of(window).text.extraSelections()


def test_the_help_is_written_anew_in_another_theme(
    window: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.topics")
    shown = help_of(window).text

    def colours() -> tuple[str, str]:
        return (shown.palette().base().color().name(), shown.toHtml().partition("#")[2])

    before = colours()
    theme.choose(theme.Theme.DARK)
    assert all(a != b for a, b in zip(before, colours(), strict=True))


def test_enter_in_the_search_does_not_close_the_help(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.actions.trigger("help.topics")
    qtbot.keyClicks(help_of(window).search, "seed")
    qtbot.keyClick(help_of(window).search, Qt.Key.Key_Return)
    assert help_of(window).isVisible()
    assert isinstance(help_of(window).list, QListWidget)
