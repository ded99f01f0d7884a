"""Every transition of the run's state, with real training of a tiny configuration."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui import made_up
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import EndEvent, Outcome, StepEvent
from workbench.core.runs.store import MetricsWriter, RunFolder, RunInfo
from workbench.core.training.outer_loop import OuterLoop
from workbench.gui.graphs.series import RunHistory
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.run_state import RunState

WAIT_MS = 60_000
LIVE = {"state": "running", "pid": os.getppid(), "host": socket.gethostname()}
"""What a run's folder says while another process trains it."""


def tiny(iterations: int = 100_000) -> RunConfig:
    return made_up.config(
        model__hidden=(4,),
        training__iterations=iterations,
        training__meta_batch=2,
        evaluation__every=50,
        evaluation__validation_tasks=2,
        evaluation__tasks=2,
        evaluation__steps=2,
    )


@pytest.fixture
def controller(qapp: object, tmp_path: Path) -> Iterator[RunController]:
    made = RunController(tmp_path / "data", tmp_path / "runs")
    yield made
    made.shut_down()
    made.deleteLater()


def wait_for(qtbot: QtBot, controller: RunController, *states: RunState) -> None:
    qtbot.waitUntil(lambda: controller.state in states, timeout=WAIT_MS)


def wait_for_step(qtbot: QtBot, controller: RunController, step: int) -> None:
    qtbot.waitUntil(
        lambda: controller.history is not None and controller.history.step >= step,
        timeout=WAIT_MS,
    )


def start_running(
    qtbot: QtBot, controller: RunController, **settings: int
) -> RunFolder:
    folder = controller.start(tiny(**settings))
    wait_for(qtbot, controller, RunState.RUNNING)
    wait_for_step(qtbot, controller, 1)
    return folder


def test_nothing_trains_at_first(controller: RunController) -> None:
    assert controller.state is RunState.IDLE
    assert not controller.state.is_busy
    assert controller.shown() == ()


def test_starting_goes_on_to_running(qtbot: QtBot, controller: RunController) -> None:
    controller.start(tiny())
    assert controller.state is RunState.STARTING
    wait_for(qtbot, controller, RunState.RUNNING)


def test_a_run_that_reaches_its_end_is_completed_exactly_once(
    qtbot: QtBot, controller: RunController
) -> None:
    ends: list[tuple[Outcome, RunHistory | None]] = []
    controller.ended.connect(lambda outcome, run: ends.append((outcome, run)))
    folder = controller.start(tiny(iterations=60))
    wait_for(qtbot, controller, RunState.COMPLETED)
    assert ends == [(Outcome.COMPLETED, controller.history)]
    assert folder.info().state == "completed"
    assert controller.history is not None
    steps, _ = controller.history.curve("loss")
    assert steps.tolist() == list(range(1, 61))
    assert folder.info().test is not None


def test_pausing_a_running_run_pauses_it(
    qtbot: QtBot, controller: RunController
) -> None:
    folder = start_running(qtbot, controller)
    controller.pause()
    assert controller.state is RunState.PAUSING
    wait_for(qtbot, controller, RunState.PAUSED)
    assert controller.history is not None
    step = controller.history.step
    assert (folder.info().state, folder.info().step) == ("paused", step)
    with qtbot.waitSignal(controller.snapshot_ready, timeout=WAIT_MS) as signal:
        assert controller.ask_for_snapshot()
    assert signal.args[0].step == step, "it was trained on while paused"


