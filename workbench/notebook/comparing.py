"""Two runs beside each other, and whether they really differ."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from workbench.core.config.run_config import ConfigError, Mistake
from workbench.core.results.comparison import Verdict, side_by_side, verdicts
from workbench.core.results.report import short_report, verdict_text
from workbench.core.results.statistics import Comparison
from workbench.notebook.finding import load
from workbench.notebook.shown import Run


@dataclass(frozen=True)
class Compared:
    """What a paired test says of two runs, which shows itself as a sentence."""

    first: Run
    second: Run
    verdict: Verdict

    @property
    def test(self) -> Comparison | None:
        """The test's figures; None where the runs cannot be compared."""
        return self.verdict.test

    def __repr__(self) -> str:
        return verdict_text(self.verdict)

    def _repr_html_(self) -> str:
        beside = short_report([self.first.folder, self.second.folder])
        return f"<p>{html.escape(repr(self))}</p>{beside}"


def compare(first: Run | Path | str, second: Run | Path | str) -> Compared:
    """Test whether the second run is better or worse than the first, task by task.

    Both must have been tested on the same episodes, as runs of the same task are.
    """
    one, other = (run if isinstance(run, Run) else load(run) for run in (first, second))
    found = verdicts(
        side_by_side((run.folder.path.parent, run.row) for run in (one, other))
    )
    if not found:
        message = "they differ in nothing but the seed: compare runs of two settings"
        raise ConfigError([Mistake("", message)])
    return Compared(one, other, found[0])
