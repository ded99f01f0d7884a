"""The meta-loss by meta-step."""

from __future__ import annotations

from typing_extensions import override

from workbench.core.base.measure import Measure
from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.curves import StepCurves


class MetaLoss(StepCurves):
    """The loss of the queries after adaptation, in training and validation."""

    key = "meta_loss"
    title = "Meta-loss"
    help = (
        "The loss on the queries after adaptation: what the meta-parameters minimise. "
        "Validation is after the inner steps at test."
    )
    empty = "Press Start to train: the meta-loss falls here."
    place = Quarter.TOP_LEFT
    order = 10
    y_axis = "meta-loss"
    column = "loss"
    validated = True

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return history.measure is not Measure.RETURN

    @override
    def measures_of(self, history: RunHistory) -> tuple[str, ...]:
        return (history.loss_name,)

    @override
    def axis_text(self) -> str:
        return f"meta-loss ({self.loss_unit})"