def test_a_paused_run_says_now_and_then_that_it_is_there(
    qtbot: QtBot, controller: RunController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.gui.training.run_thread.SIGN_SECONDS", 0.05)
    folder = start_running(qtbot, controller)
    controller.pause()
    wait_for(qtbot, controller, RunState.PAUSED)
    sign = folder.info().heartbeat
    qtbot.waitUntil(lambda: folder.info().heartbeat > sign, timeout=WAIT_MS)
    assert folder.info().state == "paused"


def test_a_run_paused_while_it_starts_pauses_after_its_first_event(
    qtbot: QtBot, controller: RunController
) -> None:
    controller.start(tiny())
    controller.pause()
    wait_for(qtbot, controller, RunState.PAUSED)


def test_resuming_a_paused_run_trains_on(
    qtbot: QtBot, controller: RunController
) -> None:
    folder = start_running(qtbot, controller)
    controller.pause()
    wait_for(qtbot, controller, RunState.PAUSED)
    assert controller.history is not None
    step = controller.history.step
    controller.resume()
    assert controller.state is RunState.RUNNING
    wait_for_step(qtbot, controller, step + 1)
    assert folder.info().state == "running"


def test_a_pause_taken_back_before_it_came_leaves_the_run_running(
    qtbot: QtBot, controller: RunController
) -> None:
    start_running(qtbot, controller)
    assert controller.history is not None
    step = controller.history.step
    controller.pause()
    controller.resume()
    assert controller.state is RunState.RUNNING
    wait_for_step(qtbot, controller, step + 1)
    assert controller.state is RunState.RUNNING


def test_stopping_a_running_run_ends_it_with_a_checkpoint(
    qtbot: QtBot, controller: RunController
) -> None:
    folder = start_running(qtbot, controller)
    with qtbot.waitSignal(controller.ended, timeout=WAIT_MS) as signal:
        controller.stop()
        assert controller.state is RunState.STOPPING
    assert signal.args == [Outcome.STOPPED, controller.history]
    assert controller.state is RunState.STOPPED
    assert folder.checkpoint("latest").is_file()
    assert folder.info().state == "stopped"


def test_stopping_a_paused_run_ends_it(qtbot: QtBot, controller: RunController) -> None:
    folder = start_running(qtbot, controller)
    controller.pause()
    wait_for(qtbot, controller, RunState.PAUSED)
    controller.stop()
    wait_for(qtbot, controller, RunState.STOPPED)
    assert folder.checkpoint("latest").is_file()
    assert folder.info().state == "stopped"


def test_stopping_a_run_that_starts_ends_it(
    qtbot: QtBot, controller: RunController
) -> None:
    controller.start(tiny())
    controller.stop()
    assert controller.state is RunState.STOPPING
    wait_for(qtbot, controller, RunState.STOPPED)


def test_stopping_twice_ends_once(qtbot: QtBot, controller: RunController) -> None:
    ends: list[Outcome] = []
    controller.ended.connect(lambda outcome, _: ends.append(outcome))
    start_running(qtbot, controller)
    controller.stop()
    controller.stop()
    wait_for(qtbot, controller, RunState.STOPPED)
    assert ends == [Outcome.STOPPED]


def test_an_error_fails_the_run_with_its_message_and_another_can_start(
    qtbot: QtBot, controller: RunController, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = OuterLoop.advance

    def planted(self: OuterLoop) -> object:
        if self.step == 3:
            raise RuntimeError("planted: the sky fell\nand more")
        return advance(self)

    with monkeypatch.context() as patch:
        patch.setattr(OuterLoop, "advance", planted)
        with qtbot.waitSignal(controller.failed, timeout=WAIT_MS) as signal:
            folder = controller.start(tiny())
    failure = signal.args[0]
    assert failure.problem.text == "planted: the sky fell"
    assert "Traceback" in failure.details
    assert controller.state is RunState.FAILED
    assert folder.info().state == "failed"
    start_running(qtbot, controller)


def test_a_stopped_run_is_continued_without_a_step_missing_or_twice(
    qtbot: QtBot, controller: RunController
) -> None:
    folder = start_running(qtbot, controller, iterations=400)
    wait_for_step(qtbot, controller, 20)
    controller.stop()
    wait_for(qtbot, controller, RunState.STOPPED)
    controller.continue_run(folder)
    assert controller.state is RunState.STARTING
    wait_for(qtbot, controller, RunState.COMPLETED)
    assert controller.history is not None
    steps, _ = controller.history.curve("loss")
    assert steps.tolist() == list(range(1, 401))


def test_a_completed_run_is_continued_to_more_steps(
    qtbot: QtBot, controller: RunController
) -> None:
    folder = controller.start(tiny(iterations=20))
    wait_for(qtbot, controller, RunState.COMPLETED)
    controller.continue_run(folder, 30)
    wait_for(qtbot, controller, RunState.RUNNING, RunState.COMPLETED)
    wait_for(qtbot, controller, RunState.COMPLETED)
    assert controller.history is not None
    steps, _ = controller.history.curve("loss")
    assert steps.tolist() == list(range(1, 31))


def test_a_second_run_cannot_start_beside_the_first(
    qtbot: QtBot, controller: RunController
) -> None:
    start_running(qtbot, controller)
    with pytest.raises(RuntimeError, match="already"):
        controller.start(tiny())


def test_shutting_down_while_running_saves_and_ends_exactly_once(
    qtbot: QtBot, controller: RunController
) -> None:
    ends: list[Outcome] = []
    controller.ended.connect(lambda outcome, _: ends.append(outcome))
    folder = start_running(qtbot, controller)
    controller.shut_down()
    assert ends == [Outcome.STOPPED]
    assert folder.checkpoint("latest").is_file()
    assert folder.info().state == "stopped"


def test_the_state_is_that_of_the_run_shown_once_another_has_been_trained(
    qtbot: QtBot, controller: RunController
) -> None:
    first = controller.start(tiny(iterations=20))
    wait_for(qtbot, controller, RunState.COMPLETED)
    second = start_running(qtbot, controller)
    trained = controller.history
    controller.show(first)
    assert controller.info == first.info()
    with qtbot.waitSignal(controller.ended, timeout=WAIT_MS) as ended:
        controller.stop()
    assert ended.args == [Outcome.STOPPED, trained]
    assert controller.state is RunState.COMPLETED
    assert controller.info == first.info()
    controller.show(second)
    assert controller.state is RunState.STOPPED
    assert controller.info == second.info()


def foreign_run(tmp_path: Path) -> tuple[RunFolder, MetricsWriter]:
    folder = RunFolder.create(tmp_path / "elsewhere", tiny())
    folder.update(**LIVE)
    return folder, MetricsWriter(folder, 0)


def test_a_foreign_run_is_followed_live_until_it_ends(
    qtbot: QtBot, controller: RunController, tmp_path: Path
) -> None:
    folder, writer = foreign_run(tmp_path)
    events = list(made_up.run_events(30))
    writer.append(events[:20])
    controller.show(folder)
    wait_for(qtbot, controller, RunState.FOLLOWING)
    last = max(e.step for e in events[:20] if isinstance(e, StepEvent))
    wait_for_step(qtbot, controller, last)
    writer.append(events[20:])
    wait_for_step(qtbot, controller, 30)
    writer.append([EndEvent(30, Outcome.COMPLETED)])
    writer.close()
    folder.update(state="completed")
    wait_for(qtbot, controller, RunState.COMPLETED)
    assert controller.history is not None
    assert controller.history.curve("loss")[0].tolist() == list(range(1, 31))


def test_a_foreign_run_that_resumes_from_before_is_read_anew(
    qtbot: QtBot, controller: RunController, tmp_path: Path
) -> None:
    folder, writer = foreign_run(tmp_path)
    events = list(made_up.run_events(40, seed=1))
    writer.append(events[:10])
    length = writer.length
    writer.append(events[10:])
    controller.show(folder)
    wait_for_step(qtbot, controller, 40)
    writer.close()
    MetricsWriter(folder, length).close()
    qtbot.waitUntil(
        lambda: len(controller.history.curve("loss")[0]) < 12,  # type: ignore[union-attr]
        timeout=WAIT_MS,
    )


def test_overlaid_runs_have_their_own_colour_and_are_let_go(
    qtbot: QtBot, controller: RunController, tmp_path: Path
) -> None:
    first, unused = foreign_run(tmp_path / "a")
    unused.close()
    other, writer = foreign_run(tmp_path / "b")
    writer.append(list(made_up.run_events(5)))
    writer.close()
    controller.show(first)
    controller.overlay([other])
    shown = controller.shown()
    assert [run.index for run in shown] == [0, 1]
    qtbot.waitUntil(lambda: shown[1].history.step == 5, timeout=WAIT_MS)
    controller.overlay([])
    assert [run.index for run in controller.shown()] == [0]


def test_a_run_keeps_its_colour_while_it_is_shown_and_frees_it_for_the_next(
    controller: RunController, tmp_path: Path
) -> None:
    a, b, c, d = (RunFolder.create(tmp_path, tiny(), name=name) for name in "abcd")

    def indices() -> dict[str, int]:
        return {run.history.title: run.index for run in controller.shown()}

    for alone in (a, b, c):
        controller.show(alone)
        assert [*indices().values()] == [0]
    controller.overlay([c, b, a])
    assert indices() == {"c": 0, "b": 1, "a": 2}
    controller.overlay([b, a])
    controller.show(b)
    assert indices() == {"b": 1, "a": 2}
    controller.overlay([a, d])
    assert indices() == {"b": 1, "a": 2, "d": 0}
    controller.show(None)
    assert indices() == {"a": 2, "d": 0}


def test_a_run_damaged_since_it_is_shown_cannot_be_continued_and_is_still_shown(
    controller: RunController, tmp_path: Path
) -> None:
    folder, unused = foreign_run(tmp_path)
    unused.close()
    controller.show(folder)
    (folder.path / "config.toml").write_text("nothing of the kind")
    with pytest.raises(RunError):
        controller.continue_run(folder)
    controller.overlay([])
    assert [run.index for run in controller.shown()] == [0]


def test_another_run_can_be_looked_at_while_one_trains(
    qtbot: QtBot, controller: RunController, tmp_path: Path
) -> None:
    start_running(qtbot, controller)
    trained = controller.history
    other, writer = foreign_run(tmp_path)
    writer.close()
    controller.show(other)
    assert controller.state is RunState.RUNNING
    assert not controller.ask_for_snapshot()
    assert trained is not None
    step = trained.step
    qtbot.waitUntil(lambda: trained.step > step, timeout=WAIT_MS)


def test_one_failed_read_does_not_end_following(
    qtbot: QtBot,
    controller: RunController,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, writer = foreign_run(tmp_path)
    controller.show(folder)
    wait_for(qtbot, controller, RunState.FOLLOWING)
    read, failed = RunFolder.info, []

    def counting(folder: RunFolder) -> RunInfo:
        try:
            return read(folder)
        except RunError:
            failed.append(folder)
            raise

    monkeypatch.setattr(RunFolder, "info", counting)
    file, aside = folder.path / "run.json", folder.path / "aside"
    file.rename(aside)
    qtbot.waitUntil(lambda: bool(failed), timeout=WAIT_MS)
    aside.rename(file)
    writer.append(list(made_up.run_events(5)))
    writer.close()
    wait_for_step(qtbot, controller, 5)
    folder.update(state="completed", pid=None)
    wait_for(qtbot, controller, RunState.COMPLETED)
