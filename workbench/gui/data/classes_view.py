"""The browser of classes: a tree of groups, a search, the grid, and one class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.gui.data.class_grid import ClassGrid, ClassModel
from workbench.gui.data.class_page import ClassPage
from workbench.gui.data.thumbnails import Thumbnails
from workbench.gui.episodes.class_table import ClassTable, matching
from workbench.gui.episodes.episode_desk import EpisodeDesk
from workbench.gui.look import theme
from workbench.gui.look.message_page import MessagePage

_TYPING_MS = 120
_GROUP = Qt.ItemDataRole.UserRole
_CLASS = Qt.ItemDataRole.UserRole + 1


class ClassesView(QWidget):
    """Shows the classes of the data set that a task draws from.

    Signals:
        data_wanted(): the person wants to see the data sets.
    """

    data_wanted = Signal()

    def __init__(self, desk: EpisodeDesk) -> None:
        super().__init__()
        self.setObjectName("classes")
        self._desk = desk
        self._task: ImageTaskSettings | None = None
        self._is_due = True
        self._wanted_row: int | None = None
        self.table: ClassTable | None = None
        self._branches: dict[Any, tuple[str, Sequence[int]]] = {}
        self.thumbnails = Thumbnails(self)
        self.model = ClassModel(self.thumbnails)
        self.grid = ClassGrid(self.model)
        self.page = ClassPage()
        self.tree = self._make_tree()
        self.search = self._make_search()
        self.split = self._make_split()
        self.count = QLabel()
        self.count.setObjectName("classes.count")
        self.count.setProperty("role", "muted")
        self.message = MessagePage("classes", "The classes are being loaded.")
        self.message.data_wanted.connect(self.data_wanted)
        self._stack = QStackedWidget()
        for widget in (self.message, self.grid, self.page):
            self._stack.addWidget(widget)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self._lay_out()
        self._connect()

    def show_task(self, task: ImageTaskSettings | None) -> None:
        """Show the classes that a task draws from; None if it has none."""
        if task == self._task and not self._is_due:
            return
        self._task = task
        self._request()

    def refresh(self) -> None:
        """Load the classes anew: the data have changed."""
        self._request()

    def show_class(self, row: int) -> None:
        """Show one class, by its row in the bank."""
        self._wanted_row = row
        if self.table is not None and not self._is_due:
            self._open_wanted()

    def shut_down(self) -> None:
        """Stop making thumbnails."""
        self.thumbnails.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_due:
            self._request()

    # Building.

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("classes.tree")
        tree.setAccessibleName("Groups of classes")
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setMinimumWidth(160)
        tree.currentItemChanged.connect(self._on_tree_current_changed)
        tree.itemClicked.connect(self._on_tree_item_clicked)
        return tree

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("classes.search")
        search.setAccessibleName("Search classes")
        search.setPlaceholderText("Search classes")
        search.setToolTip("Words in the names of the classes (Ctrl+F)")
        search.setClearButtonEnabled(True)
        search.setMinimumWidth(160)
        return search

    def _make_split(self) -> QComboBox:
        split = QComboBox()
        split.setObjectName("classes.split")
        split.setAccessibleName("Split")
        split.setToolTip("Show the classes of one split of the configuration")
        for text in ("", "train", "validation", "test"):
            split.addItem(text or "All splits", text)
        return split

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.search, 1)
        line.addWidget(self.split)
        line.addWidget(self.count)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self.tree)
        across.addWidget(self._stack)
        across.setStretchFactor(1, 1)
        across.setSizes([220, 1000])
        page = QVBoxLayout(self)
        page.setContentsMargins(*(theme.SPACE,) * 4)
        page.setSpacing(theme.SPACE // 2)
        page.addLayout(line)
        page.addWidget(across, 1)

    def _connect(self) -> None:
        self._desk.classes_ready.connect(self._on_desk_classes_ready)
        self._desk.failed.connect(self._on_desk_failed)
        self.search.textChanged.connect(self._typing.start)
        self.search.returnPressed.connect(self._filter)
        self.split.currentIndexChanged.connect(self._filter)
        self.grid.opened.connect(self._open)
        self.page.closed.connect(self._on_page_closed)
        self.page.moved.connect(self._on_page_moved)
        theme.changes().changed.connect(self._on_theme_changed)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    # What happens.

    def _request(self) -> None:
        self._is_due = not self.isVisible()
        if self._is_due:
            self._desk.forget_classes()
            return
        if self._task is None:
            self._show_nothing(
                "The configuration's tasks have no classes: choose a task of pictures "
                "in the Experiment panel."
            )
        else:
            self._show_nothing("")
            text = f"The classes are being loaded. {self._task.first_use}"
            self.message.wait(text.strip())
            self._desk.want_classes(self._task)

    def _show_nothing(self, text: str, *, about_data: bool = False) -> None:
        self.table = None
        self.thumbnails.begin(None, inverted=False)
        self.model.show_rows(None, [])
        self.tree.clear()
        self.count.clear()
        self.message.say(text, about_data=about_data)
        self._stack.setCurrentWidget(self.message)

    def _on_desk_classes_ready(self, table: ClassTable) -> None:
        self.table = table
        self.thumbnails.begin(table, inverted=not theme.is_dark())
        self._fill_tree(table)
        self._filter()
        self._open_wanted()

    def _on_desk_failed(self, what: str, _request: object, error: str) -> None:
        if what == "classes":
            self._show_nothing(error, about_data=True)

    def _fill_tree(self, table: ClassTable) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        everything = QTreeWidgetItem()
        items = [everything]
        branches = table.branches()
        for group, (name, rows) in branches.items():
            item = QTreeWidgetItem()
            item.setToolTip(0, name)
            item.setData(0, _GROUP, group)
            item.setChildIndicatorPolicy(
                QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator
            )
            item.addChildren([_class_item(table, row, group) for row in rows])
            items.append(item)
        self.tree.addTopLevelItems(items)
        self.tree.setCurrentItem(everything)
        self._branches = {None: ("All classes", range(len(table)))}
        self._branches |= branches
        self.tree.setVisible(len(branches) > 1)
        self.tree.blockSignals(False)

    def _filter(self) -> None:
        table = self.table
        self._typing.stop()
        if table is None:
            return
        item = self.tree.currentItem()
        group = item.data(0, _GROUP) if item is not None else None
        text, split = self.search.text(), self.split.currentData()
        rows = matching(table, text, group, split)
        self._count_tree(set(matching(table, text, None, split)))
        self.model.show_rows(table, rows)
        self.count.setText(f"{len(rows):,} of {len(table):,} classes")
        if rows:
            self.grid.scrollToTop()
            self._stack.setCurrentWidget(self.grid)
        else:
            self.message.say(
                "No class has these words. Clear the search, or ask for all splits."
            )
            self._stack.setCurrentWidget(self.message)

    def _count_tree(self, found: set[int]) -> None:
        """Show in the tree only what was found, and how much that is."""
        self.tree.blockSignals(True)
        for item in _children(self.tree.invisibleRootItem()):
            name, rows = self._branches[item.data(0, _GROUP)]
            count = sum(row in found for row in rows)
            of = f"{count:,} of " if count < len(rows) else ""
            item.setText(0, f"{name} ({of}{len(rows):,})")
            item.setHidden(not count and item is not self.tree.currentItem())
            for child in _children(item):
                child.setHidden(child.data(0, _CLASS) not in found)
        self.tree.blockSignals(False)

    def _open(self, row: int) -> None:
        if self.table is not None:
            self.page.show_class(self.table, row)
            self._stack.setCurrentWidget(self.page)

    def _open_wanted(self) -> None:
        row, self._wanted_row = self._wanted_row, None
        if row is not None and self.table is not None and row < len(self.table):
            if not self.model.index_of(row).isValid():
                self._show_all()
            self._open(row)

    def _show_all(self) -> None:
        """Take back what was asked for: a class beside it is to be shown."""
        with QSignalBlocker(self.split), QSignalBlocker(self.tree):
            self.split.setCurrentIndex(0)
            self.tree.setCurrentIndex(self.tree.model().index(0, 0))
        self.search.clear()
        self._filter()

    def _on_tree_current_changed(
        self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None
    ) -> None:
        if item is not None and item.data(0, _CLASS) is None:
            self._filter()

    def _on_tree_item_clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        row = item.data(0, _CLASS)
        if row is None or not self.model.index_of(row).isValid():
            self._filter()
        if row is not None:
            self._open(row)

    def _on_page_closed(self) -> None:
        self._stack.setCurrentWidget(self.grid)
        index = self.model.index_of(self.page.row)
        self.grid.setCurrentIndex(index)
        self.grid.scrollTo(index)

    def _on_page_moved(self, steps: int) -> None:
        rows, place = self.model.rows, self.model.index_of(self.page.row).row()
        self._open(rows[(place + steps) % len(rows)])

    def _on_theme_changed(self) -> None:
        self.thumbnails.begin(self.table, inverted=not theme.is_dark())
        self.grid.viewport().update()


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(index) for index in range(item.childCount()))
    return [child for child in found if child is not None]


def _class_item(table: ClassTable, row: int, group: object) -> QTreeWidgetItem:
    name = table.names[row]
    item = QTreeWidgetItem([name.rpartition("/")[2]])
    item.setToolTip(0, name)
    item.setData(0, _GROUP, group)
    item.setData(0, _CLASS, row)
    return item
