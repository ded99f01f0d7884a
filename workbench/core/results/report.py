"""One run, or several beside each other, as one HTML file to send to somebody."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from workbench import __version__
from workbench.core.base.files import write_atomically
from workbench.core.base.measure import Measure
from workbench.core.results.comparison import Contender, Verdict, side_by_side, verdicts
from workbench.core.results.html_page import STYLE, escaped, page, records, table
from workbench.core.results.report_curves import Plotted, curves
from workbench.core.results.run_curves import RunCurves
from workbench.core.results.score_text import (
    bearing_text,
    difference_text,
    row_text,
    score_text,
)
from workbench.core.results.seeds import contender_text
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    own_test,
)
from workbench.core.runs.row import RunRow, flat, read_row, text_of
from workbench.core.runs.store import RunFolder, RunInfo
from workbench.core.runs.targets import refuse_taken


class _Run(NamedTuple):
    folder: RunFolder
    name: str
    info: RunInfo
    row: RunRow
    fields: dict[str, str]
    curves: RunCurves
    test: KeptEvaluation | None
    kept: list[KeptEvaluation]


def write_report(
    folders: Sequence[RunFolder], path: Path, *, replace: bool = False
) -> Path:
    """Write the report of these runs; RunError or OSError say what is in the way."""
    path = path if path.suffix or path.is_dir() else path.with_suffix(".html")
    refuse_taken(path, replace=replace)
    write_atomically(path, report(folders).encode())
    return path


def report(folders: Sequence[RunFolder]) -> str:
    """Return the report as one HTML page that needs no other file."""
    runs = _told_apart([_read(folder) for folder in folders])
    title = runs[0].name if len(runs) == 1 else f"Comparison of {len(runs)} runs"
    now = datetime.datetime.now(datetime.UTC)
    parts = [
        f"<h1>{escaped(title)}</h1>",
        f'<p class="muted">Few-Shot Workbench {__version__}, '
        f"{now:%Y-%m-%d %H:%M} UTC</p>",
        _figures(runs),
        _verdicts(runs),
        _curves(runs),
        _evaluations(runs),
        _configurations(runs),
        _versions(runs),
    ]
    return page(title, parts)


def short_report(folders: Sequence[RunFolder]) -> str:
    """Return the figures and curves of these runs as HTML to stand within a page."""
    runs = _told_apart([_read(folder) for folder in folders])
    style = STYLE.replace(":root", "&").replace("body {", "& {")
    return (
        f"<div class=fewshot><style>.fewshot {{{style}}}</style>"
        f"{records(map(_figures_of, runs))}{_curves(runs)}</div>"
    )


def _read(folder: RunFolder) -> _Run:
    info = folder.info()
    fields = flat(folder.shown_config().model_dump(mode="json"))
    return _Run(
        folder,
        info.name,
        info,
        read_row(folder.path),
        {k: "none" if v is None else text_of(v) for k, v in fields.items()},
        RunCurves.of(folder.events()),
        own_test(folder.path),
        list_evaluations(folder.path),
    )


def _told_apart(runs: Sequence[_Run]) -> list[_Run]:
    """Return the runs with the end of their ids behind names that several have."""
    counts = Counter(run.name for run in runs)
    return [
        run._replace(name=f"{run.name} ({run.info.id[-6:]})")
        if counts[run.name] > 1
        else run
        for run in runs
    ]


def _figures(runs: Sequence[_Run]) -> str:
    notes = "".join(
        f"<p><b>{escaped(run.name)}</b>: {escaped(run.info.notes)}</p>"
        for run in runs
        if run.info.notes
    )
    return f"<h2>Figures</h2>{records(map(_figures_of, runs))}{notes}"


def _figures_of(run: _Run) -> dict[str, str]:
    info, row = run.info, run.row
    best = score_text(info.best, None, row.measure)
    test = row_text(row)
    return {
        "Run": run.name,
        "State": info.state,
        "Setting": f"{row.algorithm}, {row.task} {row.setting}, {row.model}",
        "Meta-steps": f"{info.step:,} of {info.iterations:,}",
        "Best validation": best or "–",
        "Test, 95 % CI": test or "–",
        "Tested with": row.tested_with or "–",
        "Time": str(datetime.timedelta(seconds=round(info.seconds))),
        "Device": info.device,
        "Id": info.id,
    }


def _verdicts(runs: Sequence[_Run]) -> str:
    if len(runs) < 2:
        return ""
    found = side_by_side((run.folder.path.parent, run.row) for run in runs)
    items = "".join(f"<li>{_sentence(verdict)}</li>" for verdict in verdicts(found))
    differences = f"<h2>Differences</h2><ul>{items}</ul>" if items else ""
    return _groups(found) + differences


def _groups(found: Sequence[Contender]) -> str:
    """Return the means over seeds that the differences are between."""
    groups = records(_group(side) for side in found if len(side.rows) > 1)
    return f"<h2>Seeds</h2>{groups}" if groups else ""


def _group(side: Contender) -> dict[str, str]:
    mean = "–" if side.test is None else contender_text(side.together)
    return {
        "Runs": side.name,
        "Seeds": side.seeds,
        "Mean test over seeds, 95 % CI": mean,
    }


def _sentence(verdict: Verdict) -> str:
    return verdict_text(verdict, escaped)


def verdict_text(verdict: Verdict, shown: Callable[[str], str] = str) -> str:
    """Return what a test says in a sentence, each part of it as it is ``shown``."""
    names = " against ".join(
        shown(side.name) + _seeds(side) for side in (verdict.first, verdict.second)
    )
    if verdict.test is None:
        return f"{names}: {shown(verdict.problem)}."
    measure = verdict.first.measure
    by = difference_text(verdict.test, measure)
    way = bearing_text(verdict.test.difference, measure)
    return f"{names}: {shown(f'{measure} {by} ({way}), {verdict.test.sentence()}')}."


def _seeds(side: Contender) -> str:
    together = side.together
    if len(together.rows) == 1 and not together.what_is_missing:
        return ""
    return f" ({together.words})"


def _curves(runs: Sequence[_Run]) -> str:
    return curves(
        [Plotted(run.name, run.row.measure, run.curves, run.test) for run in runs]
    )


def _evaluations(runs: Sequence[_Run]) -> str:
    any_loss = any(kept.measure is Measure.LOSS for run in runs for kept in run.kept)
    rows = records(
        _evaluation(run, kept, any_loss=any_loss) for run in runs for kept in run.kept
    )
    return f"<h2>Evaluations</h2>{rows}" if rows else ""


def _evaluation(run: _Run, kept: KeptEvaluation, *, any_loss: bool) -> dict[str, str]:
    return {
        "Run": run.name,
        "Split": kept.split,
        "Setting": kept.setting,
        "Tasks": f"{kept.tasks:,}",
        "Inner steps": str(kept.steps),
        "Queries": kept.manner,
        "Score, 95 % CI": score_text(kept.score, kept.ci95, kept.measure),
        **_spread(kept, any_loss=any_loss),
        "Norm; seed; split; checkpoint": f"{kept.norm}; seed {kept.seed}; split "
        f"{kept.split_hash[:12] or '–'}; meta-step {kept.meta_step:,}",
    }


def _spread(kept: KeptEvaluation, *, any_loss: bool) -> dict[str, str]:
    """Return the columns that tables with regressions have beside mean and interval."""
    if not any_loss:
        return {}
    spread = kept.final.score_spread
    if spread is None:
        return dict.fromkeys(("Median", "Middle 98 %", "Diverged"), "–")
    return {
        "Median": score_text(spread.median, None, Measure.LOSS),
        "Middle 98 %": score_text(spread.trimmed_mean, None, Measure.LOSS),
        "Diverged": f"{spread.diverged:,}",
    }


def _configurations(runs: Sequence[_Run]) -> str:
    """Return first the fields that differ, a column for each run, then the others."""
    fields = list(dict.fromkeys(name for run in runs for name in run.fields))
    rows = [(field, *(run.fields.get(field, "–") for run in runs)) for field in fields]
    differing = [row for row in rows if len({*row[1:]}) > 1]
    shared = [row[:2] for row in rows if row not in differing]
    tables = []
    if differing:
        head = ("Field", *(run.name for run in runs))
        tables.append("<p>What differs:</p>" + table(head, differing))
        tables.append("<p>The same in all:</p>")
    tables.append(table(("Field", "Value"), shared))
    return f"<h2>Configuration</h2>{''.join(tables)}"


def _versions(runs: Sequence[_Run]) -> str:
    rows = [
        {
            "Run": run.name,
            "Versions": ", ".join(f"{key} {v}" for key, v in run.info.versions.items()),
        }
        for run in runs
    ]
    return f"<h2>Versions</h2>{records(rows)}"
