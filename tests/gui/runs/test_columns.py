"""The columns of the table of runs: any field, wherever the person wants it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListWidget, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.gui.runs.conftest import Opener
from tests.gui.runs.test_runs_panel import shown, until_listed
from tests.made_stores import add_run, configuration
from workbench.gui.app.main_window import MainWindow
from workbench.gui.runs.field_chooser import FieldChooser
from workbench.gui.runs.runs_panel import RunsPanel

FIELD = "algorithm.inner_lr"


def open_chooser(panel: RunsPanel) -> FieldChooser:
    panel.commands.fields.trigger()
    chooser = panel.findChild(FieldChooser)
    assert isinstance(chooser, FieldChooser)
    return chooser


def check(chooser: FieldChooser, key: str, state: Qt.CheckState) -> None:
    found: QListWidget = chooser.list
    items = (found.item(at) for at in range(found.count()))
    item = next(each for each in items if each.data(Qt.ItemDataRole.UserRole) == key)
    assert not item.isHidden()
    item.setCheckState(state)


def click_header(qtbot: QtBot, panel: RunsPanel, key: str) -> None:
    header, at = panel.table.header(), panel.model.at(key)
    panel.table.scrollTo(panel.model.index(0, at))
    place = QPoint(header.sectionViewportPosition(at) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_any_field_is_a_column_to_sort_and_filter_by_and_is_kept(
    qtbot: QtBot, open_panel: Opener, runs: Path
) -> None:
    for rate in (0.4, 0.01, 0.1):
        config = configuration(algorithm__inner_lr=rate)
        add_run(runs, config, name=f"rate {rate}")
    panel = open_panel(RunsPanel)
    until_listed(qtbot, panel, 3)
    chooser = open_chooser(panel)
    qtbot.keyClicks(chooser.search, "inner learning rate")
    check(chooser, FIELD, Qt.CheckState.Checked)
    chooser.close()
    assert panel.table.columns.is_shown(FIELD)
    head = panel.model.headerData(panel.model.at(FIELD), Qt.Orientation.Horizontal)
    assert head == "Inner learning rate"
    place = panel.table.header().visualIndex
    assert place(panel.model.at(FIELD)) == place(panel.model.at("created")) + 1
    click_header(qtbot, panel, FIELD)
    up = shown(panel, FIELD)
    click_header(qtbot, panel, FIELD)
    down = shown(panel, FIELD)
    assert sorted((up, down)) == [["0.01", "0.1", "0.4"], ["0.4", "0.1", "0.01"]]
    panel.filter.setText("inner_lr>0.05")
    qtbot.waitUntil(lambda: sorted(shown(panel, FIELD)) == ["0.1", "0.4"])
    panel.shut_down()
    again = open_panel(RunsPanel)
    until_listed(qtbot, again, 3)
    assert shown(again, FIELD) == down


def test_a_field_is_taken_away_again_also_while_it_sorts(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_run(runs)
    until_listed(qtbot, panel, 1)
    chooser = open_chooser(panel)
    check(chooser, FIELD, Qt.CheckState.Checked)
    click_header(qtbot, panel, FIELD)
    assert panel.model.order.column.key == FIELD
    check(chooser, FIELD, Qt.CheckState.Unchecked)
    chooser.close()
    assert panel.model.at(FIELD) == -1
    assert panel.model.order.column.key == "created"


def test_figures_can_be_chosen_and_filtered(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    add_run(runs, name="small", memory_mb=100.0, step=50, seconds=10.0)
    add_run(runs, name="large", memory_mb=2048.0)
    until_listed(qtbot, panel, 2)
    panel.table.columns.show("memory_mb")
    panel.filter.setText("memory<1000 speed>4")
    qtbot.waitUntil(lambda: shown(panel) == ["small"])
    assert shown(panel, "memory_mb") == ["100 MB"]
    assert shown(panel, "speed") == ["5.000"]


def test_a_laptop_shows_test_score_and_date_without_scrolling(
    qtbot: QtBot, window: MainWindow, runs: Path
) -> None:
    window.resize(1366, 720)
    window.reset_layout()
    window.show_panel("Runs")
    panel = window.panel("Runs")
    assert isinstance(panel, RunsPanel)
    test = {"loss": 0.1234, "loss_ci95": 0.0123, "accuracy": None}
    add_run(runs, state="completed", test=test)
    until_listed(qtbot, panel, 1)
    view = panel.table.viewport().rect()
    for key in ("name", "state", "test", "created"):
        index = panel.model.index(0, panel.model.at(key))
        cell = panel.table.visualRect(index)
        assert view.contains(cell)
        assert panel.fontMetrics().horizontalAdvance(index.data()) < cell.width() or (
            key == "name"
        )


def painted(panel: RunsPanel) -> dict[str, str]:
    """Return what is to be read of each run's name, by the whole of it."""
    table, found = panel.table, {}
    for row in range(panel.model.rowCount()):
        index, option = panel.model.index(row, 0), QStyleOptionViewItem()
        table.initViewItemOption(option)
        option.rect = table.visualRect(index)
        table.itemDelegateForColumn(0).initStyleOption(option, index)
        found[index.data()] = option.text
    return found


def test_a_long_name_shows_what_tells_it_apart_and_all_of_it_on_hover(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    head = "MAML, sinusoids in a minute, iterations 200"
    for rate in (0.01, 0.02):
        for seed in (0, 1):
            name = f"{head}, inner lr {rate}, batch size 4, seed {seed}"
            add_run(runs, configuration(), name=name)
    add_run(runs, configuration(), name="mine")
    until_listed(qtbot, panel, 5)
    for width in (290, 230):
        panel.table.setColumnWidth(0, width)
        texts = painted(panel)
        assert texts.pop("mine") == "mine"
        for name, text in texts.items():
            assert "…" in text
            *_, rate, _, seed = name.split(", ")
            assert rate in text
            assert text.endswith(seed)
        tip = panel.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert tip in {"mine", *texts}
    panel.table.setColumnWidth(0, 900)
    assert all(name == text for name, text in painted(panel).items())


def test_no_two_names_in_a_narrow_column_look_alike(
    qtbot: QtBot, panel: RunsPanel, runs: Path
) -> None:
    names = [f"my first trial with {word} rate" for word in ("beta", "zeta", "theta")]
    head = "MAML, sinusoids in a minute"
    names += [
        f"{head}, inner lr {rate}, steps 5, seed {seed}"
        for rate in (0.01, 0.1)
        for seed in (0, 1)
    ]
    for name in names:
        add_run(runs, configuration(), name=name)
    until_listed(qtbot, panel, len(names))
    for width in range(130, 420, 30):
        panel.table.setColumnWidth(0, width)
        qtbot.waitUntil(lambda: len({*painted(panel).values()}) == len(names))
        for name, text in painted(panel).items():
            *_, word, _ = name.split()
            assert word in text or "trial" not in name
