"""A plot: the meta learning rate by meta-step."""

from __future__ import annotations

from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.curves import StepCurves


class Halving(StepCurves):
    """The meta learning rate."""

    key = "strangers_rate"
    title = "Meta learning rate"
    help = "The meta learning rate of each meta-step."
    place = Quarter.TOP_RIGHT
    order = 900
    y_axis = "meta learning rate"
    column = "meta_lr"

    @classmethod
    def applies(cls, history: RunHistory) -> bool:
        """It is there for every run."""
        return True
