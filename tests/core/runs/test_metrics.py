"""A run of any length is read with as much memory as a short one."""

from __future__ import annotations

import itertools
import json
import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gui import made_up
from tests.made_runs import made
from workbench.core.results.report import report
from workbench.core.runs import events, metrics
from workbench.core.runs.events import EvaluationEvent, Event, StepEvent, to_json
from workbench.core.runs.export import export_csv
from workbench.core.runs.metrics import Follower
from workbench.core.runs.store import RunFolder

STEPS = 5000


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of many more pieces than one, as the piece is made small here."""
    folder = made(tmp_path_factory.mktemp("runs"))
    write(folder, list(made_up.run_events(STEPS, every=1000)))
    return folder


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PIECE_BYTES", 2**13)


def write(folder: RunFolder, events: list[Event]) -> None:
    lines = "".join(to_json(event) + "\n" for event in events)
    folder.metrics.write_text(lines, encoding="utf-8")


def test_what_is_new_comes_a_piece_at_a_time(long: RunFolder) -> None:
    follower, pieces = long.follow(), list[list[Event]]()
    while piece := follower.read_new()[1]:
        pieces.append(piece)
    assert list(itertools.chain(*pieces)) == list(long.events())
    assert max(map(len, pieces)) < STEPS / 20


def test_events_of_one_name_are_found_among_all_others(
    long: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [e for e in long.events() if isinstance(e, EvaluationEvent)]
    parsed = list[bytes]()

    def from_json(line: bytes) -> Event:
        parsed.append(line)
        return events.from_json(line)

    monkeypatch.setattr(metrics, "from_json", from_json)
    follower, found = Follower(long.metrics, "evaluation"), list[Event]()
    while piece := follower.read_new()[1]:
        found += piece
    assert found == wanted
    assert len(parsed) == len(wanted) > 3


def test_pieces_of_nothing_but_rubbish_are_passed_over(tmp_path: Path) -> None:
    folder = made(tmp_path)
    step = StepEvent(1, 1.0, None, 0.5, 1e-3)
    folder.metrics.write_text(20_000 * "rubbish\n" + to_json(step) + "\n")
    assert list(folder.events()) == [step]


@pytest.mark.parametrize(
    "wrong",
    [
        {"loss": "much"},
        {"loss": None},
        {"step": "1st"},
        {"step": -1},
        {"step": 10**30},
        {"accuracy": []},
        {"extras": {"distance": "far"}},
        {"extras": None},
        {"event": "unheard of"},
    ],
)
def test_a_line_that_cannot_be_drawn_is_no_event(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    folder = made(tmp_path)
    step = StepEvent(2, math.nan, 0.5, math.inf, 1e-3, {"distance": -math.inf})
    line = to_json(step)
    spaced = json.dumps(json.loads(line), indent=1).replace("\n", "")
    lines = [json.dumps(json.loads(line) | wrong), line, spaced]
    folder.metrics.write_text("\n".join(lines) + "\n")
    assert [to_json(event) for event in folder.events()] == [line, line]


def test_a_line_without_end_is_not_read_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_LONGEST_LINE", 2**12)
    folder = made(tmp_path)
    step = StepEvent(1, 1.0, None, 0.5, 1e-3)
    endless = 2**22 * "\0"
    folder.metrics.write_text(f"{endless}\n{to_json(step)}\n{endless}")
    assert memory_for(lambda: list(folder.events())) < 2**19
    assert list(folder.events()) == [step]


def test_a_long_run_is_exported_and_reported_without_holding_its_events(
    long: RunFolder, tmp_path: Path
) -> None:
    report([long])  # what is imported and remembered for the first time does not count
    events = memory_for(lambda: list(long.events()))
    assert memory_for(lambda: export_csv(long, tmp_path / "long.csv")) < events / 2
    assert memory_for(lambda: report([long])) < events / 2


def memory_for(work: Callable[[], object]) -> int:
    """Return how many bytes were taken at the most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
