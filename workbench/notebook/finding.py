"""What there is: presets, and runs."""

from __future__ import annotations

from pathlib import Path

from workbench.core.base.folders import runs_folder
from workbench.core.config.presets import Preset, list_presets
from workbench.core.results.score_text import row_text
from workbench.core.runs.search import find_run, list_runs
from workbench.notebook.shown import Run, Shown
from workbench.notebook.wording import remedies_told


def presets() -> Shown[Preset]:
    """Return every preset; each has its ``name``, for ``train``."""
    heads = ("name", "title", "group")
    return Shown(
        list_presets(), heads, lambda each: (each.name, each.title, each.group)
    )


def runs(folder: Path | str | None = None) -> Shown[Run]:
    """Return all runs, the newest first, of the folder of runs or of another."""
    place = runs_folder(folder)
    found = [Run(each) for each in list_runs(place)]
    heads = ("name", "state", "step", "test", "date")
    return Shown(found, heads, _cells, f"there are no runs in {place}")


def load(name: Path | str, runs: Path | str | None = None) -> Run:
    """Return the run that a folder, a name or an id means; ``bundled`` is ours."""
    with remedies_told():
        return Run(find_run(str(name), runs_folder(runs)))


def _cells(run: Run) -> tuple[str, ...]:
    row = run.row
    return row.name, row.state, f"{row.step:,}", row_text(row), row.date
