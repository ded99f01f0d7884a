"""How well iMAML's linear system is solved, by meta-step."""

from __future__ import annotations

from workbench.gui.graphs.plot import Quarter
from workbench.gui.plots.curves import StepCurves


class CgResidual(StepCurves):
    """The residual that conjugate gradient leaves, relative to the right-hand side."""

    key = "cg_residual"
    title = "CG residual"
    help = (
        "What conjugate gradient leaves unsolved; too large, and the gradient is off."
    )
    place = Quarter.TOP_RIGHT
    order = 40
    y_axis = "relative residual"
    column = "cg_residual"
    starts_log = True
