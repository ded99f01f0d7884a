"""The status bar's part about the run: state, progress, speed, time left, memory."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from workbench.core.base import figures
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel

_WIDEST = {
    "state": "trained elsewhere",
    "steps": "10,000,000 of 10,000,000",
    "speed": "100,000 tasks/s",
    "left": "59 min 59 s left",
    "memory": "1023 MB",
    "device": "",
}
_TIPS = {
    "state": "What the run does",
    "steps": "Meta-steps made, of how many",
    "speed": "Tasks adapted to in a second of training",
    "left": "Time left at the present speed, with validations and the test",
    "memory": "Memory at peak: of the whole process, or on a GPU of its tensors there",
    "device": "Where the run is trained",
}


class RunStatus(NamedTuple):
    """What there is to say of a run; None where it is not known."""

    name: str = ""
    state: str = ""
    about: str = ""
    """What the state means."""
    step: int = 0
    iterations: int = 0
    waits: bool = False
    """Whether it is being prepared: there is no progress to show yet."""
    tasks_per_second: float | None = None
    seconds_left: float | None = None
    memory_mb: float | None = None
    device: str = ""


class RunStatusBar(QWidget):
    """Shows a ``RunStatus``; no label moves when a number changes its width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_status")
        self.setAccessibleName("Run status")
        self._labels = {name: self._label(name) for name in _WIDEST}
        self.progress = QProgressBar(self)
        self.progress.setObjectName("run_status.progress")
        self.progress.setAccessibleName("Progress of the run")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setMinimumWidth(96)
        self.name = ElidedLabel()
        self.name.setObjectName("run_status.name")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 0, theme.SPACE, 0)
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.name, 2)
        for name in ("state", "steps"):
            row.addWidget(self._labels[name])
        row.addWidget(self.progress, 1)
        for name in ("speed", "left", "memory", "device"):
            row.addWidget(self._labels[name])
        self.show_status(RunStatus())

    def show_status(self, status: RunStatus) -> None:
        """Show how the run stands."""
        speed, left, memory = (
            status.tasks_per_second,
            status.seconds_left,
            status.memory_mb,
        )
        self.name.show_text(status.name)
        texts = {
            "state": status.state,
            "steps": f"{figures.step(status.step)} of {figures.step(status.iterations)}"
            if status.iterations
            else "",
            "speed": "" if speed is None else f"{_speed(speed)} tasks/s",
            "left": "" if left is None else f"{figures.duration(left)} left",
            "memory": "" if memory is None else figures.memory(memory),
            "device": status.device,
        }
        for name, text in texts.items():
            if self._labels[name].text() != text:
                self._labels[name].setText(text)
        self._labels["state"].setToolTip(status.about or _TIPS["state"])
        self.progress.setVisible(status.iterations > 0)
        self.progress.setRange(0, 0 if status.waits else max(1, status.iterations))
        self.progress.setValue(status.step)

    def text(self, name: str) -> str:
        """Return what the label of this name says."""
        return self._labels[name].text()

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(f"run_status.{name}")
        label.setFont(theme.tabular(label.font()))
        label.setToolTip(_TIPS[name])
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(_WIDEST[name]))
        return label


def _speed(tasks: float) -> str:
    return f"{tasks:,.0f}" if tasks >= 10 else f"{tasks:.1f}"
