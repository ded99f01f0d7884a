"""The page of an experiment: published beside measured, curves, and what is otherwise.

It is one HTML file that needs no other.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench import __version__
from workbench.core.base.files import write_atomically
from workbench.core.base.folders import user_folder
from workbench.core.base.measure import Measure
from workbench.core.config.sections import field_title
from workbench.core.drawing.svg_plot import Line, legend, svg_plot
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.measures import MEASURES
from workbench.core.experiments.outcome import Figure, Outcome
from workbench.core.experiments.parts import (
    AdaptationCurves,
    Asked,
    Final,
    LearningCurves,
    Measured,
    Part,
    Table,
)
from workbench.core.experiments.standing import Planned
from workbench.core.results.drawn_score import DrawnScore
from workbench.core.results.html_page import escaped, page, records, table
from workbench.core.results.run_curves import RunCurves
from workbench.core.runs.store import RunFolder

_NOTHING = "–"
_QUICK = {
    True: "A first version: each run was trained for less and from one seed. What else "
    "is less stands under what differs from the paper.",
    False: "A first version: less was measured.",
}
_SUMMARY = "* read in a summary of the paper only"


def page_file(experiment: Experiment, *, quick: bool) -> Path:
    """Return where an experiment's page is kept, if nothing else is said."""
    name = f"{experiment.name}-quick" if quick else experiment.name
    return user_folder() / "reproduced" / f"{name}.html"


def write_page(outcome: Outcome, path: Path) -> Path:
    """Write the page, over an earlier one; OSError says what is in the way."""
    path = path if path.suffix else path.with_suffix(".html")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, experiment_page(outcome).encode())
    return path


def experiment_page(outcome: Outcome) -> str:
    """Return the page as HTML."""
    about, now = outcome.experiment, datetime.datetime.now(datetime.UTC)
    head = [
        f"<h1>{escaped(about.title)}</h1>",
        f"<p>{escaped(about.paper)}: {escaped(about.shows)}.</p>",
        f'<p class="muted">Few-Shot Workbench {__version__}, '
        f"{now:%Y-%m-%d %H:%M} UTC, {outcome.there} of {outcome.all} runs and "
        "measurements there</p>",
        *([f"<p><b>{_QUICK[bool(about.runs)]}</b></p>"] if outcome.quick else []),
    ]
    parts = [_part(outcome, part) for part in about.parts]
    return page(about.title, [*head, *parts, _otherwise(outcome), _runs(outcome)])


def _part(outcome: Outcome, part: Part) -> str:
    body = {
        Table: _table,
        AdaptationCurves: _adaptation,
        LearningCurves: _learning,
        Final: _final,
        Measured: _measured,
    }[type(part)](outcome, part)  # type: ignore[operator]
    note = f'<p class="muted">{escaped(part.note)}</p>' if part.note else ""
    return f"<h2>{escaped(part.title)}</h2>{body}{note}"


def _table(outcome: Outcome, part: Table) -> str:
    heads = ["", *(f"{c.title}, {w}" for c in part.columns for w in ("paper", "here"))]
    rows = outcome.figures(part)
    lines = [
        [row[0].row, *(text for cell in row for text in _cell(cell))] for row in rows
    ]
    notes = _SUMMARY if any(row.from_summary for row in part.rows) else ""
    over = (cell.over for row in rows for cell in row if cell.over)
    return table(heads, lines) + _said_over(over, notes)


def _said_over(over: Iterable[str], notes: str = "") -> str:
    """Return what the intervals of a table are over, and what else is to be said."""
    many = " or ".join(sorted({*over}, key=lambda text: (len(text), text)))
    said = f"± is the 95 % CI over {many}." if many else ""
    below = " ".join(filter(None, (said, notes)))
    return f'<p class="muted">{escaped(below)}</p>'


def _cell(cell: Figure) -> tuple[str, str]:
    return cell.published or _NOTHING, cell.measured or _NOTHING


