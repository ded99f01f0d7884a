"""How many processes of this machine train the queue."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox

from workbench.gui.look import preferences

_MOST = 64
_TIP = (
    "How many processes train the queue from this window, each a run at a time; usual "
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
        self.setPrefix("Workers: ")
        self.setSpecialValueText("Workers: usual")
        self.setValue(preferences.workers())
        self.valueChanged.connect(preferences.remember_workers)
        self.show_standing(is_training=False)

    def show_standing(self, *, is_training: bool) -> None:
        """Say from when on a change counts."""
        when = "\nA change counts when it is trained the next time" * is_training
        self.setToolTip(f"{_TIP}{when}")
