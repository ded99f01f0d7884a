"""Which of a run's evaluations are those that an experiment asks for."""

from __future__ import annotations

from pathlib import Path

from tests.core.results.test_results_table import add_tested
from workbench.core.experiments.judging import Judged, kept
from workbench.core.runs.store import RunFolder


def test_an_evaluation_in_other_views_is_not_the_one_asked_for(tmp_path: Path) -> None:
    row = add_tested(tmp_path, "omniglot-maml-5way-1shot", 0.95)
    config = RunFolder(tmp_path / row.folder).config()
    assert kept(tmp_path, Judged(row, config)) is not None
    asked = config.replace({"evaluation.views": 9})
    assert kept(tmp_path, Judged(row, asked)) is None
