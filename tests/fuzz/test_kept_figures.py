"""Figures that are kept to be used again, damaged: sound ones are used, or none."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

from tests.fuzz.damage import damaged, json_value
from tests.fuzz.holding import Holder
from tests.made_runs import small_config
from tests.sketch_runs import a_calibration, a_size
from workbench.core.base.folders import user_folder
from workbench.core.pacing.known_paces import recall, remember
from workbench.core.pacing.pace import Pace, Work
from workbench.core.planning.expectation import Expectation
from workbench.core.sketch.calibration import (
    AtRate,
    Calibration,
    calibration_file,
    keep_calibration,
    read_calibration,
)

RATES = tuple(AtRate(rate=r, accuracy=0.9, temperature=r / 5) for r in (0.5, 1, 2))
SIZES = tuple(a_size(ways=ways, shots=shots) for ways in (2, 8) for shots in (1, 5))


def use(found: Calibration) -> None:
    """Ask for all that an answer needs, where it was measured and beside it."""
    for ways, shots, rate in ((2, 1, 1.0), (5, 3, 0.7), (20, 9, 3.0)):
        temperature = found.temperature(ways, shots, rate)
        assert 0 < temperature < math.inf
        assert math.isfinite(found.least_likeness(ways, shots))
        assert found.nearest(ways, shots) in found.sizes
        assert found.caution(rate).isprintable()


def test_a_damaged_calibration_is_used_or_done_without(holder: Holder) -> None:
    checkpoint = holder.folder / "best.safetensors"
    keep_calibration(a_calibration(sizes=SIZES, rates=RATES, rates_ways=5), checkpoint)
    file = calibration_file(checkpoint)
    original = file.read_bytes()

    def read(_: Path) -> None:
        found = read_calibration(checkpoint, 0, 5, 1)
        if found is not None:
            use(found)

    def case(draw: Random) -> None:
        assert holder.hold(file, damaged(original, draw, json_value), read)

    holder.each(case)


def test_damaged_paces_are_used_or_done_without(holder: Holder) -> None:
    config = small_config()
    for run, seconds in (("a", 0.5), ("b", 0.7)):
        remember(run, config, "here", Pace(seconds, 2.0, 0.1), 321.0)
    file = user_folder() / "paces.json"
    original = file.read_bytes()

    def read(_: Path) -> None:
        expected = Expectation.of(Work.of(config), recall(config, "here"), None)
        if expected is not None:
            assert expected.text().isprintable()

    def case(draw: Random) -> None:
        assert holder.hold(file, damaged(original, draw, json_value), read)
        remember("d", config, "here", Pace(0.5, 2.0, 0.1), 321.0)
        assert recall(config, "here") is not None

    holder.each(case)
