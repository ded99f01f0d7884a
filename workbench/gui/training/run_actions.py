"""The actions of the Run menu, and when each of them can be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.gui.shell.actions import Action, Place
from workbench.gui.training.run_state import RunState

if TYPE_CHECKING:
    from workbench.gui.training.training_panel import TrainingPanel

_PAUSABLE = (RunState.STARTING, RunState.RUNNING)
_RESUMABLE = (RunState.PAUSING, RunState.PAUSED)


class RunActions:
    """Start, Pause or Resume, Stop, Continue; made once and added to the panel."""

    def __init__(self, panel: TrainingPanel) -> None:
        self.start = Action(
            "run.start",
            "&Start",
            panel.start,
            tip="Train this configuration as a new run",
            icon="mdi6.play",
            shortcut="Ctrl+R",
            place=Place("Run", 100, toolbar=True),
            parent=panel,
        )
        self.pause = Action(
            "run.pause",
            "&Pause",
            panel.pause_or_resume,
            tip="Pause after the present meta-step",
            icon="mdi6.pause",
            shortcut="Ctrl+P",
            place=Place("Run", 110, toolbar=True),
            parent=panel,
        )
        self.stop = Action(
            "run.stop",
            "S&top",
            panel.stop,
            tip="Stop after the present meta-step, with a checkpoint",
            icon="mdi6.stop",
            shortcut="Ctrl+.",
            place=Place("Run", 120, toolbar=True),
            parent=panel,
        )
        self.resume = Action(
            "run.continue",
            "&Continue",
            panel.continue_run,
            tip="Train the run shown further, from its latest checkpoint",
            icon="mdi6.skip-next",
            shortcut="Ctrl+Shift+R",
            place=Place("Run", 200),
            parent=panel,
        )
        for action in (self.start, self.pause, self.stop, self.resume):
            panel.addAction(action)

    def update_for(self, state: RunState, reason: str, has_run: bool) -> None:
        """Enable what can be done now; ``reason`` is why nothing can be started."""
        busy = state.is_busy
        self.start.setEnabled(not busy and not reason)
        if busy:
            self.start.set_tip("A run is being trained: stop it first")
        else:
            self.start.set_tip(reason or "Train this configuration as a new run")
        waits = state in _RESUMABLE
        self.pause.setText("&Resume" if waits else "&Pause")
        self.pause.set_tip("Go on" if waits else "Pause after the present meta-step")
        name = "mdi6.play-pause" if waits else "mdi6.pause"
        if name != self.pause.icon_name:
            self.pause.icon_name = name
            self.pause.refresh_icon()
        self.pause.setEnabled(state in _PAUSABLE or waits)
        self.stop.setEnabled(busy and state is not RunState.STOPPING)
        can_go_on = has_run and not busy and state is not RunState.FOLLOWING
        self.resume.setEnabled(can_go_on)
