"""An evaluation as a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.cli.evaluate import heads, printed, recorded, rows, title
from workbench.core.training.evaluation import Evaluation
from workbench.notebook.shown import html_table


@dataclass(frozen=True, repr=False)
class Scores(Evaluation):
    """The scores at every inner step, which show themselves as a small table."""

    def __repr__(self) -> str:
        return printed(recorded(self)).rstrip()

    def _repr_html_(self) -> str:
        record = recorded(self)
        return html_table(heads(record), rows(record), title(record))
