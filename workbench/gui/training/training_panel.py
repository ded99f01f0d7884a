"""The Training panel: watch a run, and say what to do when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from workbench.core.base.errors import Problem, Remedy
from workbench.core.config.run_config import RunConfig
from workbench.core.results.own_result import own_result
from workbench.core.runs.events import AlertEvent, Outcome
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look import theme
from workbench.gui.look.banner import Banner, Offer
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.drafts import default_draft
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Progress, Session
from workbench.gui.shell.wording import button_of, tip_of, told
from workbench.gui.training.beside_bars import BesideBars
from workbench.gui.training.plot_board import PlotBoard
from workbench.gui.training.run_actions import RunActions
from workbench.gui.training.run_controller import Failure, RunController
from workbench.gui.training.run_state import RunState
from workbench.gui.training.run_status_bar import RunStatus, RunStatusBar
from workbench.gui.training.task_watch import TaskWatch

if TYPE_CHECKING:
    from workbench.core.runs.errors import RunError
    from workbench.core.runs.store import RunFolder

_MOVING = (RunState.RUNNING, RunState.FOLLOWING, RunState.PAUSING)
_STATUS_MS = 250


class TrainingPanel(Panel):
    """Trains the session's configuration, and draws the run that the session shows."""

    title = "Training"
    order = 10
    icon = "mdi6.chart-line"
    help = "Train, and watch it learn to learn"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("training_panel")
        self.board = PlotBoard(self)
        self.banner = Banner(self)
        self.status = RunStatusBar()
        self.controller = RunController(session.data, session.runs, self)
        self.beside = BesideBars(session, self.controller, self)
        self.elsewhere = self.beside.elsewhere
        self.watch = TaskWatch(self.controller, session.data, self)
        self.commands = RunActions(session, self.controller, self)
        self._remedies: list[Remedy] = []
        self._failed: RunConfig | None = None
        self._alerted = ("", 0)
        self._about: tuple[RunFolder | None, Problem | None] = (None, None)
        self._live: Path | None = None
        self._status_timer = QTimer(self)
        self._status_timer.setSingleShot(True)
        self._status_timer.setInterval(_STATUS_MS)
        self._status_timer.timeout.connect(self._show_status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.beside)
        column.addWidget(self.board, 1)
        self._connect_session()
        self._connect_controller()
        self._connect_parts()
        usual = RunConfig.from_dict(default_draft())
        self._on_session_config_changed(session.config or usual)

    def status_widgets(self) -> Sequence[QWidget]:
        """Show how the run stands."""
        return (self.status,)

    def fill(self) -> Iterator[None]:
        """Make the plots that stand behind others."""
        return self.board.fill()

    def busy_with(self) -> str:
        """Say that a run is being trained."""
        if not self.controller.state.is_busy:
            return ""
        return f"{self.controller.trained_name()} is being trained."

    def stop_work(self) -> None:
        """Stop the run that trains, with a checkpoint."""
        self.controller.stop()

    def shut_down(self) -> None:
        """Stop training with a checkpoint, and everything that reads."""
        self._status_timer.stop()
        self.controller.shut_down()
        self.watch.shut_down()

    def _connect_session(self) -> None:
        session = self.session
        session.config_changed.connect(self._on_session_config_changed)
        session.run_changed.connect(self._on_session_run_changed)
        session.renamed.connect(self.controller.rename)
        session.overlaid_changed.connect(self._on_session_overlaid_changed)

    def _connect_controller(self) -> None:
        controller = self.controller
        controller.state_changed.connect(self._on_controller_state_changed)
        controller.shown_changed.connect(self._on_controller_shown_changed)
        controller.updated.connect(self._on_controller_updated)
        controller.alerted.connect(self._on_controller_alerted)
        controller.info_changed.connect(self._on_controller_info_changed)
        controller.ended.connect(self._on_controller_ended)
        controller.failed.connect(self._on_controller_failed)

    def _connect_parts(self) -> None:
        self.board.task_wanted.connect(self.watch.show_task)
        self.board.front_changed.connect(self._on_board_front_changed)
        self.board.saved.connect(self._on_board_saved)
        self.board.failed.connect(self.session.fail)
        self.watch.looked.connect(self.board.show_task)
        self.watch.failed.connect(self._on_watch_failed)
        self.banner.chosen.connect(self._on_banner_chosen)

    # What happens.

    def _on_controller_state_changed(self, state: RunState) -> None:
        if state is RunState.STARTING:
            self.banner.hide()
        self.session.set_run_state(str(state) if state.is_busy else "")
        self._show_status()

    def _on_controller_shown_changed(self, runs: tuple[object, ...]) -> None:
        self.board.show_task(None)
        self.board.show_runs(runs)  # type: ignore[arg-type]
        self.session.set_shown(
            {Path(run.history.run_id): run.index for run in self.controller.shown()}
        )
        self._show_status()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watch.set_watched(self.board.watches_task)

    def _on_controller_updated(self) -> None:
        self.board.update_soon()
        self._show_alert()
        self.watch.set_watched(self.board.watches_task)
        if not self._status_timer.isActive():
            self._status_timer.start()

    def _on_controller_alerted(self, alerts: list[AlertEvent]) -> None:
        """Say what nothing is offered for; it stays until it was read."""
        said = [alert.message for alert in alerts if not alert.remedies]
        if said and not (self._remedies and self.banner.isVisible()):
            text = f"{self.controller.trained_name()}: {'; '.join(said)}"
            # Training goes on all the same, unlike one that diverges.
            self.banner.show_offers(text, role="warning")

    def _on_controller_info_changed(self, info: RunInfo) -> None:
        folder, history = self.controller.folder, self.controller.history
        about = folder, info.problem
        if about != self._about and history is not None:
            self._about = about
            self._show_problem(info.problem, history.config)
        if folder is not None:
            self._tell_of_end(folder.path, info)
        self._show_status()

    def _tell_of_end(self, path: Path, info: RunInfo) -> None:
        """Tell that the run shown has ended, if another process trained it.

        The queue tells of its runs itself.
        """
        is_queue = path in self.session.beside.queue.runs
        if info.is_alive:
            is_told = is_queue or self.controller.is_training_shown
            self._live = None if is_told else path
        elif path == self._live:
            self._live = None
            if not is_queue:
                problem = info.problem
                result = own_result(path) if problem is None else told(problem)
                text = ", ".join(filter(None, [info.state, result]))
                is_well = info.state == "completed"
                self.session.tell_end(info.name, text, is_well=is_well)

    def _on_controller_ended(self, outcome: Outcome, trained: RunHistory) -> None:
        self.board.redraw()
        session, step = self.session, f"{trained.step:,}"
        if outcome is Outcome.COMPLETED:
            said = [f"{step} meta-steps made", own_result(Path(trained.run_id))]
            text = ", ".join(filter(None, said))
            session.notify(f"{trained.title}: {text}", "good")
            session.tell_end(trained.title, text)
        elif outcome is Outcome.STOPPED:
            text = f"stopped at meta-step {step}, with a checkpoint"
            # What the toast offers is done to the run shown.
            offer = "run.continue" if trained is self.controller.history else ""
            session.notify(f"{trained.title}: {text}", "info", offer)
            session.tell_end(trained.title, text)

    def _on_controller_failed(self, failure: Failure) -> None:
        self._show_problem(failure.problem, failure.config)
        text = _failed(failure.problem)
        self.session.tell_end(failure.name, text, is_well=False)
        if not self._remedies:
            self.session.fail(text, failure.details)

    def _show_problem(self, problem: Problem | None, config: RunConfig) -> None:
        """Say why a run failed and offer what helps; nothing for one that did not."""
        if problem is None:
            self._remedies = []
            self.banner.hide()
        elif any(each.changes for each in problem.remedies):
            self._offer(f"The run failed: {problem.text}", problem.remedies, config)
        else:
            self._remedies = []
            self.banner.show_offers(_failed(problem))

    def _show_alert(self) -> None:
        """Say once of the run in hand that it diverges, and offer what helps."""
        history = self.controller.history
        alert = None if history is None else history.alert
        if history is None or alert is None or not self._is_trained(history):
            return
        if self._alerted != (history.run_id, alert.step):
            self._alerted = history.run_id, alert.step
            text = f"Meta-step {alert.step:,}: {alert.message}"
            self._offer(text, alert.remedies, history.config)

    def _is_trained(self, history: RunHistory) -> bool:
        """Return whether a run is trained now, here or elsewhere."""
        state = self.controller.state
        is_at_hand = history is self.controller.at_hand
        return is_at_hand and (state.is_busy or state is RunState.FOLLOWING)

    def _offer(self, text: str, remedies: Sequence[Remedy], config: RunConfig) -> None:
        """Say what is wrong with a run, and offer what changes its settings."""
        self._remedies = [each for each in remedies if each.changes]
        self._failed = config
        self.banner.show_offers(
            f"{text}. Change one of these and start again:",
            [Offer(button_of(each), tip_of(each)) for each in self._remedies],
        )

    def _on_banner_chosen(self, index: int) -> None:
        remedy, failed = self._remedies[index], self._failed
        if failed is None or failed == self.session.config:
            self.session.apply_overrides(remedy.changes)
        else:
            self.session.load_config(failed.replace(remedy.changes))
        # What trains now has to be stopped before it can be started again.
        then = "run.stop" if self.controller.state.is_busy else "run.start"
        text = f"{button_of(remedy)}: {remedy.effect}"
        self.session.notify(text, "info", then)

    def _on_session_run_changed(self, run: RunFolder | None) -> None:
        from workbench.core.runs.errors import RunError

        try:
            self.controller.show(run)
        except RunError as error:
            self.controller.show(None)
            self._tell_not_shown(error)

    def _on_session_config_changed(self, config: RunConfig | None) -> None:
        if config is not None:
            self.board.preview(RunHistory("", "", config))

    def _on_session_overlaid_changed(self, runs: tuple[object, ...]) -> None:
        for problem in self.controller.overlay(list(runs)):  # type: ignore[arg-type]
            self._tell_not_shown(problem)

    def _tell_not_shown(self, problem: RunError) -> None:
        self.session.notify(f"This run cannot be shown: {problem}", "warning")

    def _on_board_front_changed(self) -> None:
        self.watch.set_watched(self.board.watches_task)

    def _on_board_saved(self, path: Path) -> None:
        self.session.notify(f"Saved {path.name} to {path.parent}", "good")

    def _on_watch_failed(self, message: str) -> None:
        self.session.notify(message, "warning")

    def _show_status(self) -> None:
        status = run_status(self.controller, self.session.beside.queue)
        self.status.show_status(status)
        self.session.set_progress(run_progress(self.controller, status))
        self.beside.refresh()


