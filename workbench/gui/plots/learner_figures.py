"""The figures that only some learners have, by meta-step: a plot for each."""

from __future__ import annotations

import functools
from typing import cast

from typing_extensions import override

from workbench.core.config.sections import kinds
from workbench.core.learning.meta_learner import Extra, MetaLearner
from workbench.gui.graphs.plot import Plot, Quarter
from workbench.gui.plots.curves import StepCurves


class LearnerFigure(StepCurves):
    """A figure as a learner names it; shown of runs that have it."""

    place = Quarter.TOP_RIGHT
    order = 40

    @classmethod
    @override
    def variants(cls) -> tuple[type[Plot], ...]:
        return tuple(_plot_of(extra) for extra in _extras())


def _extras() -> tuple[Extra, ...]:
    """Return what learners say they have, each once."""
    learners = cast("list[type[MetaLearner]]", list(kinds("algorithm").values()))
    return tuple(dict.fromkeys(e for learner in learners for e in learner.extras))


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
