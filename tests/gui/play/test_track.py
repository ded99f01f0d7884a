"""The Play tab with a cheetah, used as a person uses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.acting_runs import HORIZON, cheetah, made_run
from tests.gui.play.conftest import SECONDS, shown
from tests.made_returns import validation
from workbench.core.episodes.actor import Errand
from workbench.core.episodes.gaits import Gaits
from workbench.core.episodes.walkers import Journey, Walkers
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.gui.graphs.track import Lane
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.play import track_arena
from workbench.gui.play.play_panel import PlayPanel
from workbench.gui.play.race_bar import RaceBar
from workbench.gui.play.return_curve import Curve, ReturnCurve, RunReturns
from workbench.gui.play.track_view import TrackView
from workbench.gui.play.walking import Walked
from workbench.gui.shell.session import Session

LEFT = Qt.MouseButton.LeftButton
DURATION = HORIZON * 0.05


def gaits(panel: PlayPanel, number: int = 0) -> Gaits:
    shown = panel.track.journeys[number].walks
    assert isinstance(shown, Gaits)
    return shown


def settle(qtbot: QtBot, panel: PlayPanel) -> None:
    """Wait until what is shown is run for the goal."""

    def is_there() -> bool:
        track = panel.track
        goals = [gaits(panel, number).goal for number in range(len(track.journeys))]
        return not panel.walking.is_busy and goals == [track.goal[0]] * len(goals) != []

    qtbot.waitUntil(is_there, timeout=SECONDS)


def told(panel: PlayPanel, table: int, row: int, column: int) -> str:
    item = panel.side.tables[table].item(row, column)
    assert item is not None
    return item.text().replace("\N{MINUS SIGN}", "-")


def headers(panel: PlayPanel) -> list[str]:
    table = panel.side.tables[0]
    columns = map(table.horizontalHeaderItem, range(table.columnCount()))
    return [column.text() for column in columns if column is not None]


def way(panel: PlayPanel, name: str) -> QPushButton:
    return next(each for each in panel.track.chooser.buttons if each.text() == name)


def colours_of(view: TrackView, lane: int, lanes: int) -> set[str]:
    picture = view.grab().toImage()
    high = picture.height() // lanes
    ys, xs = range(lane * high, (lane + 1) * high), range(0, picture.width(), 2)
    return {picture.pixelColor(x, y).name() for x in xs for y in ys}


def test_a_run_of_a_cheetah_has_a_track_with_a_lane_for_each_update(
    track: PlayPanel,
) -> None:
    assert track.arena is track.track
    view = track.track.tracks[0]
    assert view.isVisible()
    assert not track.plane.planes[0].isVisible()
    assert [lane.update for lane in view.lanes] == [0, 1, 2, 3]
    assert view.lanes[1].words.startswith("After 1 update: return")
    assert "m/s" in view.lanes[1].words
    assert "goal velocity" in view.lanes[0].words


def test_it_plays_at_once_to_the_end_and_all_lanes_at_one_time(
    qtbot: QtBot, track: PlayPanel
) -> None:
    race, seen = track.track.race, set[float]()
    race.moved.connect(lambda: seen.add(race.seconds))
    if not race.is_playing:
        race.play_anew()
    qtbot.waitUntil(lambda: not race.is_playing, timeout=SECONDS)
    assert race.seconds == pytest.approx(DURATION)
    assert len(seen) > 3
    times = {lane.seconds for lane in track.track.tracks[0].lanes}
    assert times == {race.seconds}
    assert race.label.text() == f"{DURATION:.1f} of {DURATION:.1f} s"


def test_the_slider_chooses_the_velocity_that_is_run_for(
    qtbot: QtBot, track: PlayPanel
) -> None:
    chooser, before = track.track.chooser, gaits(track)
    assert not chooser.buttons
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        qtbot.keyClick(chooser.slider, Qt.Key.Key_PageUp)
    settle(qtbot, track)
    assert gaits(track).goal == track.track.goal[0] == 1.25
    assert chooser.told.text() == "1.25 m/s"
    one, other = before.updates[0], gaits(track).updates[0]
    assert (one.poses == other.poses).all(), "the goal was known before adapting"
    assert one.mean_return != other.mean_return
    assert "goal velocity" not in track.track.tracks[0].lanes[0].words


def test_the_gaits_follow_a_goal_that_is_dragged_and_play_when_it_is_let_go(
    qtbot: QtBot, track: PlayPanel
) -> None:
    slider = track.track.chooser.slider
    slider.setSliderDown(True)
    for value in (120, 140, 160):
        slider.setValue(value)
    settle(qtbot, track)
    assert gaits(track).goal == 1.6
    assert not track.track.race.is_playing
    slider.setSliderDown(False)
    assert track.track.race.is_playing


def test_what_takes_long_is_shown_update_by_update(
    qtbot: QtBot, track: PlayPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, may_go, parts = Walkers.going, threading.Event(), list[int]()

    def slow(walkers: Walkers, errand: Errand) -> Iterator[tuple[Journey, ...]]:
        for number, journeys in enumerate(going(walkers, errand)):
            if number == 3:
                may_go.wait(60)
            yield journeys

    monkeypatch.setattr(Walkers, "going", slow)
    track.walking.went.connect(lambda part: parts.append(part.journeys[0].walks.steps))
    track.track.chooser.put(0.5)
    view = track.track.tracks[0]
    qtbot.waitUntil(lambda: len(view.lanes) == 3, timeout=SECONDS)
    assert view.places == 4
    assert view.words == "Adapting…"
    assert track.side.tables[0].rowCount() == 3
    may_go.set()
    settle(qtbot, track)
    assert parts == [0, 1, 2]
    assert len(view.lanes) == 4
    assert view.words == ""


def test_an_errand_that_takes_long_is_left_for_a_newer_one(
    qtbot: QtBot, track: PlayPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, may_go, walked = Walkers.going, threading.Event(), list[Walked]()
    begun: list[tuple[float, int]] = []

    def slow(walkers: Walkers, errand: Errand) -> Iterator[tuple[Journey, ...]]:
        for journeys in going(walkers, errand):
            begun.append((errand.goal[0], journeys[0].walks.steps))
            may_go.wait(60)
            yield journeys

    monkeypatch.setattr(Walkers, "going", slow)
    track.walking.walked.connect(walked.append)
    track.track.chooser.put(0.5)
    qtbot.waitUntil(lambda: bool(begun), timeout=SECONDS)
    track.track.chooser.put(1.5)
    may_go.set()
    settle(qtbot, track)
    assert [each.errand.goal for each in walked] == [(1.5,)]
    assert max(steps for goal, steps in begun if goal == 0.5) < 3


def test_figures_are_those_of_the_gaits_and_a_lane_is_chosen_by_table_or_click(
    qtbot: QtBot, track: PlayPanel
) -> None:
    assert headers(track) == ["Updates", "Return", "m/s", "Off by"]
    for row, gait in enumerate(gaits(track).updates):
        told_return = told(track, 0, row, 1).split(" ± ")[0]
        assert float(told_return) == pytest.approx(gait.mean_return, abs=0.06)
        assert float(told(track, 0, row, 2)) == pytest.approx(gait.velocity, abs=0.006)
    table, view = track.side.tables[0], track.track.tracks[0]
    item = table.visualItemRect(table.item(1, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=item)
    assert [lane.is_chosen for lane in view.lanes] == [False, True, False, False]
    qtbot.mouseClick(view, LEFT, pos=view.middle_of(2).toPoint())
    assert view.lanes[2].is_chosen
    assert table.currentRow() == 2 or table.selectionModel().isRowSelected(2)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.lanes[3].is_chosen
    qtbot.keyClick(view, Qt.Key.Key_Space)
    playing = track.track.race.is_playing
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert track.track.race.is_playing is not playing


def test_a_direction_is_chosen_by_one_of_two_buttons(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    other = made_run(session.runs, config=cheetah(task__goals="direction"), name="way")
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([other.path])
    assert not track.track.chooser.slider.isVisible()
    assert way(track, "Forwards").isChecked()
    qtbot.mouseClick(way(track, "Backwards"), LEFT)
    settle(qtbot, track)
    assert gaits(track).goal == -1
    assert way(track, "Backwards").isChecked()
    assert not way(track, "Forwards").isChecked()
    assert headers(track)[-1] == "Right way"
    again = track.findChild(QToolButton, "play.another_goal.button")
    qtbot.mouseClick(again, LEFT)
    settle(qtbot, track)
    assert gaits(track).goal == 1


def test_two_runs_run_side_by_side_for_one_goal(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    made_run(session.runs, name="walks")
    other = made_run(session.runs, config=cheetah(), name="other", step=9)
    first = track.picker.folders[0]
    assert set(track.picker.offered(None)) == {first, other.path}
    assert len(track.picker.offered(0)) == 3
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([first, other.path])
    settle(qtbot, track)
    assert track.track.tracks[1].isVisible()
    assert "other" in track.track.tracks[1].accessibleName()
    assert gaits(track, 0).goal == gaits(track, 1).goal
    assert told(track, 0, 0, 1) != told(track, 1, 0, 1)
    assert len(track.side.curve.runs) == 2
    reel = track.arena.reel()
    assert reel is not None
    assert reel.size.height() > 4 * 128, "a film of two runs names neither"


def test_while_one_of_two_adapts_the_other_keeps_what_it_ran(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    other = made_run(session.runs, config=cheetah(), name="other")
    first = track.picker.folders[0]
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([first, other.path])
    settle(qtbot, track)
    seen: list[tuple[int, ...]] = []

    def note(_: Walked) -> None:
        seen.append(tuple(len(view.lanes) for view in track.track.tracks))

    track.walking.went.connect(note)
    track.track.chooser.put(0.5)
    settle(qtbot, track)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 1), (4, 2), (4, 3)]


def test_a_run_with_other_goals_takes_the_place_of_both(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    walks = made_run(session.runs, name="walks")
    other = made_run(session.runs, config=cheetah(), name="other")
    first = track.picker.folders[0]
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([first, other.path])
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([walks.path, other.path])
    assert track.picker.folders == [walks.path]
    assert track.arena is track.plane
    assert track.plane.planes[0].isVisible()
    assert headers(track)[-1] == "At goal"


def test_a_run_that_cannot_run_says_so_in_its_track(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    broken = made_run(session.runs, config=cheetah(), name="broken")
    for file in broken.checkpoints.iterdir():
        file.write_bytes(b"nothing")
    first = track.picker.folders[0]
    with qtbot.waitSignal(track.walking.walked, timeout=SECONDS):
        track.picker.choose([first, broken.path])
    assert track.track.tracks[1].words
    assert not track.track.tracks[1].lanes
    assert len(track.track.tracks[0].lanes) == 4


@pytest.mark.parametrize("mode", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_every_lane_has_the_runner_and_the_goal_in_the_colours_of_the_theme(
    track: PlayPanel, mode: theme.Theme
) -> None:
    theme.choose(mode)
    track.track.race.stop()
    view, shown = track.track.tracks[0], colours()
    for lane in range(4):
        seen = colours_of(view, lane, 4)
        assert shown.run(0).name() in seen
        assert shown.support.name() in seen, "there is no goal"


def test_the_film_is_as_long_as_what_is_run_and_has_every_lane(
    qtbot: QtBot, track: PlayPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (str(tmp_path / "race"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    with qtbot.waitSignal(track.films.saved, timeout=SECONDS):
        next(a for a in track.actions() if a.id == "play.export").trigger()
    with Image.open(tmp_path / "race.gif") as film:
        assert film.size == (480, 4 * 128)
        seconds = 0.0
        for number in range(film.n_frames):
            film.seek(number)
            seconds += film.info["duration"] / 1000
    assert seconds == pytest.approx(DURATION + 2, abs=0.1)


def test_a_film_leaves_out_what_is_said_to_who_is_new_to_the_window(
    track: PlayPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()

    def note(_painter: object, _area: object, lanes: list[Lane], *_: object) -> None:
        said.extend(lane.words for lane in lanes)

    monkeypatch.setattr(track_arena, "paint_lanes", note)
    assert "goal velocity" in track.track.tracks[0].lanes[0].words
    reel = track.arena.reel()
    assert reel is not None
    picture = QImage(reel.size, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    reel.paint(painter, 0)
    painter.end()
    assert len(said) == 4
    assert not any("goal velocity" in words for words in said)


def test_returns_are_drawn_over_the_runs_own_validation(
    qtbot: QtBot, session: Session, empty: PlayPanel
) -> None:
    run = made_run(session.runs, step=4)
    writer = MetricsWriter(run, 0)
    writer.append([validation(4, (-9.0, -5.0), best=True)])
    writer.close()
    panel = shown(qtbot, empty)
    curve = panel.side.curve
    (returns,) = curve.runs
    walks = panel.plane.stage.journeys[0].walks
    assert walks is not None
    means = tuple(walk.mean_return for walk in walks.updates)
    assert returns.goal.mean == means
    assert returns.validated.mean == (-12.0, -7.0)
    for update, mean in enumerate(means):
        assert curve.rect().contains(curve.position_of(update, mean).toPoint())
    place = curve.position_of(1, means[1]).toPoint()
    picture = curve.grab().toImage()
    assert picture.pixelColor(place).name() == colours().run(0).name()
    between = curve.position_of(0, -12.0) / 2 + curve.position_of(1, -7.0) / 2
    assert picture.pixelColor(between.toPoint()) != picture.pixelColor(1, 1)
    qtbot.mouseClick(curve, LEFT, pos=QPoint(place.x(), curve.height() // 2))
    assert panel.plane.timeline.moment.update == 1


@pytest.mark.parametrize("ci95", [0.0, 5.0])
def test_validation_and_its_interval_are_inside_the_frame(
    qtbot: QtBot, ci95: float
) -> None:
    curve = ReturnCurve()
    qtbot.addWidget(curve)
    curve.resize(240, 132)
    validated = Curve((-3.0, -3.0), (ci95, ci95))
    curve.runs = (RunReturns(Curve((-4.0, -3.5), (0.5, 0.25)), validated),)
    curve.updates = 1
    frame = curve._area()
    for value in validated.edges:
        y = curve.position_of(0, value).y()
        assert frame.top() + 3 < y < frame.bottom() - 3


def test_without_updates_the_curve_is_one_point(qtbot: QtBot, panel: PlayPanel) -> None:
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.side.updates.setValue(0)
    assert len(panel.side.curve.runs[0].goal.mean) == 1
    assert not panel.side.curve.grab().isNull()


def test_a_race_bar_goes_to_the_end_and_no_farther(qtbot: QtBot) -> None:
    bar = RaceBar()
    qtbot.addWidget(bar)
    bar.set_duration(2.5)
    bar.slider.setValue(bar.slider.maximum())
    assert bar.seconds == 2.5
    qtbot.keyClick(bar.slider, Qt.Key.Key_PageDown)
    assert bar.seconds == pytest.approx(1.53, abs=0.05)


def test_what_is_run_goes_on_when_the_tab_is_shown_again_or_a_run_renamed(
    qtbot: QtBot, session: Session, track: PlayPanel
) -> None:
    other = made_run(session.runs, config=cheetah(), name="other")
    settle(qtbot, track)
    before, sent = track.track.journeys, list[object]()
    track.walking.went.connect(sent.append)
    track.hide()
    track.show()
    RunFolder(track.picker.folders[0]).update(name="Sprinter")
    other.update(name="Walker")
    session.runs_changed.emit([other.path])
    qtbot.waitUntil(lambda: "Sprinter" in track.track.tracks[0].accessibleName())
    assert not track.walking.is_busy
    assert not sent
    assert track.track.journeys is before
    assert track.side.curve.runs
