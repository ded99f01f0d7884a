"""Every plot: found, drawn, moved, exported, in both themes."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontInfo, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui import made_up
from tests.gui.made_gaits import a_gait_look
from workbench.core.base import figures
from workbench.core.episodes.walks import Walk, Walks
from workbench.core.runs.events import EvaluationEvent, Spread, StepEvent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.plot import Plot, plots
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look import theme
from workbench.gui.look.colours import colours, run_style
from workbench.gui.plots.accuracy import Accuracy
from workbench.gui.plots.adaptation import AdaptationCurves
from workbench.gui.plots.adaptation_map import AdaptationMap
from workbench.gui.plots.gradient_norm import GradientNorm
from workbench.gui.plots.learned_rates import LearnedRates
from workbench.gui.plots.meta_loss import MetaLoss
from workbench.gui.plots.task_curve import TaskCurve
from workbench.gui.plots.task_gait import TaskGait
from workbench.gui.plots.task_look import PathLook, TaskLook
from workbench.gui.plots.task_paths import TaskPaths
from workbench.gui.plots.task_pictures import TaskPictures

EVENTS = list(
    made_up.run_events(
        1000,
        every=100,
        accuracy=True,
        extras=(
            *("cg_residual", "cg_stopped", "distance", "last_weight", "return"),
            *("return_before", "sd", "kl_whole", "kl", "line_search", "improvement"),
        ),
        rates=True,
    )
)
SVG = "{http://www.w3.org/2000/svg}"
GRAPHS = [plot for plot in plots() if issubclass(plot, Graph)]
Shower = Callable[[Plot], None]


def a_history(name: str = "one", end: int | None = None) -> RunHistory:
    made = RunHistory(
        name, name, made_up.config(task__kind="glyphs", model__kind="conv4")
    )
    made.add(EVENTS[:end])
    return made


def a_look(plot: type[Plot], steps: int = 4) -> TaskLook:
    draw = np.random.default_rng(0)
    losses = np.linspace(2, 0.1, steps + 1)
    if plot is TaskCurve:
        x = np.linspace(-5, 5, 50)[:, None]
        model = np.stack([np.sin(x) * k / steps for k in range(steps + 1)])
        return TaskLook(
            0, 7, 2, x[::9], np.sin(x[::9]), x, np.sin(x), model, losses, losses
        )
    shares = draw.dirichlet(np.ones(3), size=(steps + 1, 6))
    images = draw.random((6, 1, 28, 28)) > 0.8
    y = np.repeat(np.arange(3), 2)
    support = images[:3].astype(float)
    return TaskLook(0, 7, 2, support, np.arange(3), images, y, shares, losses, losses)


def a_path_look(steps: int = 4, number: int = 0) -> PathLook:
    """Paths that come nearer to a goal with each update; the last one meets it."""
    goal = np.array([0.4, -0.3])
    straight = np.linspace(0, 1, 11)[:, None] * goal
    paths = np.stack([straight, straight + np.array([0, 0.01])])
    updates = []
    for step in range(steps + 1):
        walked = paths * step / steps
        away = np.linalg.norm(walked - goal, axis=-1)
        lengths = np.array([10.0, 6.0])
        met = np.array([step == steps, False])
        updates.append(Walk(walked, lengths, -away.sum(-1), away[:, -1], met))
    walks = Walks((0.4, -0.3), (0.0, 0.0), tuple(updates))
    return PathLook(number, 7, 2, walks, walls=(((-0.2, 0.2), (0.2, 0.2)),))


@pytest.fixture
def show(qtbot: QtBot) -> Shower:
    def shower(plot: Plot) -> None:
        qtbot.addWidget(plot)
        plot.resize(520, 260)
        plot.show_runs((ShownRun(a_history(), 0),))
        if isinstance(plot, (TaskCurve, TaskPictures)):
            plot.show_task(a_look(type(plot)))
        if isinstance(plot, TaskPaths):
            plot.show_task(a_path_look())
        if isinstance(plot, TaskGait):
            plot.show_task(a_gait_look())
        plot.show()
        qtbot.waitExposed(plot)

    return shower


def colours_in(image: QImage) -> set[str]:
    small = image.convertToFormat(QImage.Format.Format_RGB32)
    return {
        small.pixelColor(x, y).name()
        for x in range(small.width())
        for y in range(small.height())
    }


def test_every_plot_of_the_tab_is_found_once() -> None:
    keys = [plot.key for plot in plots()]
    assert len(keys) == len(set(keys))
    assert set(keys) == {
        "meta_loss",
        "accuracy",
        "return",
        "gradient_norm",
        "learned_rates",
        "cg_residual",
        "cg_stopped",
        "distance",
        "last_weight",
        "return_before",
        "sd",
        "kl_whole",
        "kl",
        "line_search",
        "improvement",
        "adaptation",
        "adaptation_map",
        "task_curve",
        "task_gait",
        "task_paths",
        "task_pictures",
    }


@pytest.mark.parametrize("plot", plots(), ids=lambda plot: plot.key)
def test_a_plot_says_what_it_is_and_what_will_be_here(plot: type[Plot]) -> None:
    assert plot.title
    assert plot.help.endswith(".")
    assert plot.empty.endswith(".")


@pytest.mark.parametrize("kind", plots(), ids=lambda plot: plot.key)
def test_a_plot_draws_and_a_hidden_one_does_not(
    kind: type[Plot], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(kind, "draw", lambda self: drawn.append(self.key))
    plot = kind()
    qtbot.addWidget(plot)
    plot.show_runs((ShownRun(a_history(), 0),))
    plot.refresh()
    assert drawn == []
    plot.show()
    assert drawn == [kind.key]
    plot.refresh()
    assert drawn == [kind.key], "nothing was new, and it was drawn again"


@pytest.mark.parametrize("kind", plots(), ids=lambda plot: plot.key)
def test_every_control_has_a_name_a_tip_and_takes_the_focus(
    kind: type[Plot], show: Shower
) -> None:
    plot = kind()
    show(plot)
    for index in range(plot.controls.layout().count()):
        control = plot.controls.layout().itemAt(index).widget()
        assert control.objectName().startswith(f"plot.{kind.key}.")
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("mode", [theme.Theme.LIGHT, theme.Theme.DARK])
@pytest.mark.parametrize("kind", plots(), ids=lambda plot: plot.key)
def test_a_plot_follows_the_theme_while_it_is_shown(
    kind: type[Plot], mode: theme.Theme, show: Shower
) -> None:
    plot = kind()
    show(plot)
    theme.choose(theme.Theme.DARK)
    theme.choose(mode)
    background = QColor(theme.colours().surface).name()
    shown = plot.exported().grab().toImage()
    assert plot.colours == colours()
    assert shown.pixelColor(shown.width() - 3, 3).name() == background


@pytest.mark.parametrize("kind", plots(), ids=lambda plot: plot.key)
@pytest.mark.parametrize("suffix", ["png", "svg", "csv"])
def test_a_plot_is_exported(
    kind: type[Plot], suffix: str, show: Shower, tmp_path: Path
) -> None:
    plot = kind()
    show(plot)
    file = tmp_path / f"plot.{suffix}"
    plot.export(file)
    if suffix == "png":
        image = QImage(str(file))
        assert image.width() == 2 * plot.exported().width()
        assert len(colours_in(image.scaled(200, 100))) > 4
    elif suffix == "svg":
        assert "<svg" in file.read_text()[:500]
    else:
        rows = list(csv.reader(file.read_text().splitlines()))
        assert len(rows) > 2
        assert all(len(row) == len(rows[0]) for row in rows)


def test_the_axes_of_a_drawing_are_letters_not_pixels(
    show: Shower, tmp_path: Path
) -> None:
    plot = MetaLoss()
    show(plot)
    file = tmp_path / "plot.svg"
    plot.export(file)
    written = re.findall(r"<text[^>]*>([^<]*)</text>", file.read_text())
    assert any(text.isdigit() for text in written), written


@pytest.mark.parametrize("kind", GRAPHS, ids=lambda plot: plot.key)
def test_a_drawing_has_nothing_beyond_its_axes_and_no_serifs(
    kind: type[Graph], show: Shower, tmp_path: Path
) -> None:
    plot = kind()
    show(plot)
    plot.box.scaleBy((0.2, 0.2))
    before = plot.exported().grab().toImage()
    file = tmp_path / "plot.svg"
    plot.export(file)
    assert plot.exported().grab().toImage() == before
    family = QFontInfo(plot.canvas.font()).family()
    assert set(re.findall('font-family="([^"]*)"', file.read_text())) == {
        f"'{family}', sans-serif"
    }
    drawing = ElementTree.parse(file)
    (clip,) = drawing.iter(f"{SVG}clipPath")
    rectangle = [float(clip[0].get(side, 0)) for side in ("x", "y", "width", "height")]
    axes = plot.box.mapRectToScene(plot.box.boundingRect()).getRect()
    at = plot.view.pos()
    assert rectangle == pytest.approx(
        [axes[0] + at.x(), axes[1] + at.y(), *axes[2:]], abs=1
    )
    (curves,) = drawing.iterfind(f".//{SVG}g[@clip-path]")
    long = [shape for shape in drawing.iter() if len(shape.get("d", "")) > 800]
    assert {id(shape) for shape in long} <= {id(shape) for shape in curves.iter()}
    assert any(shape.tag in (f"{SVG}path", f"{SVG}image") for shape in curves.iter())
    if kind is not AdaptationMap:
        assert not list(drawing.iter(f"{SVG}image"))


def test_an_exported_plot_is_said_and_its_folder_kept(
    show: Shower, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot = MetaLoss()
    show(plot)
    offered = []

    def chooser(*arguments: object) -> tuple[str, str]:
        offered.append(Path(str(arguments[2])))
        return str(tmp_path / ("mine" if len(offered) == 1 else "mine.csv")), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chooser)
    action = next(a for a in plot.menu.actions() if a.text() == "Export as CSV…")
    with qtbot.waitSignal(plot.saved) as saved:
        action.trigger()
    assert saved.args == [tmp_path / "mine.csv"]
    assert (tmp_path / "mine.csv").is_file()
    action.trigger()
    assert offered[0].parent != tmp_path
    assert offered[0].parent.is_dir()
    assert offered[1] == tmp_path / "meta_loss.csv"


def test_an_export_that_fails_says_so(show: Shower, tmp_path: Path) -> None:
    plot = MetaLoss()
    show(plot)
    for suffix in ("png", "svg", "csv"):
        with pytest.raises(OSError, match="missing"):
            plot.export(tmp_path / "missing" / f"plot.{suffix}")


@pytest.mark.parametrize("kind", GRAPHS, ids=lambda plot: plot.key)
def test_the_crosshair_reads_values_in_the_middle_and_nothing_outside(
    kind: type[Graph], show: Shower
) -> None:
    plot = kind()
    show(plot)
    middle = plot.box.sceneBoundingRect().center()
    plot.crosshair.show_at(middle)
    assert plot.crosshair.readout.isVisible()
    assert len(plot.crosshair.readout.text()) > 20
    plot.crosshair.show_at(QPointF(-5, -5))
    assert not plot.crosshair.readout.isVisible()


def test_the_readout_goes_when_another_run_is_shown(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    plot.crosshair.show_at(plot.box.sceneBoundingRect().center())
    plot.show_runs((*plot.runs, ShownRun(a_history("two"), 1)))
    assert plot.crosshair.readout.isVisible()
    plot.show_runs((ShownRun(a_history("two"), 1),))
    assert not plot.crosshair.readout.isVisible()


def test_the_readout_is_of_the_step_under_the_mouse(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    values = plot.values_at(500.2, 0)
    assert values[0].text == "500"
    raw = plot.runs[0].history.curve("loss")[1][499]
    assert f"{raw:.3f}" in [value.text for value in values]


@pytest.mark.parametrize("kind", GRAPHS, ids=lambda plot: plot.key)
def test_moving_the_view_ends_following_and_reset_brings_it_back(
    kind: type[Graph], show: Shower, qtbot: QtBot
) -> None:
    plot = kind()
    show(plot)
    whole = plot.box.viewRect()
    qtbot.keyClick(plot.view, Qt.Key.Key_Plus)
    qtbot.keyClick(plot.view, Qt.Key.Key_Left)
    assert not plot.following
    assert not plot.follow_button.isChecked()
    assert plot.box.viewRect() != whole
    qtbot.keyClick(plot.view, Qt.Key.Key_Home)
    assert plot.following
    assert plot.box.viewRect() == whole


def test_the_view_follows_new_steps_until_it_is_moved(
    show: Shower, qtbot: QtBot
) -> None:
    plot = MetaLoss()
    history = a_history(end=300)
    show(plot)
    plot.show_runs((ShownRun(history, 0),))
    before = plot.box.viewRect().right()
    history.add(EVENTS[300:600])
    plot.refresh()
    assert plot.box.viewRect().right() > before
    qtbot.keyClick(plot.view, Qt.Key.Key_Minus)
    moved = plot.box.viewRect()
    history.add(EVENTS[600:])
    plot.refresh()
    assert plot.box.viewRect() == moved


def test_following_again_keeps_the_width_that_was_zoomed_to(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    plot.set_following(False)
    plot.box.setXRange(100, 300, padding=0)
    plot.set_following(True)
    shown = plot.box.viewRect()
    assert shown.right() == pytest.approx(1010)
    assert shown.width() == pytest.approx(200)


@pytest.mark.parametrize("kind", [p for p in GRAPHS if p.can_log], ids=lambda p: p.key)
def test_the_y_axis_can_be_logarithmic_and_linear_again(
    kind: type[Graph], show: Shower
) -> None:
    plot = kind()
    show(plot)
    first = plot.box.viewRect()
    plot.log_button.click()
    assert plot.box.viewRect() != first
    plot.log_button.click()
    assert plot.box.viewRect() == first


def test_what_has_no_logarithm_is_drawn_linear_and_the_wish_is_kept(
    show: Shower,
) -> None:
    plot = GradientNorm()
    show(plot)
    assert plot.log
    nothing = a_history("zero", 0)
    nothing.add(
        replace(event, gradient_norm=0.0)
        for event in EVENTS
        if isinstance(event, StepEvent)
    )
    plot.show_runs((ShownRun(nothing, 0),))
    assert not plot.log
    assert not plot.log_button.isChecked()
    assert not plot.log_button.isEnabled()
    assert "above zero" in plot.log_button.toolTip()
    (bottom, top) = plot.box.viewRange()[1]
    assert bottom < 0 < top
    plot.show_runs((ShownRun(a_history(), 0),))
    assert plot.log
    assert plot.log_button.isChecked()
    assert plot.log_button.isEnabled()


def test_zeros_among_the_values_leave_the_rest_to_be_read(show: Shower) -> None:
    plot = GradientNorm()
    show(plot)
    history = a_history("some", 0)
    history.add(
        replace(event, gradient_norm=float(event.step % 2))
        for event in EVENTS
        if isinstance(event, StepEvent)
    )
    plot.show_runs((ShownRun(history, 0),))
    (bottom, top) = plot.box.viewRange()[1]
    assert -7 < bottom < 0 < top


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
@pytest.mark.parametrize("kind", GRAPHS, ids=lambda plot: plot.key)
def test_validations_with_nothing_to_draw_are_drawn_without_a_warning(
    kind: type[Graph], value: float, show: Shower
) -> None:
    plot = kind()
    show(plot)
    history = a_history("nothing", 0)
    for event in EVENTS:
        if isinstance(event, EvaluationEvent):
            scores = (
                replace(
                    score,
                    **dict.fromkeys(("loss", "accuracy"), value),
                    **dict.fromkeys(("support_loss", "support_accuracy"), value),
                )
                for score in event.by_step
            )
            event = replace(event, by_step=tuple(scores), best=True)
        history.add([event])
    for log in {plot.log, plot.can_log}:
        plot.set_log(log)
        plot.show_runs((ShownRun(history, 0),))
        plot.grab()
        assert np.isfinite(plot.box.viewRange()).all()


def test_validation_is_named_by_its_inner_steps_where_they_are_not_training_s(
    show: Shower,
) -> None:
    plot = MetaLoss()
    show(plot)
    assert plot.legend.names[2:] == [
        "validation (K = 10) ± 95 % CI",
        "best accuracy",
    ]
    history = a_history("same", 0)
    history.add(made_up.run_events(100, inner=5, trained=5, accuracy=True))
    plot.show_runs((ShownRun(history, 0),))
    assert plot.legend.names[2] == "validation ± 95 % CI"
    accuracy = Accuracy()
    show(accuracy)
    assert accuracy.legend.names[-1] == "best"


def test_smoothing_changes_the_curve_and_none_shows_it_raw(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    curves = plot._curves[0]
    raw = plot.runs[0].history.curve("loss")[1]
    strong = np.diff(curves.smooth.yData).std()
    assert strong < np.diff(raw).std() / 2
    plot.smoothing.setValue(0)
    assert curves.smooth.yData.tolist() == raw.tolist()
    assert not curves.raw.isVisible()


def test_several_runs_differ_in_colour_and_line_style(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    plot.show_runs(tuple(ShownRun(a_history(f"run {k}"), k) for k in range(5)))
    pens = [curves.smooth.opts["pen"] for curves in plot._curves]
    assert len({pen.color().name() for pen in pens}) == 5
    assert len({pen.style() for pen in pens}) == 5
    assert plot.legend.names == [f"run {k}" for k in range(5)]
    assert [pen.style() for pen in pens] == [run_style(k) for k in range(5)]


@pytest.mark.parametrize("width", [380, 520, 900])
def test_ten_runs_can_be_told_apart_in_the_legend(show: Shower, width: int) -> None:
    plot = MetaLoss()
    show(plot)
    plot.resize(width, 260)
    names = [f"Reptile, sinusoid, inner lr 0.02, seed {k}" for k in range(10)]
    plot.show_runs(tuple(ShownRun(a_history(name), k) for k, name in enumerate(names)))
    legend = plot.legend
    legend.grab()
    places = legend._places
    assert len(places) == 10
    assert all(legend.rect().contains(place) for place in places)
    assert not any(one.intersects(two) for one, two in combinations(places, 2))
    measure = legend.fontMetrics()
    assert len(set(legend.texts)) == 10
    for text, place in zip(legend.texts, places, strict=True):
        assert measure.horizontalAdvance(text) <= place.width() - 20
    plot.show_runs((ShownRun(a_history(), 0),))
    assert legend.height() < 3 * measure.height()


@pytest.mark.parametrize("width", [380, 520, 900])
def test_the_legend_does_not_cut_what_differs_between_runs(
    show: Shower, width: int
) -> None:
    plot = MetaLoss()
    show(plot)
    plot.resize(width, 260)
    told = [
        (f"inner lr {rate}", f"seed {seed}")
        for rate in (0.01, 0.02)
        for seed in range(3)
    ]
    head = "MAML, sinusoids in a minute"
    names = [f"{head}, {rate}, iterations 200, {seed}" for rate, seed in told]
    plot.show_runs(tuple(ShownRun(a_history(name), k) for k, name in enumerate(names)))
    plot.legend.grab()
    for text, (rate, seed) in zip(plot.legend.texts, told, strict=True):
        assert rate in text
        assert text.endswith(seed)


def a_regression(name: str = "curve") -> RunHistory:
    made = RunHistory(name, name, made_up.config())
    made.add(made_up.run_events(300, every=100))
    return made


@pytest.mark.parametrize("kind", [MetaLoss, AdaptationCurves])
def test_losses_of_two_kinds_are_drawn_one_at_a_time(
    kind: type[MetaLoss] | type[AdaptationCurves], show: Shower
) -> None:
    plot = kind()
    show(plot)
    pictures, curve, other = (
        ShownRun(history, at)
        for at, history in enumerate((a_history(), a_regression(), a_regression("b")))
    )
    plot.show_runs((pictures, curve, other))
    assert plot.measure.isVisibleTo(plot.controls)
    plot.measure.setCurrentText("cross-entropy")
    assert plot.runs == (pictures,)
    assert plot.caption.full_text == "one"
    plot.measure.setCurrentText("squared error")
    assert plot.legend.names == ["curve", "b"]
    assert "(MSE)" in plot.item.getAxis("left").labelText
    plot.show_runs((pictures, curve))
    assert plot.measure.currentText() == "squared error"
    plot.show_runs((curve, other))
    assert not plot.measure.isVisibleTo(plot.controls)
    assert plot.runs == (curve, other)


def test_the_legend_lists_only_runs_that_have_curves(show: Shower) -> None:
    plot = Accuracy()
    show(plot)
    shown = (a_history(), a_regression(), a_history("two"))
    plot.show_runs(tuple(ShownRun(history, at) for at, history in enumerate(shown)))
    assert plot.legend.names == ["one", "two"]


def test_the_adaptation_legend_names_runs_alone_and_only_those_drawn(
    show: Shower,
) -> None:
    plot = AdaptationCurves()
    show(plot)
    config = a_history().config
    shown = (a_history(), RunHistory("none", "none", config), a_history("two"))
    plot.show_runs(tuple(ShownRun(history, at) for at, history in enumerate(shown)))
    assert plot.legend.names == ["one", "two"]
    assert plot.item.getAxis("left").labelText.startswith("query ")
    plot.show_runs((ShownRun(shown[0], 0),))
    assert plot.legend.names[:2] == ["support", "query ± 95 % CI"]
    assert "query" not in plot.item.getAxis("left").labelText


def test_the_name_of_an_axis_is_shortened_where_there_is_no_room(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    axis = plot.item.getAxis("left")
    for height in (400, 90):
        plot.resize(500, height)
        plot.grab()
        assert axis.labelText == "meta-loss (nats)"
        place = axis.label.sceneBoundingRect()
        assert place.top() >= 0
        assert place.bottom() <= plot.view.height()
        is_cut = "…" in axis.label.toPlainText()
        assert axis.label.toolTip() == ("meta-loss (nats)" if is_cut else "")
    assert is_cut


def test_the_colours_of_losses_over_time_can_be_logarithmic(show: Shower) -> None:
    plot = AdaptationMap()
    show(plot)
    assert not plot.log_colours.isEnabled()
    plot.quantity.setCurrentText("loss")
    low, high = plot._image.levels
    plot.log_colours.click()
    assert plot._image.levels[0] == pytest.approx(math.log10(low), abs=0.01)
    assert plot._image.levels[1] == pytest.approx(math.log10(high), abs=0.01)
    texts = [text for _, text in plot._bar.axis._tickLevels[0]]
    assert float(texts[0]) == pytest.approx(low, rel=0.02)
    assert len({*texts}) == 5
    plot.quantity.setCurrentText("accuracy")
    assert plot._bar.axis._tickLevels is None


@pytest.mark.parametrize("kind", [TaskCurve, TaskPictures, TaskPaths])
def test_a_task_that_is_gone_takes_its_inner_steps_along(
    kind: type[TaskCurve] | type[TaskPictures] | type[TaskPaths], show: Shower
) -> None:
    plot = kind()
    show(plot)
    assert plot.steps.isVisible()
    plot.show_task(None)
    assert not plot.steps.isVisible()
    plot.show_task(a_path_look() if kind is TaskPaths else a_look(kind))
    assert plot.steps.isVisible()


def test_what_is_no_longer_shown_is_off_the_plot(show: Shower) -> None:
    for kind in GRAPHS:
        plot = kind()
        show(plot)
        items = len(plot.item.items)
        for number in range(3):
            plot.show_runs((ShownRun(a_history(f"again {number}"), 0),))
        assert len(plot.item.items) == items, kind.key


def test_a_click_in_the_legend_hides_a_curve_and_shows_it_again(
    show: Shower, qtbot: QtBot
) -> None:
    plot = MetaLoss()
    show(plot)
    plot.legend.grab()
    place = plot.legend._places[1].center()
    curve = plot._curves[0].smooth
    qtbot.mouseClick(plot.legend, Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert not curve.isVisible()
    qtbot.mouseClick(plot.legend, Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert curve.isVisible()


def test_scrubbing_shows_an_earlier_evaluation_and_stays_there(show: Shower) -> None:
    plot = AdaptationCurves()
    history = a_history(end=len(EVENTS) // 2)
    show(plot)
    plot.show_runs((ShownRun(history, 0),))
    first = history.validations[0]
    plot.scrubber.slider.setValue(0)
    shown = plot._lines[1].curve.yData
    assert shown.tolist() == plot.means(first, support=False).y.tolist()
    history.add(EVENTS[len(EVENTS) // 2 :])
    plot.refresh()
    assert plot.chosen(history) is first
    plot.scrubber.slider.setValue(plot.scrubber.slider.maximum())
    assert plot.chosen(history) is history.validations[-1]


def test_a_run_without_validations_has_no_slider_of_the_run_before(
    show: Shower,
) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert plot.scrubber.isVisible()
    plot.scrubber.slider.setValue(0)
    plot.show_runs((ShownRun(RunHistory("none", "none", made_up.config()), 0),))
    assert not plot.scrubber.isVisible()
    assert plot.scrubber.label.text() == ""
    plot.show_runs((ShownRun(a_history(), 0),))
    assert plot.scrubber.label.text().endswith("(latest)")


def test_earlier_evaluations_fade_behind_and_the_first_has_none(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert sum(line.yData is not None for line in plot._earlier) == 12
    assert plot.legend.names[-1] == "earlier: meta-steps 1 … 900"
    plot.scrubber.slider.setValue(1)
    assert plot.legend.names[-1] == "earlier: meta-step 1"
    plot.scrubber.slider.setValue(0)
    assert all(line.yData is None for line in plot._earlier)
    assert plot.legend.names == ["support", "query ± 95 % CI"]


def test_earlier_evaluations_are_hidden_together_and_stay_so(
    show: Shower, qtbot: QtBot
) -> None:
    plot = AdaptationCurves()
    show(plot)
    plot.legend.grab()
    at = plot.legend._places[-1].center()
    qtbot.mouseClick(plot.legend, Qt.MouseButton.LeftButton, pos=at)
    plot.redraw()
    assert not any(line.isVisible() for line in plot._earlier)
    qtbot.mouseClick(plot.legend, Qt.MouseButton.LeftButton, pos=at)
    assert all(line.isVisible() for line in plot._earlier)


def test_single_tasks_are_shown_on_request(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert not any(line.isVisible() for line in plot._tasks)
    plot.tasks_button.click()
    assert sum(line.isVisible() for line in plot._tasks) == 4


def test_adaptation_is_drawn_as_accuracy_or_loss(show: Shower) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert plot.is_accuracy
    plot.measure.setCurrentText("cross-entropy")
    event = plot.runs[0].history.validations[-1]
    expected = [score.loss for score in event.by_step]
    assert plot._lines[1].curve.yData.tolist() == pytest.approx(expected)


def test_the_heat_map_has_the_value_of_each_inner_step_of_each_evaluation(
    show: Shower,
) -> None:
    plot = AdaptationMap()
    show(plot)
    plot.quantity.setCurrentText("loss")
    event = plot.runs[0].history.validations[4]
    values = plot.values_at(event.step + 1, 3.2)
    assert values[0].text == f"{event.step}"
    assert values[2].text == f"{event.by_step[3].loss:.3f}"


def test_the_heat_map_says_what_its_colours_mean(show: Shower) -> None:
    plot = AdaptationMap()
    show(plot)
    assert plot._bar.axis.labelText == "query accuracy (%)"
    assert plot._bar.axis.scale == 100
    plot.quantity.setCurrentText("loss")
    assert plot._bar.axis.labelText == "query loss (nats)"
    assert plot._bar.axis.scale == 1


def test_learned_rates_have_a_row_per_layer_and_can_be_scrubbed(show: Shower) -> None:
    plot = LearnedRates()
    show(plot)
    events = plot.runs[0].history.histograms["learned rates"]
    assert sum(row.isVisible() for row in plot._rows) == len(events[0].counts)
    assert plot.chosen() is events[-1]
    plot.scrubber.slider.setValue(0)
    assert plot.chosen() is events[0]


@pytest.mark.parametrize("kind", [TaskCurve, TaskPictures, TaskPaths])
def test_the_task_starts_at_training_s_steps_and_plays_to_the_end(
    kind: type[TaskCurve] | type[TaskPictures] | type[TaskPaths],
    show: Shower,
    qtbot: QtBot,
) -> None:
    plot = kind()
    show(plot)
    assert plot.steps.step == 2
    assert "training's K" in plot.steps.label.text()
    plot.steps._timer.setInterval(1)
    plot.steps.play.click()
    qtbot.waitUntil(lambda: plot.steps.step == 4)
    qtbot.waitUntil(lambda: not plot.steps._timer.isActive())
    with qtbot.waitSignal(plot.task_wanted):
        plot.controls.findChild(object, f"plot.{kind.key}.another").click()
    assert plot.number == 1


def test_the_axis_holds_every_step_but_those_that_diverge(show: Shower) -> None:
    plot = TaskCurve()
    show(plot)
    look = a_look(TaskCurve)
    outputs = look.outputs.copy()
    outputs[2] *= 7
    outputs[3:] = 1e9
    loss = np.array([2.0, 1.0, 12.0, 1e18, np.nan])
    plot.show_task(look._replace(outputs=outputs, query_loss=loss))
    extent = plot.extent()
    assert extent is not None
    assert extent.top >= outputs[2].max()
    assert extent.top < 10
    assert extent.left < look.query_x.min() < look.query_x.max() < extent.right
    (left, right), _ = plot.box.viewRange()
    pixel = (right - left) / plot.box.width()
    assert look.support_x.min() - left > 4 * pixel


def test_the_curve_shows_the_model_at_the_chosen_step(show: Shower) -> None:
    plot = TaskCurve()
    show(plot)
    look = a_look(TaskCurve)
    plot.steps.slider.setValue(3)
    assert plot.now.yData.tolist() == look.outputs[3, :, 0].tolist()
    assert plot.before.yData.tolist() == look.outputs[0, :, 0].tolist()


def test_paths_are_those_of_the_chosen_update_over_the_reward(show: Shower) -> None:
    plot = TaskPaths()
    show(plot)
    walks = a_path_look().walks
    for step in (1, 4):
        plot.steps.slider.setValue(step)
        drawn = np.column_stack([plot.now.xData, plot.now.yData])
        np.testing.assert_allclose(drawn, walks.updates[step].mean_path)
        before = np.column_stack([plot.before.xData, plot.before.yData])
        np.testing.assert_allclose(before, walks.updates[0].mean_path)
        ends = np.column_stack([plot.ends.xData, plot.ends.yData])
        np.testing.assert_allclose(ends, walks.updates[step].paths[:, -1])
        assert np.isnan(plot.each.xData).sum() == 2, "no gap between trajectories"
    told = figures.told_return(walks.updates[4].mean_return)
    assert f"return {told}, distance" in plot.steps.label.text()
    reading = {line.name: line.text for line in plot.values_at(0.4, -0.3)}
    assert float(reading["reward"]) == pytest.approx(0, abs=1e-6)
    assert reading["return"] == told
    assert reading["at the goal"] == "1 of 2"


def test_the_reward_is_strongest_at_the_goal_in_both_themes(show: Shower) -> None:
    plot = TaskPaths()
    show(plot)
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        for item in (plot.goal, plot.now, plot.each, plot.ends, plot.before):
            item.hide()
        picture, paper = plot.view.grab().toImage(), colours().background
        shades = []
        for place in ((0.4, -0.3), (0.1, -0.1), (-0.9, 0.4)):
            at = plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(*place)))
            colour = picture.pixelColor(at * picture.devicePixelRatio())
            parts = (colour.red() - paper.red(), colour.blue() - paper.blue())
            shades.append(sum(map(abs, parts)))
        assert shades[0] > shades[1] > shades[2]


def test_a_table_of_paths_ends_each_where_it_ended() -> None:
    plot = TaskPaths()
    plot.show_task(a_path_look())
    rows = list(plot.table().rows)
    of_second = [row for row in rows if row[:2] == (3, 1)]
    assert [row[2] for row in of_second] == list(range(7))
    plot.deleteLater()


def test_queries_are_right_or_wrong_by_their_most_likely_class(show: Shower) -> None:
    plot = TaskPictures()
    show(plot)
    look = a_look(TaskPictures)
    plot.view.grab()
    queries = [cell for cell in plot.view._cells if cell.query is not None]
    assert queries
    for cell in queries:
        assert cell.query is not None
        words = plot.view.describe(cell)
        is_right = look.outputs[2][cell.query].argmax() == look.query_y[cell.query]
        assert ("wrong" in words) is not bool(is_right)


@pytest.mark.parametrize("light_ink", [True, False, None])
def test_ink_is_dark_on_light_and_the_other_way_in_the_dark(
    light_ink: bool | None, show: Shower
) -> None:
    plot = TaskPictures()
    show(plot)
    look = a_look(TaskPictures)
    ground = 0.0 if light_ink else 1.0
    plain = np.full_like(look.support_x, ground)
    plot.show_task(look._replace(support_x=plain, light_ink=light_ink))
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        plot.view.grab()
        cell = next(cell for cell in plot.view._cells if cell.query is None)
        colour = plot.view.grab().toImage().pixelColor(cell.place.center())
        is_paper_dark = light_ink is not None and chosen is theme.Theme.DARK
        assert colour == QColor("black" if is_paper_dark else "white")


@pytest.mark.parametrize("ways", [2, 5, 20, 30])
def test_an_episode_of_any_size_fits_its_place(ways: int, show: Shower) -> None:
    plot = TaskPictures()
    show(plot)
    draw = np.random.default_rng(0)
    y = np.repeat(np.arange(ways), 5)
    shares = draw.dirichlet(np.ones(ways), size=(3, 5 * ways))
    images = draw.random((5 * ways, 3, 16, 16))
    losses = np.ones(3)
    plot.show_task(
        TaskLook(
            1, 0, 1, images[:ways], np.arange(ways), images, y, shares, losses, losses
        )
    )
    for size in ((480, 200), (1000, 600)):
        plot.resize(*size)
        plot.view.grab()
        assert {cell.row for cell in plot.view._cells if cell.query is None} == set(
            range(ways)
        )
        for cell in plot.view._cells:
            assert plot.view.rect().contains(cell.place), (ways, size, cell)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
def test_an_inner_loop_that_diverges_leaves_the_curves_to_be_read(
    show: Shower, bad: float
) -> None:
    plot = AdaptationCurves()
    show(plot)
    usual = plot.box.viewRange()[1]
    history = a_history()
    last = history.validations[-1]
    worse = [
        replace(score, loss=bad, loss_ci95=bad, support_loss=bad)
        if score.step > last.trained_steps
        else score
        for score in last.by_step
    ]
    history.add([replace(last, by_step=tuple(worse))])
    for log in (False, True):
        plot.set_log(log)
        plot.show_runs((ShownRun(history, 0),))
        bottom, top = plot.box.viewRange()[1]
        assert np.isfinite([bottom, top]).all()
        assert top - bottom < 10 * (usual[1] - usual[0])
    everything = [replace(score, loss=bad, support_loss=bad) for score in worse]
    history.add([replace(last, by_step=tuple(everything))])
    plot.show_runs((ShownRun(history, 0),))
    assert np.isfinite(plot.box.viewRange()).all()


@pytest.mark.parametrize(("trained", "side"), [(1, 0), (5, 0), (10, 1)])
def test_trainings_steps_are_named_where_the_name_has_room(
    show: Shower, trained: int, side: int
) -> None:
    plot = AdaptationCurves()
    show(plot)
    plot.resize(440, 190)
    history = a_history()
    last = history.validations[-1]
    history.add([replace(last, trained_steps=trained)])
    plot.show_runs((ShownRun(history, 0),))
    label = plot._trained.label
    assert label.toPlainText() == f"training K = {trained}"
    axes = plot.box.mapRectToScene(plot.box.boundingRect()).adjusted(-1, -1, 1, 1)
    for measure in ("cross-entropy", "accuracy"):
        plot.measure.setCurrentText(measure)
        plot.grab()
        assert label.anchors[0][0] == side
        assert axes.contains(label.sceneBoundingRect())


def test_columns_over_time_end_where_the_meta_steps_do(show: Shower) -> None:
    plot = AdaptationMap()
    show(plot)
    history = plot.runs[0].history
    last = history.validations[-1].step
    image = plot._image.mapRectToView(plot._image.boundingRect())
    assert plot.extent().right == last == pytest.approx(image.right())
    for event in history.validations:
        assert plot.values_at(event.step, 0)[0].text == f"{event.step:,}"
    alone = a_history("alone", 0)
    alone.add([replace(history.validations[0], step=0)])
    plot.show_runs((ShownRun(alone, 0),))
    assert plot.extent()[:2] == (0, alone.config.evaluation.every)


def test_a_run_without_validations_has_no_mark_of_training_s_steps(
    show: Shower,
) -> None:
    plot = AdaptationCurves()
    show(plot)
    assert plot._trained.isVisible()
    plot.show_runs((ShownRun(a_history("begun", 1), 0),))
    assert plot._hint.text().startswith("Nothing yet")
    assert not plot._trained.isVisible()
    assert all(line.xData is None or not len(line.xData) for line in plot._earlier)


def test_a_single_meta_step_is_a_point(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    history = a_history("short", 1)
    plot.show_runs((ShownRun(history, 0),))
    colour = plot.colours.run(0).name()
    assert colour in colours_in(plot.canvas.grab().toImage())
    history.add(event for event in EVENTS if isinstance(event, StepEvent))
    plot.refresh()
    assert plot._curves[0].point.xData is None


@pytest.mark.parametrize("kind", plots(), ids=lambda plot: plot.key)
def test_an_ended_run_with_nothing_to_draw_says_so(
    kind: type[Plot], show: Shower
) -> None:
    plot = kind()
    show(plot)
    history = a_history("failed", 0)
    history.is_over = True
    plot.show_runs((ShownRun(history, 0),))
    if isinstance(plot, (TaskCurve, TaskGait, TaskPictures, TaskPaths)):
        plot.show_task(None)
    assert plot._hint.isVisible()
    assert plot._hint.text().startswith("Nothing to draw: the run ended before its")


def test_numbers_none_of_which_is_finite_are_said_to_be_so(show: Shower) -> None:
    plot = MetaLoss()
    show(plot)
    history = a_history("nan", 0)
    history.add([replace(EVENTS[0], loss=math.nan)])
    plot.show_runs((ShownRun(history, 0),))
    assert plot._hint.text() == "Nothing to draw: none of the numbers here is finite."


def with_a_lost_task(event: EvaluationEvent) -> EvaluationEvent:
    """The evaluation as it would be had one task of its regression diverged."""
    spread = Spread(median=0.25, trimmed_mean=0.3, low=0.125, high=0.5, diverged=1)
    support = replace(spread, median=0.0625)
    scores = (
        replace(score, loss=1e73, loss_ci95=1e73, spread=spread, support_spread=support)
        for score in event.by_step
    )
    return replace(event, by_step=tuple(scores))


def a_regression_with_a_lost_task() -> RunHistory:
    history = RunHistory("lost", "lost", made_up.config())
    history.add(
        with_a_lost_task(event) if isinstance(event, EvaluationEvent) else event
        for event in made_up.run_events(300, every=100)
    )
    return history


def show_lost(plot: Graph, show: Shower) -> RunHistory:
    show(plot)
    history = a_regression_with_a_lost_task()
    plot.show_runs((ShownRun(history, 0),))
    return history


def test_a_regression_s_adaptation_is_drawn_as_median_and_quartiles(
    show: Shower,
) -> None:
    plot = AdaptationCurves()
    event = plot.chosen(show_lost(plot, show))
    assert event is not None
    means = plot.means(event, support=False)
    assert {*means.y} == {0.25}
    assert ({*means.low}, {*means.high}) == ({0.125}, {0.5})
    assert {*plot.means(event, support=True).y} == {0.0625}
    assert plot.legend.names[:2] == ["support", "query, median and quartiles"]
    read = {line.name: line.text for line in plot.values_at(1, 0.3)}
    assert read["query"] == "median 0.2500, quartiles 0.1250 to 0.5000"
    assert "e+73" in read["query mean"].replace("e73", "e+73")
    assert read["diverged"] == "1"
    extent = plot.extent()
    assert extent is not None
    assert extent.top < 1
    columns, rows = plot.table()
    row = dict(zip(columns, next(iter(rows)), strict=True))
    assert (row["median"], row["low"], row["high"]) == (0.25, 0.125, 0.5)
    assert (row["trimmed_mean"], row["diverged"]) == (0.3, 1)
    assert (row["loss"], row["support_median"]) == (1e73, 0.0625)


def test_a_regression_s_validation_is_drawn_as_median_and_quartiles(
    show: Shower,
) -> None:
    plot = MetaLoss()
    history = show_lost(plot, show)
    for ending, value in (("", 0.25), ("_low", 0.125), ("_high", 0.5)):
        assert {*history.curve(f"validation_loss{ending}")[1]} == {value}
    assert "validation (K = 10), median and quartiles" in plot.legend.names
    assert "best middle 98 %" in plot.legend.names
    extent = plot.extent()
    assert extent is not None
    assert extent.bottom == 0.125
    read = {line.name: line.text for line in plot.values_at(100, 0.3)}
    assert read["validation at 100"] == "median 0.2500, quartiles 0.1250 to 0.5000"
    assert read["diverged"] == "1"
    columns, rows = plot.table()
    row = dict(zip(columns, list(rows)[-1], strict=True))
    assert (row["curve"], row["loss"], row["median"]) == ("validation", 1e73, 0.25)
    assert (row["low"], row["high"], row["diverged"]) == (0.125, 0.5, 1)


def test_the_heat_map_of_a_regression_is_of_medians(show: Shower) -> None:
    plot = AdaptationMap()
    show_lost(plot, show)
    columns, rows = plot.table()
    assert columns[-1] == "median loss"
    assert {row[-1] for row in rows} == {0.25}
