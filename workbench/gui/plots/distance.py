"""How far adaptation moves the weights, by meta-step."""

from __future__ import annotations

from workbench.gui.graphs.plot import Quarter
from workbench.gui.plots.curves import StepCurves


class Distance(StepCurves):
    """The length of the way from the meta-parameters to the adapted weights."""

    key = "distance"
    title = "Distance moved"
    help = "How far one task's adaptation moves the weights: Reptile follows this way."
    place = Quarter.TOP_RIGHT
    order = 50
    y_axis = "distance moved"
    column = "distance"
