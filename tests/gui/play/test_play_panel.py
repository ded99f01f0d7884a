"""The Play tab, used as a person uses it."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.acting_runs import made_run, write_checkpoint
from tests.sketch_runs import made_run as made_sketch_run
from workbench.core.episodes.actor import Errand
from workbench.core.episodes.walkers import Journey, Walkers
from workbench.gui.look import theme
from workbench.gui.look.colours import colours
from workbench.gui.play.plane_view import PlaneView
from workbench.gui.play.play_panel import PlayPanel
from workbench.gui.play.scene import Moment
from workbench.gui.play.timeline import FRAMES, Timeline, moment_at
from workbench.gui.play.video import can_make_videos
from workbench.gui.play.walking import Walked
from workbench.gui.shell.session import Notice, Session

SECONDS = 60_000
LEFT = Qt.MouseButton.LeftButton


def at(plane: PlaneView, place: tuple[float, float]) -> QPoint:
    return plane.position_of(place).toPoint()


def settle(qtbot: QtBot, panel: PlayPanel) -> None:
    """Wait until the walks shown are those to the goal."""

    def is_there() -> bool:
        walks = (
            panel.plane.stage.journeys[0].walks if panel.plane.stage.journeys else None
        )
        goal = panel.plane.stage.goal
        return not panel.walking.is_busy and walks is not None and walks.goal == goal

    qtbot.waitUntil(is_there, timeout=SECONDS)


def text(panel: PlayPanel, table: int, row: int, column: int) -> str:
    item = panel.side.tables[table].item(row, column)
    assert item is not None
    return item.text()


def colours_of(picture: QImage) -> set[str]:
    ys, xs = range(0, picture.height(), 2), range(0, picture.width(), 2)
    return {picture.pixelColor(x, y).name() for x in xs for y in ys}


def test_without_a_run_it_says_how_to_get_one_and_chooses_the_preset(
    qtbot: QtBot, session: Session, empty: PlayPanel
) -> None:
    empty.show()
    assert empty.empty.isVisible()
    assert "Navigation in two minutes" in empty.empty.text.text()
    button = empty.findChild(QPushButton, "play.empty.choose")
    with qtbot.waitSignal(session.panel_requested) as asked:
        qtbot.mouseClick(button, LEFT)
    assert asked.args == ["Experiment"]
    assert session.preset == "navigation-quick"
    assert session.draft["task"]["kind"] == "navigation"


def test_a_run_that_comes_while_the_tab_is_in_front_plays(
    qtbot: QtBot, session: Session, empty: PlayPanel
) -> None:
    empty.show()
    run = made_run(session.runs)
    with qtbot.waitSignal(empty.walking.walked, timeout=SECONDS):
        session.runs_changed.emit(frozenset({run.path}))
    assert empty.picker.folders == [run.path]
    assert empty.plane.planes[0].isVisible()
    assert not empty.empty.isVisible()


def test_only_runs_on_tasks_in_the_plane_are_offered(
    session: Session, empty: PlayPanel
) -> None:
    run = made_run(session.runs)
    made_sketch_run(session.runs)
    assert empty.picker.usable_runs() == [run.path]


def test_a_click_puts_the_goal_there_and_the_walks_are_played(
    qtbot: QtBot, panel: PlayPanel
) -> None:
    plane, seen = panel.plane.planes[0], []
    assert "Click" in plane.scene.words
    panel.plane.timeline.moved.connect(lambda: seen.append(panel.plane.timeline.moment))
    goal = plane.place_at(QPointF(at(plane, (-0.4, 0.2))))
    qtbot.mouseClick(plane, LEFT, pos=at(plane, (-0.4, 0.2)))
    settle(qtbot, panel)
    assert "Click" not in plane.scene.words
    assert panel.plane.stage.goal == goal == pytest.approx((-0.4, 0.2), abs=0.01)
    qtbot.waitUntil(lambda: Moment(0, 1 / FRAMES) in seen, timeout=SECONDS)
    qtbot.waitUntil(lambda: not panel.plane.timeline.is_playing, timeout=SECONDS)
    assert panel.plane.timeline.moment == Moment(3, 1.0)
    assert {moment.update for moment in seen} == {0, 1, 2, 3}


def test_the_walks_follow_a_goal_that_is_dragged(
    qtbot: QtBot, panel: PlayPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[Walked] = []
    panel.walking.walked.connect(walked.append)
    going, may_go = Walkers.going, threading.Event()

    def slow(walkers: Walkers, errand: Errand) -> Iterator[tuple[Journey, ...]]:
        may_go.wait(60)
        yield from going(walkers, errand)

    monkeypatch.setattr(Walkers, "going", slow)
    plane = panel.plane.planes[0]
    qtbot.mousePress(plane, LEFT, pos=at(plane, (0.1, 0.1)))
    for step in range(2, 6):
        qtbot.mouseMove(plane, at(plane, (step / 10, 0.1)))
    last = panel.plane.stage.goal
    assert panel.plane.timeline.moment == Moment(3, 1.0), (
        "a drag shows the adapted policy"
    )
    may_go.set()
    settle(qtbot, panel)
    assert not panel.plane.timeline.is_playing, "it played while the goal was held"
    goals = [each.errand.goal for each in walked]
    assert len(goals) == 2, "what waited was not dropped for what is newest"
    assert goals[-1] == last == pytest.approx((0.5, 0.1), abs=0.01)
    qtbot.mouseRelease(plane, LEFT, pos=at(plane, (0.5, 0.1)))
    assert panel.plane.timeline.is_playing


def test_arrow_keys_move_the_goal_and_space_plays(
    qtbot: QtBot, panel: PlayPanel
) -> None:
    plane = panel.plane.planes[0]
    x, y = panel.plane.stage.goal
    qtbot.keyClick(plane, Qt.Key.Key_Right)
    qtbot.keyClick(plane, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert panel.plane.stage.goal == pytest.approx((x + 0.05, y + 0.01))
    settle(qtbot, panel)
    panel.plane.timeline.stop()
    assert f"{panel.plane.stage.goal[0]:.2f}" in plane.accessibleDescription()
    qtbot.keyClick(plane, Qt.Key.Key_Space)
    assert panel.plane.timeline.is_playing
    qtbot.keyClick(plane, Qt.Key.Key_Space)
    assert not panel.plane.timeline.is_playing


def test_the_goal_stays_in_view(qtbot: QtBot, panel: PlayPanel) -> None:
    plane = panel.plane.planes[0]
    for _ in range(80):
        qtbot.keyPress(plane, Qt.Key.Key_Up)
    assert plane.rect().contains(at(plane, panel.plane.stage.goal))


def test_figures_are_those_of_the_walks_and_a_line_shows_its_walk(
    qtbot: QtBot, panel: PlayPanel
) -> None:
    walks = panel.plane.stage.journeys[0].walks
    assert walks is not None
    table = panel.side.tables[0]
    assert table.rowCount() == 4
    for row, walk in enumerate(walks.updates):
        told = text(panel, 0, row, 1).replace("\N{MINUS SIGN}", "-").split(" ± ")
        assert float(told[0]) == pytest.approx(walk.returns.mean(), abs=0.06)
        assert text(panel, 0, row, 2) == f"{walk.distances.mean():.2f}"
    item = table.visualItemRect(table.item(1, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=item)
    assert panel.plane.timeline.moment == Moment(1, 1.0)
    assert panel.plane.planes[0].scene.moment == Moment(1, 1.0)
    assert panel.plane.planes[0].scene.words.startswith("After 1 update")


def test_more_updates_are_made_on_request(qtbot: QtBot, panel: PlayPanel) -> None:
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.side.updates.setValue(5)
    assert panel.side.tables[0].rowCount() == 6
    assert panel.plane.timeline.moment == Moment(5, 1.0)
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.side.updates.setValue(0)
    assert panel.side.tables[0].rowCount() == 1
    assert panel.plane.timeline.moment == Moment(0, 1.0)


def test_two_runs_walk_side_by_side_to_one_goal(
    qtbot: QtBot, session: Session, panel: PlayPanel
) -> None:
    other = made_run(session.runs, name="other", step=9)
    first = panel.picker.folders[0]
    assert not panel.plane.planes[1].isVisible()
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.picker.choose([first, other.path])
    assert panel.plane.planes[1].isVisible()
    assert panel.side.tables[1].isVisible()
    assert "other" in panel.plane.planes[1].accessibleName()
    went: list[Walked] = []
    panel.walking.went.connect(went.append)
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.send()
    assert went == [], "one plane was shown without the other"
    one, two = (journey.walks for journey in panel.plane.stage.journeys)
    assert one is not None
    assert two is not None
    assert one.goal == two.goal
    assert text(panel, 0, 0, 1) != text(panel, 1, 0, 1)
    assert not panel.findChild(QToolButton, "play_runs.add").isVisible()
    reel = panel.arena.reel()
    assert reel is not None
    assert reel.size.height() > 360, "a film of two runs names neither"


def test_a_run_that_cannot_walk_says_so_and_the_other_walks(
    qtbot: QtBot, session: Session, panel: PlayPanel
) -> None:
    broken = made_run(session.runs, name="broken")
    for file in broken.checkpoints.iterdir():
        file.write_bytes(b"nothing")
    first = panel.picker.folders[0]
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.picker.choose([first, broken.path])
    assert panel.plane.planes[1].scene.words
    assert panel.side.tables[1].rowCount() == 0
    assert panel.side.tables[0].rowCount() == 4


def test_another_goal_and_another_chance_are_one_button_each(
    qtbot: QtBot, panel: PlayPanel
) -> None:
    before, goal = panel.plane.stage.journeys[0].walks, panel.plane.stage.goal
    again = panel.findChild(QToolButton, "play.another_chance.button")
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        qtbot.mouseClick(again, LEFT)
    walks = panel.plane.stage.journeys[0].walks
    assert before is not None
    assert walks is not None
    assert walks.goal == goal
    assert not np.array_equal(before.updates[0].paths, walks.updates[0].paths)
    other = panel.findChild(QToolButton, "play.another_goal.button")
    qtbot.mouseClick(other, LEFT)
    settle(qtbot, panel)
    assert panel.plane.stage.goal != goal


def test_the_start_is_dragged_where_tasks_differ_in_it(
    qtbot: QtBot, session: Session, panel: PlayPanel
) -> None:
    varied = made_run(session.runs, name="varied", task__start="varied")
    plane, goal = panel.plane.planes[0], panel.plane.stage.goal
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.picker.choose([varied.path])
    qtbot.mousePress(plane, LEFT, pos=at(plane, (0.0, 0.0)))
    qtbot.mouseMove(plane, at(plane, (-0.2, -0.2)))
    qtbot.mouseRelease(plane, LEFT, pos=at(plane, (-0.2, -0.2)))
    assert panel.plane.stage.start == pytest.approx((-0.2, -0.2), abs=0.02)
    assert panel.plane.stage.goal == goal
    qtbot.waitUntil(lambda: not panel.walking.is_busy, timeout=SECONDS)
    walks = panel.plane.stage.journeys[0].walks
    assert walks is not None
    assert walks.updates[0].paths[0, 0].tolist() == pytest.approx(
        panel.plane.stage.start
    )


def test_the_wheel_looks_from_farther_away(qtbot: QtBot, panel: PlayPanel) -> None:
    plane = panel.plane.planes[0]
    before = at(plane, (0.5, 0.5))
    qtbot.keyClick(plane, Qt.Key.Key_Minus)
    assert at(plane, (0.5, 0.5)).x() < before.x()
    qtbot.keyClick(plane, Qt.Key.Key_Plus)
    assert at(plane, (0.5, 0.5)) == before


def test_a_plane_is_drawn_in_the_theme_with_the_colour_of_its_run(
    panel: PlayPanel,
) -> None:
    plane = panel.plane.planes[0]
    for chosen in (theme.Theme.LIGHT, theme.Theme.DARK):
        theme.choose(chosen)
        seen, shown = colours_of(plane.grab().toImage()), colours()
        assert shown.run(0).name() in seen
        assert shown.support.name() in seen, "there is no goal"


def test_a_newer_checkpoint_walks_when_the_tab_is_shown_again(
    qtbot: QtBot, session: Session, panel: PlayPanel
) -> None:
    run = panel.picker.folders[0]
    panel.hide()
    from workbench.core.runs.store import RunFolder

    write_checkpoint(RunFolder(run), 50)
    with qtbot.waitSignal(panel.walking.walked, timeout=SECONDS):
        panel.show()
    assert panel.plane.stage.journeys[0].step == 50
    assert "meta-step 50" in panel.side.timing.toolTip()


def test_the_film_has_every_update_and_stands_still_at_the_end(
    qtbot: QtBot,
    session: Session,
    panel: PlayPanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, told = tmp_path / "walks", list[Notice]()
    session.notified.connect(told.append)
    answer = (str(path), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    panel.side.updates.setValue(1)
    settle(qtbot, panel)
    with qtbot.waitSignal(panel.films.saved, timeout=SECONDS):
        session_action = next(a for a in panel.actions() if a.id == "play.export")
        session_action.trigger()
    assert told[-1].text.startswith("Saved walks.gif")
    with Image.open(tmp_path / "walks.gif") as film:
        assert film.n_frames >= FRAMES // 2
        film.seek(film.n_frames - 1)
        assert film.info["duration"] >= 1000
        assert film.size == (360, 360)


def test_where_there_is_ffmpeg_the_film_may_be_a_video(
    qtbot: QtBot, panel: PlayPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_make_videos():
        pytest.skip("there is no ffmpeg")
    asked = list[str]()

    def answer(*question: object) -> tuple[str, str]:
        asked.append(str(question[-1]))
        return str(tmp_path / "adaptation.gif"), "MP4 video (*.mp4)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    panel.side.updates.setValue(1)
    settle(qtbot, panel)
    with qtbot.waitSignal(panel.films.saved, timeout=SECONDS):
        next(a for a in panel.actions() if a.id == "play.export").trigger()
    assert asked == ["GIF (*.gif);;MP4 video (*.mp4)"]
    film = tmp_path / "adaptation.mp4"
    assert [*tmp_path.glob("adaptation.*")] == [film]
    reel = panel.arena.reel()
    assert reel is not None
    told = subprocess.run(
        ["ffmpeg", "-i", film, "-f", "null", "-"],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    ).stderr
    assert "360x360" in told
    found = re.search(r"Duration: 00:00:(\d+\.\d+)", told)
    assert found is not None
    assert float(found[1]) == pytest.approx(sum(reel.milliseconds) / 1000, abs=0.3)


def test_without_ffmpeg_a_film_is_a_gif(
    panel: PlayPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = list[str]()

    def decline(*question: object) -> tuple[str, str]:
        asked.append(str(question[-1]))
        return "", ""

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", decline)
    next(a for a in panel.actions() if a.id == "play.export").trigger()
    assert asked == ["GIF (*.gif)"]


def test_what_ffmpeg_says_is_told_in_one_message(
    qtbot: QtBot,
    session: Session,
    panel: PlayPanel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho first >&2\necho no encoder here >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    reel = panel.arena.reel()
    assert reel is not None
    with qtbot.waitSignal(session.failed, timeout=SECONDS) as failed:
        panel.films.save(tmp_path / "x.mp4", reel)
    assert "could not be written" in failed.args[0]
    assert "no encoder here" in failed.args[0]
    assert not (tmp_path / "x.mp4").exists()


def test_a_film_that_cannot_be_written_says_so(
    qtbot: QtBot, session: Session, panel: PlayPanel, tmp_path: Path
) -> None:
    reel = panel.arena.reel()
    assert reel is not None
    with qtbot.waitSignal(session.failed, timeout=SECONDS) as failed:
        panel.films.save(tmp_path / "nowhere" / "x.gif", reel)
    assert "could not be written" in failed.args[0]


def test_a_frame_where_a_walk_ends_shows_its_end() -> None:
    assert moment_at(0) == Moment(0, 0.0)
    assert moment_at(FRAMES) == Moment(0, 1.0)
    assert moment_at(FRAMES + 1) == Moment(1, 1 / FRAMES)
    assert moment_at(2 * FRAMES) == Moment(1, 1.0)


def test_keys_move_the_timeline_by_whole_walks(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.go_to(0)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_PageUp)
    assert timeline.moment == Moment(1, 1.0)
    assert timeline.label.text() == "after 1 update"
    qtbot.keyClick(timeline.slider, Qt.Key.Key_PageDown)
    assert timeline.label.text() == "before adapting"
