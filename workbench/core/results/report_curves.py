"""The plots of a report: how runs were trained, and how they adapt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.drawing.svg_plot import Line, legend, svg_plot
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.results.run_curves import RunCurves
from workbench.core.runs.evaluations import KeptEvaluation

_BANDS = (
    "Losses of a regression's validations and tests are drawn as the median over tasks "
    "with its quartiles, or as the mean with its 95 % CI where only that was noted."
)


class Plotted(NamedTuple):
    """What is drawn of a run."""

    name: str
    measure: Measure
    curves: RunCurves
    test: KeptEvaluation | None


def curves(runs: Sequence[Plotted]) -> str:
    """Return the curves of training and adaptation, as a part of a page."""
    measures = sorted({run.measure for run in runs})
    plots = [*_training(runs, measures), _adapting(runs, measures)]
    figures = "".join(f"<figure>{plot}</figure>" for plot in plots)
    keys = legend([run.name for run in runs]) if len(runs) > 1 else ""
    if Measure.LOSS in measures:
        keys += f'<p class="muted">{_BANDS}</p>'
    return f'<h2>Curves</h2>{keys}<div class="plots">{figures}</div>'


def _training(runs: Sequence[Plotted], measures: Sequence[Measure]) -> Iterator[str]:
    """Yield the plots over meta-steps: the loss, and what else runs are judged by.

    Training's loss of a run judged by returns is minus a return, and drawn as that.
    """
    lines: dict[Measure, list[Line]] = {measure: [] for measure in Measure}
    for number, run in enumerate(runs):
        name, drawn = run.name, run.curves
        is_return = run.measure is Measure.RETURN
        learned = lines[Measure.RETURN if is_return else Measure.LOSS]
        turned = (1, -1) if is_return else (1, 1)
        if len(runs) == 1:
            raw = Line(name, drawn.loss * turned, is_faint=True, number=number)
            learned.append(raw)
        learned.append(Line(name, drawn.smooth_loss * turned, number=number))
        right = Line(name, drawn.smooth_accuracy, is_faint=True, number=number)
        judged = Line(name, drawn.validated, drawn.band, is_marked=True, number=number)
        lines[Measure.ACCURACY].append(right)
        lines[run.measure].append(judged)
    dots = " (validation: dots)"
    if losses := lines.pop(Measure.LOSS):
        unit = f"meta-loss, smoothed{dots if measures == [Measure.LOSS] else ''}"
        yield svg_plot("Meta-loss", losses, "meta-step", unit)
    for measure, found in lines.items():
        if measure in measures or any(len(line.points) for line in found):
            unit = f"{measure.with_unit}{dots}"
            yield svg_plot(measure.title(), found, "meta-step", unit)


def _adapting(runs: Sequence[Plotted], measures: Sequence[Measure]) -> str:
    lines = [_adaptation(run, number) for number, run in enumerate(runs)]
    unit = " or ".join(each.of_queries() for each in measures)
    return svg_plot("Adaptation curve", lines, "inner step", unit)


def _adaptation(run: Plotted, number: int) -> Line:
    """Return the run's own test, step by step; its last validation if there is none.

    Later evaluations may have other ways and shots: they are no part of the same curve.
    """
    judged = run.curves.last if run.test is None else run.test
    scores = () if judged is None else judged.by_step
    points, band = [], []
    for score in scores:
        drawn, scale = DrawnScore.of(score, score.measure), score.measure.scale
        middle, low, high = (end * scale for end in drawn[:3])
        points.append((score.step, middle))
        band.append((low, high))
    return Line(run.name, points, band, is_marked=True, number=number)