def _failed(problem: Problem) -> str:
    return f"The run failed: {told(problem)}"


def run_progress(controller: RunController, status: RunStatus) -> Progress | None:
    """Return how far the run is that trains here, or that is followed."""
    history, state = controller.at_hand, controller.state
    if history is None or not (state.is_busy or state is RunState.FOLLOWING):
        return None
    speed, left = history.speed, status.seconds_left
    made = 0.0 if speed is None else speed.seconds
    in_all = None if left is None else made + left
    run = Path(history.run_id), history.title, history.config
    return Progress(*run, history.step, left, in_all)


def run_status(controller: RunController, queue: QueueNews) -> RunStatus:
    """Return what there is to say of the run that trains here, or of the one shown.

    The queue may be what trains it.
    """
    history, state = controller.at_hand, controller.state
    if history is None:
        return RunStatus()
    info = controller.info if history is controller.history else None
    iterations = history.config.training.iterations
    is_followed = state is RunState.FOLLOWING
    is_paused = is_followed and info is not None and info.state == "paused"
    moves = state in _MOVING and not is_paused
    speed = history.speed
    left = None if speed is None else speed.seconds_left
    if left is None and info is not None:
        left = info.seconds_left  # it is written down before the first step is made
    text, about = str(state), f"What {history.title} does"
    if is_followed:
        text, about = _followed(queue, Path(history.run_id), is_paused=is_paused)
    elif info is not None and not state.is_busy:
        text = info.state
    return RunStatus(
        name=history.title,
        state=text,
        about=about,
        step=history.step,
        iterations=iterations,
        waits=state is RunState.STARTING,
        tasks_per_second=None if speed is None or not moves else speed.tasks_per_second,
        seconds_left=left if moves or state is RunState.STARTING else None,
        memory_mb=None if speed is None else speed.memory_mb,
        device="" if info is None else info.device,
    )


def _followed(queue: QueueNews, run: Path, *, is_paused: bool) -> tuple[str, str]:
    """Return what a run does that is not trained here, and what it means."""
    doing = "paused" if is_paused else "trained"
    if run not in queue.runs:
        return f"{doing} elsewhere", "Another process trains it: stop it there"
    if not queue.is_mine:
        return f"{doing} by queue", "Another process trains the queue: stop it there"
    return f"{doing} by queue", "The queue trains it: Pause and Stop act on it"
