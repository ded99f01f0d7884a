"""Why an action on runs waits, as its tooltip says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.runs.row import RunRow
from workbench.gui.runs.obstacles import obstacles


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("created", "This run has no checkpoint yet"),
        ("running", "This run has no checkpoint yet"),
        ("paused", "This run has no checkpoint yet"),
        ("stopped", "This run has no checkpoint: it ended before the first"),
        ("interrupted", "This run has no checkpoint: it ended before the first"),
    ],
)
def test_a_run_without_a_checkpoint_says_whether_one_may_come(
    state: str, reason: str, tmp_path: Path
) -> None:
    found = obstacles([RunRow("run", state, "run")], tmp_path)
    assert found["evaluate"] == found["export_weights"] == reason


def test_of_a_damaged_run_it_is_said_that_it_may_be_repaired(tmp_path: Path) -> None:
    damaged = RunRow("run", "damaged", "run", problem="no run.json")
    found = obstacles([damaged], tmp_path)
    assert found["show"] == (
        "This is no readable run: no run.json. Check this run: it may be repaired"
    )
    assert found["check"] == ""
    assert (
        "repaired"
        not in obstacles([damaged._replace(state="foreign")], tmp_path)["show"]
    )
