"""The help: found by its words, about the tab in front, and true of the window."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from pytestqt.qtbot import QtBot

from tests.gui.app.test_window import palette_of
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


@pytest.fixture
def shown(window: MainWindow) -> HelpDialog:
    """The help, as the menu opens it."""
    window.session.actions.trigger("help.topics")
    return help_of(window)


def listed(shown: HelpDialog) -> list[str]:
    return [shown.list.item(row).text() for row in range(shown.list.count())]


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
    qtbot: QtBot, shown: HelpDialog
) -> None:
    qtbot.keyClicks(shown.search, "confidence PAIRED")
    assert listed(shown) == titles("compare")
    assert shown.topic.key == "compare"
    marked = [each.cursor.selectedText() for each in shown.text.extraSelections()]
    assert {word.lower() for word in marked} == {"confidence", "paired"}
    qtbot.keyClicks(shown.search, " zebra")
    assert listed(shown) == ["No topic says this"]
    shown.search.clear()
    assert len(listed(shown)) == len(topics())


def test_a_topic_is_read_by_choosing_it_and_a_link_leads_to_another(
    qtbot: QtBot, shown: HelpDialog
) -> None:
    row = [topic.key for topic in topics()].index("maml")
    place = shown.list.visualItemRect(shown.list.item(row)).center()
    qtbot.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "second derivatives" in shown.text.toPlainText()
    shown.text.anchorClicked.emit(QUrl("episode"))
    assert "support set" in shown.text.toPlainText()
    assert shown.list.currentItem().text() == shown.topic.title


def test_the_palette_finds_topics_by_title_and_behind_all_else_by_their_words(
    qtbot: QtBot, window: MainWindow
) -> None:
    palette, line = palette_of(window)
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


def test_the_help_is_written_anew_in_another_theme(shown: HelpDialog) -> None:
    text = shown.text

    def colours() -> tuple[str, str]:
        return (text.palette().base().color().name(), text.toHtml().partition("#")[2])

    before = colours()
    theme.choose(theme.Theme.DARK)
    assert all(a != b for a, b in zip(before, colours(), strict=True))


def test_enter_in_the_search_does_not_close_the_help(
    qtbot: QtBot, shown: HelpDialog
) -> None:
    qtbot.keyClicks(shown.search, "seed")
    qtbot.keyClick(shown.search, Qt.Key.Key_Return)
    assert shown.isVisible()
