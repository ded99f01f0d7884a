"""The actions of the Run menu: what they do, and when each of them can be taken."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.core.config.holdings import missing_data
from workbench.core.config.run_config import RunConfig
from workbench.core.planning.room import least_room
from workbench.gui.look.question import Question
from workbench.gui.shell.actions import Action, Place, command, make_commands
from workbench.gui.shell.beside import QueueNews
from workbench.gui.shell.session import Session
from workbench.gui.shell.twins import ask_about_twin
from workbench.gui.shell.wording import sentence, told, too_large
from workbench.gui.training.continue_dialog import ask_iterations
from workbench.gui.training.run_controller import RunController
from workbench.gui.training.run_state import RunState

_PAUSABLE = (RunState.STARTING, RunState.RUNNING)
_RESUMABLE = (RunState.PAUSING, RunState.PAUSED)
_IDLE = "Nothing is being trained here"


class RunActions(QObject):
    """Start or Queue this, Pause or Resume, Stop, Continue; made once for the host."""

    def __init__(
        self, session: Session, controller: RunController, host: QWidget
    ) -> None:
        super().__init__(host)
        self._session, self._controller, self._host = session, controller, host
        make_commands(self, host)
        session.draft_changed.connect(self._update)
        session.config_changed.connect(self._update)
        session.beside.queue_changed.connect(self._update)
        controller.state_changed.connect(self._update)
        controller.shown_changed.connect(self._update)
        controller.info_changed.connect(self._update)
        self._update()

    @command(
        "run.start",
        "&Start",
        icon="mdi6.play",
        shortcut="Ctrl+R",
        place=Place("Run", 100, toolbar=True),
    )
    def start(self) -> None:
        """Train this configuration as a new run."""
        config = self._session.config
        if config is None or not self._may_train("Queue" if self._queues else "Start"):
            return
        if self._queues:
            self._session.actions.trigger("queue.add")
        else:
            self._start(config)

    @command("run.start_beside", "Start &beside the queue", place=Place("Run", 105))
    def start_beside(self) -> None:
        """Train this configuration at once, while the queue is trained as well."""
        session, config = self._session, self._session.config
        if config is None or not self._may_train("Start"):
            return
        if chosen := ask_about_twin(session, config, "Start", self._host):
            self._start(chosen)

    def _may_train(self, verb: str) -> bool:
        """Return whether it can be trained; else say what is missing, or ask."""
        session, config = self._session, self._session.config
        if config is None:
            return False
        if missing := missing_data(config, session.data):
            session.notify(told(missing), "warning", "data.sets")
            return False
        doubt = session.doubt or self._doubt(config)
        return not doubt or self._insists(doubt, verb)

    @property
    def _queues(self) -> bool:
        """Whether a run would have to wait for another one."""
        return self._controller.state.is_busy or self._session.beside.queue.is_trained

    def _start(self, config: RunConfig) -> None:
        from workbench.core.runs.errors import RunError

        session = self._session
        if self._controller.state.is_busy:
            return
        try:
            folder = self._controller.start(config, session.preset)
        except RunError as error:
            session.fail("The run cannot be started.", sentence(error))
            return
        session.set_run(folder, is_picked=False)
        session.show_panel("Training")

    def _doubt(self, config: RunConfig) -> str:
        """Return why it cannot fit, though no forecast was waited for."""
        try:
            room = least_room(config)
        except RuntimeError:  # a model that draws nothing without numbers
            return ""
        return "" if room.is_enough else too_large(room)

    def _insists(self, doubt: str, verb: str) -> bool:
        """Ask whether to train what does not seem to fit into memory."""
        more = "Training would fail, or the system would end the window."
        question = Question(
            "too_large_question", f"{verb}?", doubt, f"{verb} all the same", more
        )
        return question.ask(self._host)

    @command(
        "run.pause",
        "&Pause",
        icon="mdi6.pause",
        shortcut="Ctrl+P",
        place=Place("Run", 110, toolbar=True),
    )
    def pause(self) -> None:
        """Pause what trains, also if it is the queue's, or let it go on."""
        if self._queue_at_hand is not None:
            id = "queue.start" if self._queue_at_hand.is_held else "queue.hold"
            self._session.actions.trigger(id)
        elif self._controller.state in _RESUMABLE:
            self._controller.resume()
        else:
            self._controller.pause()

    @command(
        "run.stop",
        "S&top",
        icon="mdi6.stop",
        shortcut="Ctrl+.",
        place=Place("Run", 120, toolbar=True),
    )
    def stop(self) -> None:
        """Stop what trains after the present meta-step, with a checkpoint."""
        if self._queue_at_hand is not None:
            self._session.actions.trigger("queue.stop")
        else:
            self._controller.stop()

    @command(
        "run.continue",
        "&Continue",
        icon="mdi6.skip-next",
        shortcut="Ctrl+Shift+R",
        place=Place("Run", 200),
    )
    def resume(self) -> None:
        """Train the selected run further, from its latest checkpoint."""
        from workbench.core.runs.errors import RunError

        folder, history = self._controller.folder, self._controller.history
        if folder is None or history is None:
            return
        more: int | None = None
        if self._controller.state is RunState.COMPLETED:
            made = history.config.training.iterations
            more = ask_iterations(history.title, made, self._host)
            if more is None:
                return
        try:
            self._controller.continue_run(folder, more)
        except (RunError, OSError) as error:
            self._session.fail("The run cannot be continued.", sentence(error))

    def _update(self, *_news: object) -> None:
        """Enable what can be done now, and say which run it would be done to."""
        at_hand, busy = self._controller.at_hand, self._controller.state.is_busy
        name = "" if at_hand is None else at_hand.title
        self._show_start(name, self._session.why_not())
        if self._queue_at_hand is None:
            self._show_own(name)
        else:
            self._show_queue(self._queue_at_hand)
        why_not = f"{name} is being trained: stop it first" if busy else ""
        self._show_continue(why_not)

    @property
    def _queue_at_hand(self) -> QueueNews | None:
        """How the queue stands, where Pause and Stop act on it and not on a run."""
        queue = self._session.beside.queue
        return queue if queue.is_mine and not self._controller.state.is_busy else None

    def _show_own(self, name: str) -> None:
        """Let Pause and Stop be of the run that this window itself trains."""
        state = self._controller.state
        is_elsewhere = state is RunState.FOLLOWING
        idle = f"{name} is trained by another process: stop it there"
        why_not = "" if state.is_busy else idle if is_elsewhere else _IDLE
        self._show_pause(name, waits=state in _RESUMABLE)
        self.pause.allow(state in _PAUSABLE or state in _RESUMABLE, why_not)
        then = "; then the queue begins" if self._session.beside.queue.is_next else ""
        self.stop.setText("S&top")
        self.stop.set_tip(
            f"Stop {name} after the present meta-step, with a checkpoint{then}"
        )
        can_stop = state.is_busy and state is not RunState.STOPPING
        self.stop.allow(can_stop, why_not)

    def _show_queue(self, queue: QueueNews) -> None:
        """Let Pause and Stop be of the queue, and of the run that it trains."""
        name = queue.name or "what the queue begins"
        self._show_pause(f"{name} and the queue", waits=queue.is_held)
        self.pause.allow(not queue.is_stopping)
        self.stop.setText("S&top queue")
        self.stop.set_tip(
            f"Stop the queue, with a checkpoint of {name}: Train the queue goes on "
            "from there.\nTo stop this run only, choose Skip in the Run menu"
        )
        self.stop.allow(not queue.is_stopping)

    def _show_start(self, name: str, why_not: str) -> None:
        """Let the action that starts say whether the run has to wait, and for what."""
        at_hand, busy = self._controller.at_hand, self._controller.state.is_busy
        queues = self._queues
        if busy and at_hand is not None and at_hand.config == self._session.config:
            why_not = f"{name} is being trained: change a setting to queue another run"
        self.start.setText("&Queue this" if queues else "&Start")
        who = name if busy else "The queue"
        self.start.set_tip(
            f"{who} is being trained: train this configuration after it"
            if queues
            else "Train this configuration as a new run"
        )
        _show_icon(self.start, "mdi6.tray-plus" if queues else "mdi6.play")
        self.start.allow(not why_not, why_not)
        self.start_beside.setVisible(queues and not busy)
        self.start_beside.allow(queues and not busy and not why_not, why_not)

    def _show_pause(self, name: str, *, waits: bool) -> None:
        """Let the action that pauses say what it does next."""
        self.pause.setText("&Resume" if waits else "&Pause")
        after = "" if waits else " after the present meta-step"
        self.pause.set_tip(f"{'Go on with' if waits else 'Pause'} {name}{after}")
        _show_icon(self.pause, "mdi6.play-pause" if waits else "mdi6.pause")

    def _show_continue(self, why_not: str) -> None:
        """Let the action that continues name the run selected."""
        shown = self._controller.history
        name = "" if shown is None else shown.title
        if not name:
            why_not = "Select a run first"
        elif self._controller.state is RunState.FOLLOWING:
            why_not = f"{name} is being trained elsewhere"
        asks = self._controller.state is RunState.COMPLETED
        self.resume.setText("&Continue…" if asks else "&Continue")
        self.resume.set_tip(f"Train {name} further, from its latest checkpoint")
        self.resume.allow(not why_not, why_not)


def _show_icon(action: Action, icon: str) -> None:
    if icon != action.icon_name:
        action.icon_name = icon
        action.refresh_icon()
