"""The help: its topics at the left, found by their words, and the one being read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, QUrl
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.app.help_topics import Topic, topics
from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import close_button
from workbench.gui.look.screen import resize_within
from workbench.gui.shell.finding import Finding

_ICON = "mdi6.book-open-page-variant-outline"
_KEY = Qt.ItemDataRole.UserRole
_LINE_HEIGHT = 118.0
"""In percent of what the letters take."""


class HelpDialog(QDialog):
    """Shows one topic, and stays open beside the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle("Help")
        resize_within(self, theme.enlarged(860), theme.enlarged(620))
        self.topic = topics()[0]
        self.search = QLineEdit()
        self.search.setObjectName("help.search")
        self.search.setAccessibleName("Search the help")
        self.search.setPlaceholderText("Search the help")
        self.search.setToolTip("List the topics that say these words")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("help.list")
        self.list.setAccessibleName("Topics")
        self.list.setSpacing(theme.SPACE // 4)
        self.list.setWhatsThis("What there is to read")
        self.text = QTextBrowser()
        self.text.setObjectName("help.text")
        self.text.setAccessibleName("Help")
        self.text.setOpenLinks(False)
        self._lay_out()
        self.search.textChanged.connect(self._on_search_text_changed)
        self.list.currentItemChanged.connect(self._on_list_current_item_changed)
        self.text.anchorClicked.connect(self._on_text_anchor_clicked)
        theme.changes().changed.connect(self._write)

    def show_topic(self, key: str, words: str = "") -> None:
        """Show a topic, the first where none has this key, with these words marked."""
        found = (topic for topic in topics() if topic.key == key)
        self.topic = next(found, topics()[0])
        with QSignalBlocker(self.search):
            self.search.setText(words if self.topic.says(words) else "")
        self._list_topics()
        self._write()

    # Building.

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        parts = QSplitter()
        parts.setObjectName("help.parts")
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(theme.SPACE)
        parts.addWidget(left)
        parts.addWidget(self.text)
        parts.setSizes([theme.enlarged(260), theme.enlarged(580)])
        parts.setStretchFactor(1, 1)
        box = close_button(self)
        # Enter, after a word to look for, is not to close it.
        box.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(*(2 * theme.SPACE,) * 4)
        page.setSpacing(theme.SPACE)
        page.addWidget(parts, 1)
        page.addWidget(box)

    def _list_topics(self) -> None:
        """List the topics that say what is searched for."""
        with QSignalBlocker(self.list):
            self.list.clear()
            for topic in self._found():
                item = QListWidgetItem(topic.title, self.list)
                item.setData(_KEY, topic.key)
                if topic == self.topic:
                    self.list.setCurrentItem(item)
            if not self.list.count():
                item = QListWidgetItem("No topic says this", self.list)
                item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _found(self) -> list[Topic]:
        return [topic for topic in topics() if topic.says(self.search.text())]

    def _write(self) -> None:
        """Write the topic anew, in the theme's colours."""
        self.text.setMarkdown(f"## {self.topic.title}\n\n{self.topic.text}")
        self.text.document().setDocumentMargin(2 * theme.SPACE)
        airy = QTextBlockFormat()
        proportional = QTextBlockFormat.LineHeightTypes.ProportionalHeight
        airy.setLineHeight(_LINE_HEIGHT, proportional.value)
        everything = QTextCursor(self.text.document())
        everything.select(QTextCursor.SelectionType.Document)
        everything.mergeBlockFormat(airy)
        self._mark_words()

    def _mark_words(self) -> None:
        """Mark what is searched for, and bring the first of it into view."""
        marks = []
        for word in self.search.text().split():
            place = self.text.document().find(word)
            while not place.isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor = place
                mark.format.setBackground(self.palette().highlight())
                mark.format.setForeground(self.palette().highlightedText())
                marks.append(mark)
                place = self.text.document().find(word, place)
        self.text.setExtraSelections(marks)
        if marks:
            first = min(marks, key=lambda mark: mark.cursor.position()).cursor
            self.text.setTextCursor(QTextCursor(self.text.document()))
            self.text.verticalScrollBar().setValue(
                max(0, self.text.cursorRect(first).top() - self.text.height() // 3)
            )

    # What happens.

    def _on_search_text_changed(self, _text: str) -> None:
        found = self._found()
        if found and self.topic not in found:
            self.topic = found[0]
        self._list_topics()
        self._write()

    def _on_list_current_item_changed(self, item: QListWidgetItem | None) -> None:
        key = None if item is None else item.data(_KEY)
        for topic in topics():
            if topic.key == key:
                self.topic = topic
                self._write()

    def _on_text_anchor_clicked(self, link: QUrl) -> None:
        self.show_topic(link.toString())


def show_help(window: QWidget, key: str, words: str = "") -> None:
    """Show a topic beside the window."""
    dialog = window.findChild(HelpDialog) or HelpDialog(window)
    dialog.show_topic(key, words)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    dialog.search.setFocus()


def help_found(window: QWidget, text: str) -> Iterator[Finding]:
    """Yield the topics as the palette finds them: by their titles and their words."""
    for topic in topics():
        show = partial(show_help, window, topic.key, text)
        about, _, _ = topic.text.partition("\n")
        yield Finding("Help", topic.title, about, _ICON, show, words=topic.text)
