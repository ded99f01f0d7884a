"""What an experiment says of runs that are judged by their return."""

from __future__ import annotations

from workbench.core.base.measure import Measure
from workbench.core.experiments.outcome import Reached
from workbench.core.results.statistics import Mean


def test_a_return_is_reached_without_a_unit() -> None:
    reached = Reached(Mean(-11.5, 1.0, 3), Measure.RETURN, "3 seeds")
    assert reached.text == "−11.50 ± 1.00"
