"""The class browser: tree, search, splits, thumbnails, one class with its turns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from workbench.gui.data.class_grid import ROW_ROLE
from workbench.gui.data.classes_view import ClassesView
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.episodes.class_table import ClassTable
from workbench.gui.look import theme
from workbench.gui.look.atlas import to_array
from workbench.tasks.omniglot import split_classes

Opener = Callable[..., DataPanel]


def show_classes(qtbot: QtBot, panel: DataPanel) -> ClassesView:
    panel.show_page("Classes")
    qtbot.waitUntil(lambda: panel.classes.table is not None, timeout=30_000)
    return panel.classes


def names(view: ClassesView) -> list[str]:
    return [view.table.names[row] for row in view.model.rows]


def counted(view: ClassesView) -> str:
    return view.findChild(QLabel, "classes.count").text()


def strip_of(table: ClassTable, row: int) -> np.ndarray:
    """The drawings of a class as two rows of ten, dark ink on white."""
    drawings = 255 - table.bank.pictures[20 * row : 20 * row + 20, 0].numpy()
    rows = drawings.reshape(2, 10, 28, 28).swapaxes(1, 2)
    return rows.reshape(56, 280)


def test_all_classes_are_there_and_alphabets_make_the_tree(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    assert counted(view) == "1,623 of 1,623 classes"
    assert view.tree.topLevelItemCount() == 51
    item = view.tree.findItems("Greek (24)", Qt.MatchFlag.MatchExactly)[0]
    view.tree.setCurrentItem(item)
    assert names(view) == [f"Greek/character{n:02d}" for n in range(1, 25)]
    view.tree.itemClicked.emit(item.child(6), 0)
    assert view.page.isVisible()
    assert view.table.names[view.page.row] == "Greek/character07"


def test_search_and_split_filter_together(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot, task__split="lake"))
    qtbot.keyClicks(view.search, "mkhedruli 41")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    assert names(view) == ["Mkhedruli_(Georgian)/character41"]
    view.search.clear()
    view.split.setCurrentText("validation")
    qtbot.waitUntil(lambda: len(view.model.rows) < 1623)
    assert set(names(view)) == set(split_classes("lake")["validation"])
    of = len(names(view))
    shown = [text for text in branches(view) if " of " in text]
    assert shown[0] == f"All classes ({of} of 1,623)"
    assert "Greek (24)" not in branches(view)
    assert sum(_total(text) for text in branches(view)[1:]) == of
    qtbot.keyClicks(view.search, "no such class")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    assert view.message.isVisible()
    assert "Clear the search" in view.message.text()


def test_the_tree_counts_what_the_search_finds(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    assert len(branches(view)) == 51
    qtbot.keyClicks(view.search, "character2")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    assert branches(view)[0] == f"All classes ({len(names(view)):,} of 1,623)"
    assert "Greek (5 of 24)" in branches(view)
    greek = view.tree.findItems("Greek (5 of 24)", Qt.MatchFlag.MatchExactly)[0]
    children = [greek.child(row) for row in range(greek.childCount())]
    seen = [child.text(0) for child in children if not child.isHidden()]
    assert seen == [f"character{number}" for number in range(20, 25)]
    view.search.clear()
    qtbot.waitUntil(lambda: "Greek (24)" in branches(view))
    assert len(branches(view)) == 51


def branches(view: ClassesView) -> list[str]:
    items = map(view.tree.topLevelItem, range(view.tree.topLevelItemCount()))
    return [item.text(0) for item in items if not item.isHidden()]


def _total(text: str) -> int:
    return int(text.rpartition("(")[2].split()[0].strip("()"))


def test_the_splits_are_the_configurations(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, task__split="vinyals")
    view = show_classes(qtbot, panel)
    panel.session.set_field("task.split", "minimal-1")
    qtbot.waitUntil(lambda: view.table is not None and "" in view.table.splits)
    view.split.setCurrentText("train")
    assert set(names(view)) == set(split_classes("minimal-1")["train"])


def test_thumbnails_come_from_the_thread_and_are_the_drawings(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    for row in (0, 700, 1622):
        index = view.model.index_of(row)
        view.grid.scrollTo(index)
        qtbot.waitUntil(lambda index=index: _thumbnail(index) is not None)
        image = to_array(_thumbnail(index).toImage())[..., 0]
        np.testing.assert_array_equal(image, strip_of(view.table, row))
    theme.choose(theme.Theme.DARK)
    index = view.model.index_of(1622)
    qtbot.waitUntil(lambda: _thumbnail(index) is not None)
    image = to_array(_thumbnail(index).toImage())[..., 0]
    np.testing.assert_array_equal(255 - image, strip_of(view.table, 1622))


def _thumbnail(index: QModelIndex) -> object:
    return index.data(Qt.ItemDataRole.DecorationRole)


def test_clicking_a_class_shows_all_its_drawings_in_every_turn(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot, task__rotation="drawn"))
    index = view.model.index_of(3)
    area = view.grid.visualRect(index)
    qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert view.page.row == index.data(ROW_ROLE) == 3
    drawings = view.page.drawings
    assert [turn for turn, _ in drawings.atlases] == [0, 1, 2, 3]
    image = to_array(drawings.grab().toImage())
    originals = view.table.pictures(3)[:, 0]
    for turn in range(4):
        for number in (0, 19):
            place = drawings.place(turn, number)
            step = place.width() // 28
            painted = image[
                place.top() + 1 : place.top() + 84 : step,
                place.left() + 1 : place.left() + 84 : step,
                0,
            ]
            np.testing.assert_array_equal(
                255 - painted, np.rot90(originals[number], turn)
            )


def test_without_rotation_only_upright_drawings_are_shown(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot, task__rotation="none"))
    view.show_class(5)
    assert len(view.page.drawings.atlases) == 1


@pytest.mark.parametrize(
    ("rotation", "turned"),
    [
        ("drawn", {"train", "validation", "test"}),
        ("classes", {"train"}),
        ("tasks", {"train"}),
        ("none", set()),
    ],
)
def test_a_class_is_shown_in_the_turns_that_its_split_uses(
    qtbot: QtBot, omniglot: Path, open_panel: Opener, rotation: str, turned: set[str]
) -> None:
    panel = open_panel(omniglot, task__rotation=rotation)
    view = show_classes(qtbot, panel)
    for split in ("train", "validation", "test"):
        row = view.table.splits.index(split)
        view.show_class(row)
        atlases = view.page.drawings.atlases
        assert [turn for turn, _ in atlases] == list(range(4 if split in turned else 1))


def test_every_class_opens_at_its_first_drawing(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, task__rotation="drawn")
    view = show_classes(qtbot, panel)
    view.show_class(3)
    bar = view.page.findChild(QScrollArea, "class.area").verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    view.show_class(4)
    assert bar.value() == 0
    bar.setValue(bar.maximum())
    panel.session.set_field("task.rotation", "none")
    view.show_class(5)
    qtbot.waitUntil(lambda: view.page.row == 5 and bar.maximum() == 0)
    first = view.page.drawings.place(0, 0)
    assert view.page.drawings.visibleRegion().contains(first)


def test_leafing_goes_through_the_classes_found_and_back_to_the_grid(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    view.search.setText("Braille")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    rows = view.model.rows
    view.grid.opened.emit(rows[-1])
    press(qtbot, view, "class.next")
    assert view.page.row == rows[0]
    press(qtbot, view, "class.back")
    assert view.grid.isVisible()
    assert view.grid.currentIndex().data(ROW_ROLE) == rows[0]


def test_a_class_that_the_filter_hides_opens_among_all_classes(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot, task__split="lake"))
    row = view.table.splits.index("train")
    view.split.setCurrentText("validation")
    view.search.setText("Greek")
    view.show_class(row)
    assert view.page.isVisible()
    assert counted(view) == "1,623 of 1,623 classes"
    assert (view.search.text(), view.split.currentText()) == ("", "All splits")
    assert view.tree.currentItem().text(0) == "All classes (1,623)"
    press(qtbot, view, "class.next")
    assert view.page.row == row + 1
    press(qtbot, view, "class.back")
    assert view.grid.currentIndex().data(ROW_ROLE) == row + 1


def test_a_class_that_the_filter_shows_leaves_it_as_it_is(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    view.search.setText("Greek")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    rows = view.model.rows
    view.show_class(rows[-1])
    assert counted(view) == "24 of 1,623 classes"
    press(qtbot, view, "class.next")
    assert view.page.row == rows[0]


def test_a_class_of_another_alphabet_in_the_tree_is_leafed_through_in_that(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_classes(qtbot, open_panel(omniglot))
    greek, latin = (
        view.tree.findItems(f"{name} (", Qt.MatchFlag.MatchStartsWith)[0]
        for name in ("Greek", "Latin")
    )
    view.tree.setCurrentItem(greek)
    last = latin.child(latin.childCount() - 1)
    view.tree.setCurrentItem(last)
    view.tree.itemClicked.emit(last, 0)
    assert view.page.isVisible()
    assert all(name.startswith("Latin/") for name in names(view))
    press(qtbot, view, "class.next")
    assert view.table.names[view.page.row] == "Latin/character01"


def press(qtbot: QtBot, view: ClassesView, name: str) -> None:
    button = view.findChild(QAbstractButton, name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_tasks_without_classes_say_so(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    panel = open_panel(omniglot, "sinusoid")
    panel.show_page("Classes")
    assert "have no classes" in panel.classes.message.text()


def test_missing_data_offer_the_data_sets(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    panel = open_panel(tmp_path / "nothing")
    panel.show_page("Classes")
    message = panel.classes.message
    qtbot.waitUntil(lambda: "are missing" in message.text(), timeout=30_000)
    qtbot.mouseClick(message.button, Qt.MouseButton.LeftButton)
    assert panel.data_sets.isVisible()
