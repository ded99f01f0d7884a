"""Each measurement, made short: what it says is whole and can be."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workbench.cli import bench, entry_point
from workbench.gui.app import start
from workbench.gui.measuring import long_sweep, measurements
from workbench.gui.measuring.figure import Figure, at_least, at_most
from workbench.gui.measuring.jitter import jitter
from workbench.gui.measuring.memory import memory
from workbench.gui.measuring.panning import panning
from workbench.gui.measuring.speed import speed
from workbench.gui.measuring.starting import starting

pytestmark = pytest.mark.forecasts  # they wait until nothing is computed any more


@pytest.fixture(autouse=True)
def _no_data_but_glyphs(
    qapp: QApplication, glyphs_at_hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEWSHOT_DATA", str(glyphs_at_hand))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


def named(figures: list[Figure]) -> dict[str, Figure]:
    assert all(math.isfinite(figure.value) for figure in figures)
    assert all(bool(figure.goal) == (figure.met is not None) for figure in figures)
    return {figure.measure: figure for figure in figures}


def test_the_start_is_timed_to_the_paint_and_to_torch() -> None:
    figures = named(starting(0, starts=1))
    painted, ready = figures["first paint"].value, figures["torch ready"].value
    assert figures["first paint computing"].value > 0
    assert 0 < painted < ready


def test_the_jitter_of_idle_and_training_is_compared() -> None:
    figures = named(jitter(0.3))
    idle, busy = (figures[f"jitter {name} p99"].value for name in ("idle", "training"))
    assert idle > 1
    assert figures["jitter ratio"].value == pytest.approx(busy / idle)
    assert figures["jitter worst"].value >= busy
    assert "glyphs" in figures["jitter worst"].about


def test_speed_beside_the_window_is_a_part_of_headless_speed() -> None:
    (figure,) = speed(1.2, ("sinusoid-1",))
    assert figure.value > 0
    assert figure.goal == ">= 0.85"
    assert "sinusoid" in figure.about


def test_a_long_sweep_is_compared_with_a_short_one() -> None:
    times = long_sweep._watched(10, 0.3)
    figures = named(long_sweep._compared(times, 2 * times, "as made"))
    short, long = (
        figures[f"sweep of {number} p99"].value for number in ("10", "1,000")
    )
    assert long == pytest.approx(2 * short)
    assert figures["long sweep ratio"].value == pytest.approx(2)
    assert figures["long sweep worst"].value == 2 * times.max() > 2


def test_panning_and_zooming_give_frames_a_second() -> None:
    figures = named(panning(0.1, steps=2000))
    assert figures["pan and zoom"].value > 0
    assert "2,000 steps in each of 5 runs" in figures["pan and zoom"].about


def test_memory_is_read_at_half_of_the_events_and_at_all() -> None:
    figures = named(memory(0, events=2000))
    half, whole = (figures[f"memory at {n:,} events"].value for n in (1000, 2000))
    assert half > 10
    assert figures["memory growth"].value == pytest.approx(whole - half)


def test_a_figure_says_whether_it_reaches_its_goal() -> None:
    figure = Figure("start", 1.2, "s", "of one")
    assert at_most(1.0, figure).met is False
    assert at_least(1.0, figure).met is True
    assert "NO" in str(at_most(1.0, figure))
    assert "NO" not in str(figure)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_each_figure_on_a_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:
    def here(work: Callable[[float], list[Figure]], seconds: float) -> list[Figure]:
        return [at_most(2.0, Figure(work.__name__, seconds, "s", "as asked"))]

    monkeypatch.setattr(bench, "_alone", here)
    words = ["bench", "--window", "--seconds", "1.5", *(["--json"] * as_json)]
    assert entry_point(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(measurements())
    if as_json:
        first = json.loads(lines[0])
        assert first["measure"] == "starting"
        assert (first["value"], first["unit"], first["met"]) == (1.5, "s", True)
    else:
        assert "starting" in lines[0]
        assert "<= 2" in lines[0]


def test_without_qt_the_command_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = start._import_message("No module named 'PySide6'")
    monkeypatch.setattr(start, "missing_libraries", lambda: missing)
    assert entry_point(["bench", "--window"]) == 2
    assert "PySide6" in capsys.readouterr().err
