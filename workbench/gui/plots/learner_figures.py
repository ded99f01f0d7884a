"""The figures that only some runs have, by meta-step: a plot for each."""

from __future__ import annotations

import functools
from typing import cast

from typing_extensions import override

from workbench.core.acting import settings, trust_region
from workbench.core.config.sections import kinds
from workbench.core.learning.meta_learner import Extra, MetaLearner
from workbench.gui.graphs.plot import Plot, Quarter
from workbench.gui.plots.curves import StepCurves


class LearnerFigure(StepCurves):
    """A figure as who makes it names it; shown of runs that have it."""

    place = Quarter.TOP_RIGHT
    order = 40

    @classmethod
    @override
    def variants(cls) -> tuple[type[Plot], ...]:
        return tuple(_plot_of(extra) for extra in _extras())


def _extras() -> tuple[Extra, ...]:
    """Return what learners say they have, and what there is of policies, each once."""
    learners = cast("list[type[MetaLearner]]", list(kinds("algorithm").values()))
    of_learners = (extra for learner in learners for extra in learner.extras)
    of_policies = (*settings.EXTRAS, *trust_region.EXTRAS)
    return tuple(dict.fromkeys([*of_learners, *of_policies]))


@functools.cache
def _plot_of(extra: Extra) -> type[LearnerFigure]:
    said = {
        "key": extra.name,
        "column": extra.name,
        "title": extra.title,
        "help": extra.help,
        "y_axis": extra.axis,
        "starts_log": extra.is_log,
        "__doc__": extra.help,
        "__module__": __name__,
    }
    return type(extra.name, (LearnerFigure,), said)
