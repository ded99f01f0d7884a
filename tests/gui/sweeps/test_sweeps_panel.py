"""The Sweeps panel, used as a person does."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.core.results.test_sweep_results import BATCH, LOSSES, RATE, row
from tests.made_stores import add_run, configuration
from workbench.core.base.measure import Measure
from workbench.core.runs.row import RunRow
from workbench.core.runs.store import RunFolder
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import theme
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.session import Session
from workbench.gui.sweeps.parallel_axes import GAP
from workbench.gui.sweeps.score_colours import score_colour
from workbench.gui.sweeps.sweeps_panel import SweepsPanel
from workbench.gui.sweeps.wording import titled

SHOTS = "task.shots"


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> SweepsPanel:
    panel = SweepsPanel(session)
    qtbot.addWidget(panel)
    panel.open()
    panel.resize(1000, 640)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def runs_of(sweep: str, **about: object) -> list[RunRow]:
    """Return two rates by two batches by two seeds, all tested."""
    return [
        row(
            {RATE: rate, BATCH: batch},
            seed,
            test=loss,
            sweep=sweep,
            name=f"{sweep}, rate {rate}, batch {batch}, seed {seed}",
            **about,
        )
        for (rate, batch), losses in LOSSES.items()
        for seed, loss in enumerate(losses)
    ]


def tell(session: Session, rows: Sequence[RunRow]) -> None:
    session.set_rows({each.folder: each for each in rows})


def texts(panel: SweepsPanel, bold: bool | None = None) -> list[list[str]]:
    table = panel.table
    items = [
        [table.item(line, column) for column in range(table.columnCount())]
        for line in range(table.rowCount())
    ]
    return [
        [i.text() for i in line if bold in (None, i.font().bold())] for line in items
    ]


def test_before_there_is_a_sweep_it_says_how_to_begin_one(panel: SweepsPanel) -> None:
    assert "Queue a sweep to begin" in panel.hint.text()
    assert panel.hint.isVisible()
    assert not panel.table.isVisible()


def test_the_newest_sweep_is_shown_until_another_is_chosen(
    panel: SweepsPanel, session: Session
) -> None:
    old = runs_of("old", created="2026-01-01T00:00:00+00:00")
    new = runs_of("new", created="2026-01-02T00:00:00+00:00")
    tell(session, old)
    assert panel.chooser.combo.currentText().startswith("old: 8 runs")
    tell(session, old + new)
    assert panel.chooser.combo.currentText().startswith("new: 8 runs")
    panel.chooser.combo.setCurrentIndex(1)
    panel.chooser.combo.activated.emit(1)
    newer = runs_of("newer", created="2026-01-03T00:00:00+00:00")
    tell(session, old + new + newer)
    assert panel.chooser.combo.currentText().startswith("old: 8 runs")
    assert panel.results is not None
    assert {each.sweep for each in panel.results.rows} == {"old"}


def test_the_best_combination_and_each_value_are_told_with_their_intervals(
    panel: SweepsPanel, session: Session
) -> None:
    tell(session, runs_of("sine"))
    assert panel.sentence.text() == (
        "Best: inner learning rate 0.1, meta-batch 4: test loss 0.1000 ± 0.6353 "
        "(mean and 95 % CI over 2 seeds). 8 runs."
    )
    rates, batches = texts(panel)[:2], texts(panel)[2:]
    assert rates[0] == [
        "Inner learning rate",
        "0.01",
        "0.2000 ± 1.2706",
        "0.2500 ± 1.2706",
        "4 runs",
    ]
    assert [line[1] for line in batches] == ["2", "4"]
    assert texts(panel, bold=True)[:2] == [
        ["0.2500 ± 1.2706"],
        ["0.1", "0.1000 ± 0.6353"],
    ]


def test_a_click_on_a_line_takes_its_run_in_hand_and_two_show_it(
    qtbot: QtBot, panel: SweepsPanel, session: Session
) -> None:
    tell(session, runs_of("sine"))
    chart = panel.parallel.chart
    assert chart.places is not None
    assert panel.results is not None
    best = panel.results.worst_first[-1]
    place = QPoint(round(chart.places.x[-1]) - 2, round(chart.places.y[-1, -1]))
    qtbot.mouseMove(chart, place)
    qtbot.waitUntil(lambda: chart.hovered == best.folder)
    assert chart.describe(chart.hovered) == (
        "sine, rate 0.1, batch 4, seed 0\ninner learning rate 0.1, meta-batch 4, seed 0"
        "\nTest loss: 0.0500"
    )
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place)
    assert session.run is not None
    assert session.run.path == session.runs / best.folder
    assert chart.in_hand == best.folder
    with qtbot.waitSignal(session.panel_requested) as requested:
        qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=place)
    assert requested.args == ["Training"]


def test_the_keyboard_goes_through_the_runs_by_their_scores(
    qtbot: QtBot, panel: SweepsPanel, session: Session
) -> None:
    tell(session, runs_of("sine"))
    chart = panel.parallel.chart
    chart.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(chart, key)
    assert panel.results is not None
    assert session.run is not None
    assert session.run.path.name == panel.results.worst_first[-2].folder


def test_a_cell_of_the_map_has_its_number_and_leads_to_its_best_run(
    qtbot: QtBot, panel: SweepsPanel, session: Session
) -> None:
    rows = runs_of("sine")
    tell(session, rows)
    chart = panel.map.chart
    said = {(cell.across, cell.down): chart.text_of(cell) for cell in chart.cells}
    assert said == {
        ("0.01", "2"): "0.3000",
        ("0.01", "4"): "0.2000",
        ("0.1", "2"): "0.6000",
        ("0.1", "4"): "0.1000",
    }
    cell = next(each for each in chart.cells if chart.text_of(each) == "0.2000")
    assert chart.describe(cell) == (
        "inner learning rate 0.01, meta-batch 4\nTest loss: 0.2000 ± 1.2706, 2 runs"
    )
    middle = chart.place_of(cell).center().toPoint()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert session.run is not None
    assert session.run.path.name == rows[2].folder


def test_the_fields_of_the_map_can_be_chosen(
    panel: SweepsPanel, session: Session
) -> None:
    rows = [
        row({RATE: rate, BATCH: batch, SHOTS: shots}, test=0.1 * batch, sweep="three")
        for rate in (0.1, 0.2, 0.3)
        for batch in (2, 4)
        for shots in (1, 5, 10, 20)
    ]
    tell(session, rows)
    assert (panel.map.across.currentText(), panel.map.down.currentText()) == (
        "Shots",
        "Inner learning rate",
    )
    assert len(panel.map.chart.cells) == 12
    panel.map.across.setCurrentText("Meta-batch")
    assert len(panel.map.chart.cells) == 6
    tell(session, rows[:-1])
    assert panel.map.across.currentText() == "Meta-batch"


def test_what_is_being_trained_is_followed(
    panel: SweepsPanel, session: Session
) -> None:
    rows = runs_of("sine")
    rows[-1] = rows[-1]._replace(state="running", test=None)
    tell(session, rows)
    assert "Without a score: 1 running." in panel.sentence.text()
    assert "sine, rate 0.1, batch 4, seed 1: running" in panel.sentence.toolTip()
    cell = panel.map.chart.cells[-1]
    assert panel.map.chart.text_of(cell) == "0.0500*"
    tell(session, runs_of("sine"))
    assert "Without a score" not in panel.sentence.text()
    assert panel.map.chart.text_of(panel.map.chart.cells[-1]) == "0.1000"


def test_what_of_it_waits_in_the_queue_is_told(
    panel: SweepsPanel, session: Session
) -> None:
    tell(session, runs_of("sine"))
    session.beside.set_queue(QueueNews(waiting=3, to_begin=("sine", "sine", "other")))
    assert panel.sentence.text().endswith("8 runs. 2 more wait in the queue.")
    session.beside.set_queue(QueueNews())
    assert panel.sentence.text().endswith("8 runs.")


def test_the_validation_can_be_the_judge(panel: SweepsPanel, session: Session) -> None:
    tell(session, [each._replace(best=1.0 - (each.test or 0)) for each in runs_of("s")])
    assert panel.judge.currentText() == "by test"
    panel.judge.setCurrentIndex(1)
    panel.judge.activated.emit(1)
    assert "validation loss 0.4000" in panel.sentence.text()


def test_runs_of_no_sweep_are_chosen_by_a_filter(
    qtbot: QtBot, panel: SweepsPanel, session: Session
) -> None:
    tell(session, [*runs_of(""), row({RATE: 5}, name="another", test=9.0)])
    assert panel.chooser.filter.isVisible()
    qtbot.keyClicks(panel.chooser.filter, "inner_lr<1")
    qtbot.waitUntil(lambda: panel.results is not None)
    assert panel.results is not None
    assert len(panel.results.rows) == 8
    qtbot.keyClicks(panel.chooser.filter, " no_such_field<1")
    qtbot.waitUntil(lambda: "no column or field" in panel.hint.text())
    assert panel.hint.isVisible()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            [row({RATE: 1}, seed, test=0.1 * seed, sweep="s") for seed in (1, 2, 3)],
            "These runs differ in the seed alone. Best: test loss 0.2000 ± 0.2484",
        ),
        (
            [
                row(
                    {RATE: n},
                    measure=(Measure.ACCURACY, Measure.LOSS)[n - 1],
                    test=0.1,
                    sweep="s",
                )
                for n in (1, 2)
            ],
            "Some of these runs are scored by their accuracy",
        ),
        ([row({RATE: 1}, sweep="s")], "One run of it is left: two are needed."),
    ],
)
def test_what_cannot_be_drawn_says_why(
    panel: SweepsPanel, session: Session, rows: list[RunRow], why: str
) -> None:
    tell(session, rows)
    assert why in panel.hint.text()
    assert not panel.parallel.isVisible()


def test_the_second_run_of_a_sweep_has_not_begun_only_while_it_waits(
    panel: SweepsPanel, session: Session
) -> None:
    tell(session, [row({RATE: 1}, sweep="s")])
    session.beside.set_queue(QueueNews(waiting=2, to_begin=("s", "other")))
    assert panel.hint.text() == "Its second run has not begun."
    session.beside.set_queue(QueueNews(waiting=1, to_begin=("other",)))
    assert panel.hint.text() == "One run of it is left: two are needed."


def test_the_plots_are_exported(
    panel: SweepsPanel, session: Session, tmp_path: Path
) -> None:
    tell(session, runs_of("sine"))
    for plot in (panel.parallel, panel.map):
        for ending in ("png", "svg", "csv"):
            plot.export(tmp_path / f"{plot.key}.{ending}")
        assert QImage(str(tmp_path / f"{plot.key}.png")).width() > 100
        assert "<svg" in (tmp_path / f"{plot.key}.svg").read_text()
    with (tmp_path / "sweep_runs.csv").open(encoding="utf-8") as file:
        lines = [*csv.reader(file)]
    assert lines[0] == ["run", RATE, BATCH, "seed", "state", "test"]
    assert lines[1][1:] == ["0.1", "4", "0", "completed", "0.05"]
    assert len(lines) == 9
    with (tmp_path / "sweep_map.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == [RATE, BATCH, "mean", "ci95", "runs"]


def test_the_best_stands_out_most_in_either_theme() -> None:
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        surface = theme.QColor(theme.colours().surface).lightnessF()
        worst, best = (score_colour(share).lightnessF() for share in (0.0, 1.0))
        assert abs(best - surface) > abs(worst - surface) > 0.05


def test_a_sweep_of_another_process_is_seen_in_the_window(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    for rate in (0.1, 0.2):
        config = configuration(algorithm__inner_lr=rate)
        test = {"loss": rate, "loss_ci95": 0.01, "accuracy": None}
        add_run(
            session.runs, config, name=f"sine, rate {rate}", sweep="other", test=test,
            state="completed",
        )  # fmt: skip
    session.show_panel("Sweeps")
    panel = window.panel("Sweeps")
    assert isinstance(panel, SweepsPanel)
    qtbot.waitUntil(lambda: panel.results is not None, timeout=10_000)
    assert "Best: inner learning rate 0.1" in panel.sentence.text()
    panel.table.itemClicked.emit(panel.table.item(0, 0))
    assert isinstance(session.run, RunFolder)


def test_an_axis_says_its_whole_name_where_there_is_room_for_it_or_not(
    panel: SweepsPanel, session: Session
) -> None:
    tell(session, runs_of("one"))
    fields = [titled(field) for field in panel.results.fields]
    parallel, heat = panel.parallel.chart, panel.map.chart
    heights = parallel.places.area.top() - 2 * GAP
    for name, x in zip(fields, parallel.places.x, strict=False):
        assert tip_at(parallel, QPoint(round(x), round(heights))) == name
    foot = QPoint(heat.width() // 2, heat.height() - 3)
    side = QPoint(4, heat.height() // 2)
    assert {tip_at(heat, foot), tip_at(heat, side)} == {*fields}


def tip_at(widget: QWidget, place: QPoint) -> str:
    QToolTip.hideText()
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    return QToolTip.text()
