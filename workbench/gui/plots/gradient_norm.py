"""The size of the meta-gradient by meta-step."""

from __future__ import annotations

from typing_extensions import override

from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.curves import StepCurves


class GradientNorm(StepCurves):
    """The Euclidean norm of the meta-gradient."""

    key = "gradient_norm"
    title = "Gradient norm"
    help = (
        "The length of the meta-gradient over all parameters; spikes are instability."
    )
    empty = "Press Start to train: the norm of the meta-gradient is drawn here."
    place = Quarter.TOP_RIGHT
    order = 20
    y_axis = "meta-gradient norm"
    column = "gradient_norm"
    starts_log = True

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return True
