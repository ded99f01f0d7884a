"""What a calibration holds is let go when the person has gone on to other runs."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.sketch_runs import SMALL, made_run
from workbench.gui.sketch import calibrator
from workbench.gui.sketch.calibrator import Work


def test_calibrations_begun_and_left_are_few(tmp_path: Path) -> None:
    begun: dict[Path, Work] = {}
    runs = [made_run(tmp_path / "runs", **SMALL).path for _ in range(6)]
    for run in runs:
        share = calibrator._one_task(begun, run, tmp_path / "data", threading.Event())
        assert isinstance(share, float)
    assert list(begun) == runs[2:]
