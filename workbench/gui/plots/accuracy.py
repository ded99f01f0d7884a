"""The accuracy by meta-step."""

from __future__ import annotations

from typing_extensions import override

from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.curves import StepCurves


class Accuracy(StepCurves):
    """The accuracy on the queries after adaptation, in training and validation."""

    key = "accuracy"
    title = "Accuracy"
    help = (
        "How many queries are classified rightly after adaptation. Validation is after "
        "the inner steps at test."
    )
    empty = "Press Start to train: the accuracy rises here."
    place = Quarter.TOP_RIGHT
    order = 10
    y_axis = "accuracy (%)"
    column = "accuracy"
    validated = True
    percent = True
    can_log = False

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return history.is_classification