def _adaptation(outcome: Outcome, part: AdaptationCurves) -> str:
    lines, unit = [], "query accuracy, %"
    for number, name in enumerate(part.runs):
        for one in outcome.evidence(Asked(name, part.evaluate)):
            measure, scale = one.kept.measure, one.kept.measure.scale
            drawn = [DrawnScore.of(score, measure) for score in one.kept.by_step]
            points = [(at, scale * each.middle) for at, each in enumerate(drawn)]
            band = [(scale * each.low, scale * each.high) for each in drawn]
            lines.append(Line(name, points, band, is_marked=True, number=number))
            unit = f"{measure.of_queries()}{drawn[-1].words}"
    return _plot(part.title, lines, "inner step", unit, part.runs)


def _learning(outcome: Outcome, part: LearningCurves) -> str:
    lines, unit = [], "validation accuracy, %"
    for number, name in enumerate(part.runs):
        for each in outcome.planned:
            if each.name == name and each.row is not None:
                unit = _validated(each.row.measure)
                drawn = RunCurves.of(RunFolder(outcome.runs / each.row.folder).events())
                points = {
                    "meta-step": drawn.validated,
                    "hours": drawn.validated_by_hours,
                }[part.by]
                lines.append(Line(name, points, number=number))
    return _plot(part.title, lines, part.by, unit, part.runs)


def _validated(measure: Measure) -> str:
    median = ", median" if measure is Measure.LOSS else ""
    return f"validation {measure.with_unit}{median}"


def _final(outcome: Outcome, part: Final) -> str:
    found = {
        curve.title: [outcome.reached(asked) for asked in part.asked_of(curve)]
        for curve in part.curves
    }
    there = [each for reached in found.values() for each in reached if each]
    measure = max((each.measure for each in there), default=Measure.ACCURACY)
    lines = []
    for number, (name, reached) in enumerate(found.items()):
        means = [
            (value, each.mean)
            for value, each in zip(part.values, reached, strict=True)
            if each is not None and each.mean is not None
        ]
        points = [(value, mean.mean) for value, mean in means]
        band = [mean.interval for _, mean in means]
        lines.append(Line(name, points, band, is_marked=True, number=number))
    unit = measure.of_queries()
    heads = [field_title(part.vary), *(f"{value:g}" for value in part.values)]
    rows = [
        [name, *(each.text if each else _NOTHING for each in reached)]
        for name, reached in found.items()
    ]
    plot = _plot(part.title, lines, heads[0], unit, found)
    return plot + table(heads, rows) + _said_over(each.over for each in there)


def _measured(outcome: Outcome, part: Measured) -> str:
    found, names = outcome.points(part), [curve.title for curve in part.curves]
    lines = [
        Line(name, found.get(name, []), is_marked=True, number=number)
        for number, name in enumerate(names)
    ]
    across = field_title(part.vary)
    return _plot(part.title, lines, across, MEASURES[part.measure].title, names)


def _plot(
    title: str, lines: list[Line], across: str, up: str, names: Iterable[str]
) -> str:
    keys = legend(tuple(names))
    plot = svg_plot(title, lines, across, up)
    return f'{keys}<figure style="max-width: 640px">{plot}</figure>'


def _otherwise(outcome: Outcome) -> str:
    items = [f"<li>{escaped(text)}</li>" for text in outcome.experiment.remarks]
    for names, texts in _together(outcome.differences()):
        said = "; ".join(texts) or "nothing that is known"
        items.append(f"<li><b>{escaped(', '.join(names))}</b>: {escaped(said)}</li>")
    return f"<h2>What differs from the paper</h2><ul>{''.join(items)}</ul>"


def _together(
    differences: dict[str, list[str]],
) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Yield runs that differ in the same, with what that is."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, texts in differences.items():
        found.setdefault(tuple(texts), []).append(name)
    yield from ((names, texts) for texts, names in found.items())


def _runs(outcome: Outcome) -> str:
    if not outcome.planned:
        return ""
    return f"<h2>Runs</h2>{records(map(_run, outcome.planned))}"


def _run(planned: Planned) -> dict[str, str]:
    row = planned.row
    return {
        "Run": planned.name,
        "Preset": planned.preset,
        "Seed": str(planned.config.training.seed),
        "State": "not trained" if row is None else row.state,
        "Meta-steps": f"{0 if row is None else row.step:,} of "
        f"{planned.config.training.iterations:,}",
        "Id": "" if row is None else row.id,
    }
