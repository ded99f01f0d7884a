"""What ``sweep --show`` prints: how good each value of each swept field is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.runs import aligned
from workbench.core.base.json_text import to_text
from workbench.core.base.phrases import counted
from workbench.core.base.program import command
from workbench.core.results.score_text import score_text
from workbench.core.results.statistics import Mean
from workbench.core.results.sweep_results import (
    Setting,
    SweepResults,
    ValueLine,
    sweep_results,
)
from workbench.core.runs.errors import RunError
from workbench.core.runs.filter import matching
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow
from workbench.core.runs.sweeps import find_sweeps

_MOST_GIVEN_UP = 20
_TITLES = ("field", "value", "at its best", "on average", "of")


def show_sweep(runs: Path, text: str, *, as_json: bool) -> None:
    """Print what a sweep found: the newest, one by its id, or a filter's runs."""
    results = sweep_results(_meant(runs, text))
    if len(results.measures) > 1:
        by = " and others by ".join(results.measures)
        raise RunError(f"some of these runs are scored by {by}")
    if as_json:
        sys.stdout.writelines(to_text(each) + "\n" for each in _records(results))
    else:
        sys.stdout.writelines(_lines(results))


def _meant(runs: Path, text: str) -> Sequence[RunRow]:
    rows = all_rows(runs)
    sweeps = find_sweeps(rows)
    found = next((sweep for sweep in sweeps if text in ("", sweep.id)), None)
    if found is not None:
        return found.rows
    chosen = [row for row in matching(rows, text) if row.is_run] if text else []
    if not chosen:
        how = command("sweep PRESET --seeds 0,1,2 --grid section.field=value,value")
        what = f"no sweep {text!r}, and no run that matches" if text else "no sweep"
        raise RunError(f"{what} in {runs}; to train one: {how}")
    return chosen


def _lines(results: SweepResults) -> Iterator[str]:
    judged = str(results.measure)
    judged += " of the middle 98 % of tasks" if results.is_trimmed else ""
    missing = results.what_is_missing
    yield (
        f"{counted(len(results.rows), 'run')} by {results.judge} {judged}"
        f"{f'; without a score: {missing}' if missing else ''}\n"
    )
    if results.best is not None:
        seeds = counted(len(results.best.together.figures), "seed")
        score = _score(results.best.score, results)
        yield f"best: {_values(results, results.best)}{score} over {seeds}\n"
    if results.fields:
        yield "\n"
        cells = (_cells(line, results) for line in results.lines)
        yield from aligned([_TITLES, *cells])
        yield "* the best value of its field; ± 95 % CI over seeds\n"
    yield from _given_up(results.rows)


def _given_up(rows: Sequence[RunRow]) -> Iterator[str]:
    """Yield which runs a search gave up, and why."""
    pruned = [row for row in rows if row.pruned]
    yield from ["\ngiven up:\n"] * bool(pruned)
    for row in pruned[:_MOST_GIVEN_UP]:
        yield f"  {row.name}: {row.pruned}\n"
    if len(pruned) > _MOST_GIVEN_UP:
        yield f"  and {len(pruned) - _MOST_GIVEN_UP:,} more\n"


def _values(results: SweepResults, setting: Setting) -> str:
    pairs = zip(results.fields, setting.values, strict=True)
    return "".join(f"{field.name}={value} " for field, value in pairs)


def _cells(line: ValueLine, results: SweepResults) -> tuple[str, ...]:
    best = None if line.best is None else line.best.score
    return (
        line.field.name,
        line.value,
        _score(best, results) + (" *" if line.is_best else ""),
        _score(line.average.mean, results) + (" *" if line.is_best_on_average else ""),
        line.average.words,
    )


def _score(mean: Mean | None, results: SweepResults) -> str:
    if mean is None:
        return "–"
    return score_text(mean.mean, mean.ci95, results.measure)


def _records(results: SweepResults) -> Iterator[dict[str, Any]]:
    for line in results.lines:
        best, average = line.best, line.average
        yield {
            "field": line.field.name,
            "value": line.value,
            "judge": results.judge,
            "measure": results.measure,
            "best": None if best is None else _record(best.score),
            "best_setting": None if best is None else _setting(results, best),
            "is_best": line.is_best,
            "average": _record(average.mean),
            "is_best_on_average": line.is_best_on_average,
            "runs": len(average.rows),
            "diverged": average.diverged,
            "unscored": average.unscored,
        }


def _record(mean: Mean | None) -> dict[str, Any] | None:
    if mean is None:
        return None
    return {"mean": mean.mean, "ci95": mean.ci95, "seeds": mean.values}


def _setting(results: SweepResults, setting: Setting) -> dict[str, str]:
    names = (field.name for field in results.fields)
    return dict(zip(names, setting.values, strict=True))
