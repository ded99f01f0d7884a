"""How many processes of this machine train the queue."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox

from workbench.gui.look import preferences

_MOST = 64
_TIP = (
    "How many processes train the queue on this machine, each a run at a time: usual "
    "is one for each GPU, or one"
)


class WorkersBox(QSpinBox):
    """Remembers the number; the least is what a machine has if nobody says."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("queue.workers")
        self.setAccessibleName("Workers on this machine")
        # Which number is usual is for the process to find out, which has torch.
        self.setRange(0, _MOST)
        self.setSpecialValueText("usual")
        self.setSuffix(" workers")
        self.valueChanged.connect(self._on_value_changed)
        self.setValue(preferences.workers())
        self.show_standing(is_training=False)

    def show_standing(self, *, is_training: bool) -> None:
        """Say from when on a change counts."""
        when = "\nA change counts when it is trained the next time" * is_training
        self.setToolTip(f"{_TIP}{when}")

    def _on_value_changed(self, number: int) -> None:
        self.setSuffix(" worker" if number == 1 else " workers")
        preferences.remember_workers(number)
