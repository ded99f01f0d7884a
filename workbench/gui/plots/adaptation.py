"""Adaptation curves: how loss, accuracy or return change with the inner steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.core.base.measure import Measure
from workbench.core.base.phrases import percent
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.runs.events import EvaluationEvent, Spread, StepScore
from workbench.gui.graphs.crosshair import ReadoutLine
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.follower import Extent
from workbench.gui.graphs.graph import Graph
from workbench.gui.graphs.legend import Entry
from workbench.gui.graphs.line import Line
from workbench.gui.graphs.plot import Quarter
from workbench.gui.graphs.rule import Rule
from workbench.gui.graphs.scrubber import Scrubber
from workbench.gui.graphs.series import RunHistory
from workbench.gui.look.colours import pen, run_style
from workbench.gui.plots.adaptation_means import (
    Means,
    MeansLine,
    axis_name,
    extent_of,
    samples_of,
)

_EARLIER = 6
_TASKS = 8
_NEAREST = 0.1
"""How near to an edge of the view a name may be, in its height."""


class AdaptationCurves(Graph):
    """Loss, accuracy or return by inner step: support and query, now and earlier."""

    key = "adaptation"
    title = "Adaptation curves"
    tab = "Adaptation"
    help = (
        "Means over validation tasks after 0, 1, 2, … inner steps, with their 95 % "
        "confidence; of a regression medians, with quartiles, for one task that "
        "diverges hides all others in a mean. Earlier evaluations fade behind."
    )
    empty = "Press Start to train: each validation draws how its tasks are adapted to."
    waiting = "Nothing yet: the first validation will be drawn here."
    over = "Nothing to draw: the run ended before its first validation."
    place = Quarter.BOTTOM_LEFT
    order = 10
    x_axis = "inner step"
    names_all = True

    def __init__(self, parent: QWidget | None = None) -> None:
        self._lines: list[MeansLine] = []
        self._earlier_steps: list[int] = []
        super().__init__(parent)
        self._earlier = [self._thin_line(-20 + at) for at in range(2 * _EARLIER)]
        self._tasks = [self._thin_line(-4) for _ in range(_TASKS)]
        self._trained = Rule(
            angle=90,
            label="",
            labelOpts={"position": 0.06, "anchors": [(0, 1), (0, 1)]},
        )
        self._trained.setZValue(-30)
        self._trained.hide()
        self.item.addItem(self._trained, ignoreBounds=True)
        self.scrubber = Scrubber(self)
        self.scrubber.moved.connect(self.redraw)
        self.body.addWidget(self.scrubber)
        self.paint_colours()

    @override
    def make_controls(self) -> None:
        self.tasks_button = self.add_button(
            "tasks", "Show single tasks", "mdi6.chart-multiple", self._on_tasks_toggled
        )
        super().make_controls()

    @override
    def version(self, history: RunHistory) -> Hashable:
        return history.rewrites, len(history.validations)

    @override
    def is_empty(self) -> bool:
        return not any(run.history.validations for run in self.runs)

    @override
    def measures_of(self, history: RunHistory) -> tuple[str, ...]:
        if history.measure is Measure.RETURN:
            return (Measure.RETURN,)  # its loss is the same, upside down
        accuracy = (Measure.ACCURACY,) if history.is_classification else ()
        return (*accuracy, history.loss_name)

    @property
    def is_accuracy(self) -> bool:
        """Whether accuracy is drawn, not loss."""
        return self.drawn_measure is Measure.ACCURACY

    @property
    def drawn_measure(self) -> Measure:
        """What is drawn, or would be of the run to come."""
        chosen = self.measure.currentText()
        if self.first is not None and not self.runs:
            chosen = self.measures_of(self.first)[0]
        return next((each for each in Measure if each == chosen), Measure.LOSS)

    @property
    @override
    def has_logarithm(self) -> bool:
        return self.drawn_measure is not Measure.RETURN

    @override
    def rebuild(self) -> None:
        for line in self._lines:
            line.remove()
        count = len(self._sets()) if len(self.runs) == 1 else len(self.runs)
        self._lines = [MeansLine(self.item, depth=2 * at) for at in range(count)]
        self.item.setLogMode(x=False, y=self.log)
        self.tasks_button.setVisible(self.is_alone)
        self._name_axis()
        self.paint_colours()

    @override
    def paint_colours(self) -> None:
        super().paint_colours()
        shown = self.colours
        if not hasattr(self, "_trained"):
            return
        self._trained.setPen(pen(shown.quiet, Qt.PenStyle.DashLine))
        self._trained.label.setColor(shown.quiet)
        if len(self.runs) == 1:
            for line, of_support in zip(self._lines, self._sets(), strict=True):
                look = (shown.support, "s") if of_support else (shown.query, "o")
                line.paint(look[0], Qt.PenStyle.SolidLine, look[1])
        else:
            for line, run in zip(self._lines, self.runs, strict=True):
                line.paint(shown.run(run.index), run_style(run.index), "o")
        for task in self._tasks:
            task.setPen(pen(shown.faint(shown.query, 0.45)))

    @override
    def draw(self) -> None:
        if not self.runs or self.is_empty():
            self._draw_nothing()
            return
        first = self.runs[0].history
        self.scrubber.set_steps([event.step for event in first.validations])
        alone = len(self.runs) == 1
        event = self.chosen(first)
        self._draw_earlier(first if alone else None)
        self._draw_tasks(event if alone and self.tasks_button.isChecked() else None)
        if alone and event is not None:
            for line, of_support in zip(self._lines, self._sets(), strict=True):
                line.set(self.means(event, support=of_support), log=self.log)
        else:
            for line, run in zip(self._lines, self.runs, strict=True):
                shown = self.chosen(run.history)
                if shown is not None:
                    line.set(self.means(shown, support=False), log=self.log)
        if event is not None:
            self._mark_trained(event)

    @override
    def extent(self) -> Extent | None:
        shown = [event for run in self.runs if (event := self.chosen(run.history))]
        if not shown:
            return None
        means = [self.means(event, support=s) for event in shown for s in self._sets()]
        if len(self.runs) == 1:
            # The first evaluation stands for how bad it was: the view does not jump.
            first = self.runs[0].history.validations[0]
            means += [self.means(first, support=s) for s in self._sets()]
        is_signed = self.drawn_measure is Measure.RETURN
        steps = shown[0].trained_steps
        return extent_of(means, steps, log=self.log, is_signed=is_signed)

    @override
    def values_at(self, x: float, y: float) -> list[ReadoutLine]:
        values: list[ReadoutLine] = []
        for run in self.runs:
            event = self.chosen(run.history)
            if event is None:
                continue
            alone = len(self.runs) == 1
            at = min(max(round(x), 0), len(event.by_step) - 1)
            if not values:
                values.append(ReadoutLine("inner step", figures.step(at)))
            for of_support in self._sets():
                text = self._score_at(event, at, support=of_support).text(self._written)
                name = self._name_of(support=of_support) if alone else run.history.title
                colour = self.colours.support if of_support else self.colours.query
                values.append(
                    ReadoutLine(
                        name, text, colour if alone else self.colours.run(run.index)
                    )
                )
            if alone:
                values += self._beside(event.by_step[at])
        return values

    def _beside(self, score: StepScore) -> list[ReadoutLine]:
        """Return what stands beside the median of the queries' losses."""
        if self.drawn_measure is not Measure.LOSS or score.spread is None:
            return []
        lines = [ReadoutLine("query mean", self._written(score.loss))]
        if score.diverged:
            lines.append(ReadoutLine("diverged", f"{score.diverged:,}"))
        return lines

    @override
    def table(self) -> Table:
        fields = [
            *("loss", "loss_ci95", "accuracy", "accuracy_ci95"),
            *("support_loss", "support_loss_ci95"),
            *("support_accuracy", "support_accuracy_ci95"),
            *("mean_return", "return_ci95"),
        ]
        names = [field.name for field in dataclasses.fields(Spread)]
        rows = (
            (
                run.history.title,
                event.step,
                score.step,
                *(_cell(score, name) for name in fields),
                *(_cell(score.spread, name) for name in names),
                *(_cell(score.support_spread, name) for name in names),
            )
            for run in self.runs
            for event in run.history.validations
            for score in event.by_step
        )
        spreads = (*names, *(f"support_{name}" for name in names))
        return Table(("run", "meta-step", "inner step", *fields, *spreads), rows)

    def chosen(self, history: RunHistory) -> EvaluationEvent | None:
        """Return the evaluation that the scrubber is at, or the nearest before it."""
        events = history.validations
        if not events:
            return None
        first = self.runs[0].history.validations
        if self.scrubber.is_latest or not first:
            return events[-1]
        step = first[min(self.scrubber.index, len(first) - 1)].step
        return max(
            (event for event in events if event.step <= step),
            key=lambda event: event.step,
            default=events[0],
        )

    def means(self, event: EvaluationEvent, *, support: bool) -> Means:
        """Return what is drawn of an evaluation: the chosen quantity, by inner step."""
        return Means.of(event, self.drawn_measure, support=support)

    def _score_at(
        self, event: EvaluationEvent, at: int, *, support: bool = False
    ) -> DrawnScore:
        return DrawnScore.of(event.by_step[at], self.drawn_measure, support=support)

    def _sets(self) -> tuple[bool, ...]:
        """Return whose curves are drawn: a return is of no set, and the same twice."""
        is_twofold = len(self.runs) == 1 and self.drawn_measure is not Measure.RETURN
        return (True, False) if is_twofold else (False,)

    def _name_of(self, *, support: bool) -> str:
        if self.drawn_measure is Measure.RETURN:
            return "return"
        return "support" if support else "query"

    def _written(self, value: float) -> str:
        return percent(value, 1) if self.is_accuracy else figures.number(value)

    def _name_axis(self) -> None:
        measure = self.drawn_measure
        name = axis_name(measure, self.loss_unit)
        is_of_one = len(self.runs) <= 1
        self.set_axis("left", name if is_of_one else measure.of_queries(name))
        self.item.getAxis("left").setScale(measure.scale)

    def _mark_trained(self, event: EvaluationEvent) -> None:
        """Mark training's K, and name it where there is room and no curve."""
        steps, label = event.trained_steps, self._trained.label
        self._trained.show()
        self._trained.setPos(steps)
        label.setFormat(f"training K = {steps}")
        side = 1 if 2 * steps > event.by_step[-1].step else 0
        label.anchors = [(side, 0.5), (side, 0.5)]
        label.setPosition(self._widest_gap(steps))

    def _widest_gap(self, step: int) -> float:
        """Return how far up the view there is most room between the curves, there."""
        extent = self.extent()
        if extent is None:
            return 0.5
        low, high = self.in_view(extent.bottom), self.in_view(extent.top)
        near = slice(max(step - 1, 0), step + 2)
        heights = [
            (self.in_view(value) - low) / ((high - low) or 1.0)
            for run in self.runs
            if (event := self.chosen(run.history)) is not None
            for of_support in self._sets()
            for value in self.means(event, support=of_support).y[near]
        ]
        taken = sorted({0.0, 1.0, *(height for height in heights if 0 < height < 1)})
        below, above = max(pairwise(taken), key=lambda gap: gap[1] - gap[0])
        return min(max((below + above) / 2, _NEAREST), 1 - _NEAREST)

    def _draw_nothing(self) -> None:
        """Take away what was drawn: a run without validations has nothing here."""
        self.scrubber.set_steps([])
        self._trained.hide()
        self._draw_earlier(None)
        self._draw_tasks(None)

    def _draw_earlier(self, history: RunHistory | None) -> None:
        self._earlier_steps = []
        for line in self._earlier:
            line.setData([], [])
        if history is None:
            return
        now = len(history.validations) - 1
        if not self.scrubber.is_latest:
            now = self.scrubber.index
        chosen = (
            sorted({round(at) for at in np.linspace(0, now - 1, _EARLIER)})
            if now
            else []
        )
        self._earlier_steps = [history.validations[at].step for at in chosen]
        pairs = list(zip(self._earlier[::2], self._earlier[1::2], strict=True))
        pairs = pairs[len(pairs) - len(chosen) :]
        for number, (at, lines) in enumerate(zip(chosen, pairs, strict=True)):
            share = 0.1 + 0.35 * (number + 1) / len(chosen)
            sets = self._sets()
            for line, of_support in zip(lines[-len(sets) :], sets, strict=True):
                means = self.means(history.validations[at], support=of_support)
                colour = self.colours.support if of_support else self.colours.query
                line.setPen(pen(self.colours.faint(colour, share)))
                line.setData(means.x, means.y)

    def _draw_tasks(self, event: EvaluationEvent | None) -> None:
        samples: tuple[tuple[float, ...], ...] = ()
        if event is not None:
            samples = samples_of(event, self.drawn_measure)
        for number, line in enumerate(self._tasks):
            line.setVisible(number < len(samples))
            if number < len(samples):
                line.setData(
                    np.arange(len(samples[number]), dtype=float), samples[number]
                )

    def _thin_line(self, depth: float) -> pg.PlotDataItem:
        line = Line(antialias=True)
        line.setZValue(depth)
        self.item.addItem(line, ignoreBounds=True)
        return line

    @override
    def legend_entries(self) -> Iterator[Entry]:
        if len(self.runs) == 1:
            event = self.chosen(self.runs[0].history)
            words = " ± 95 % CI" if event is None else self._score_at(event, -1).words
            for line, of_support in zip(self._lines, self._sets(), strict=True):
                name = self._name_of(support=of_support)
                yield Entry(line.curve, name if of_support else f"{name}{words}")
            if self._earlier_steps:
                *others, latest = self._earlier
                name = f"earlier: {_listed(self._earlier_steps)}"
                yield Entry(latest, name, tuple(others))
            return
        for line, run in zip(self._lines, self.runs, strict=True):
            if run.history.validations:
                yield Entry(line.curve, run.history.title)

    def _on_tasks_toggled(self, _on: bool) -> None:
        self.redraw()


def _cell(figures_of: StepScore | Spread | None, name: str) -> object:
    """Return a figure as a table has it, which has no word for what there is not."""
    value = getattr(figures_of, name, None)
    return "" if value is None else value


def _listed(steps: list[int]) -> str:
    first, last = figures.step(steps[0]), figures.step(steps[-1])
    return f"meta-step {first}" if first == last else f"meta-steps {first} … {last}"
