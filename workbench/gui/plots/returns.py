"""The return by meta-step."""

from __future__ import annotations

from typing_extensions import override

from workbench.core.base.measure import Measure
from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.curves import StepCurves


class Returns(StepCurves):
    """The mean return after adaptation, in validation, and in training where told."""

    key = "return"
    title = "Return"
    help = (
        "The mean sum of rewards after adaptation: the higher the better. Validation "
        "is after the inner steps at test."
    )
    empty = "Press Start to train: the return rises here."
    place = Quarter.TOP_LEFT
    order = 10
    y_axis = "return"
    column = "return"
    validated = True
    can_log = False

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return history.measure is Measure.RETURN
