"""A run's files, damaged: the run is shown with what is wrong, and no other is."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from pathlib import Path
from random import Random

import pytest
from pydantic import TypeAdapter

from tests.fuzz.damage import (
    Damage,
    damaged,
    json_nested,
    json_value,
    toml_line,
    toml_nested,
)
from tests.fuzz.holding import Holder, held
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.runs.evaluations import list_evaluations, own_test
from workbench.core.runs.events import Event
from workbench.core.runs.export import export_csv
from workbench.core.runs.row import RunRow, read_row
from workbench.core.runs.store import RunFolder, RunInfo

OLD = Path(__file__).parents[1] / "made_by_0_1_0"


@pytest.fixture(params=["new", "old"])
def whole(request: pytest.FixtureRequest, run: RunFolder, tmp_path: Path) -> RunFolder:
    """A run of this version that failed, or one of the first version."""
    if request.param == "new":
        remedy = Remedy(kind=RemedyKind.SET, changes={"training.meta_lr": 0.1})
        run.update(state="failed", message="it failed", remedies=(remedy,))
        return run
    return RunFolder(Path(shutil.copytree(OLD, tmp_path / "old-run")))


def json_line(content: bytes, draw: Random) -> bytes:
    """Change a value in one of the lines."""
    lines = content.split(b"\n")
    at = draw.randrange(len(lines))
    lines[at] = json_value(lines[at], draw).replace(b"\n", b" ")
    return b"\n".join(lines)


def look_at(run: RunFolder) -> None:
    """Read all that tables, plots and exports read; only the last two may refuse."""
    check_row(read_row(run.path))
    for event in run.events():
        check_event(event)
    for kept in (*list_evaluations(run.path), own_test(run.path)):
        if kept is not None:
            assert isinstance(kept.score + kept.ci95, float)
            assert isinstance(kept.setting + kept.episodes, str)
    run.info()
    run.config()


def check_row(row: RunRow) -> None:
    shown = (row.date, row.setting, row.tested_with, row.speed, row.config)
    assert all(part is None or part is not ... for part in shown)
    assert row.problem == "" or row.problem.splitlines() == [row.problem]


@functools.cache
def strict(kind: type) -> TypeAdapter:
    return TypeAdapter(kind)


def check_event(event: Event) -> None:
    """An event's values are of the kinds that it says they are."""
    values = dataclasses.asdict(event)
    text = json.dumps(values, default=lambda remedy: remedy.model_dump(mode="json"))
    strict(type(event)).validate_json(text, strict=True)


def test_a_damaged_run_json_is_said_of_its_run(whole: RunFolder, holder: Holder):
    hold(holder, whole, whole.path / "run.json", json_value)


def test_a_nested_run_json_is_said_of_its_run(whole: RunFolder, holder: Holder):
    hold(holder, whole, whole.path / "run.json", json_nested)


def test_a_damaged_config_is_said_of_its_run(whole: RunFolder, holder: Holder):
    hold(holder, whole, whole.path / "config.toml", toml_line)


def test_a_nested_config_is_said_of_its_run(whole: RunFolder, holder: Holder):
    hold(holder, whole, whole.path / "config.toml", toml_nested)


def test_damaged_metrics_give_the_events_that_are_whole(
    whole: RunFolder, holder: Holder
):
    hold(holder, whole, whole.metrics, json_line)


def test_a_damaged_evaluation_is_left_out(whole: RunFolder, holder: Holder):
    file = next((whole.path / "evaluations").glob("*.json"))
    hold(holder, whole, file, json_value)


@pytest.mark.parametrize("own", [json_value, json_nested])
def test_a_damaged_run_json_is_changed_as_asked_or_not_at_all(
    whole: RunFolder, holder: Holder, own: Damage
):
    file = whole.path / "run.json"
    original = file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, own)
        found: list[RunInfo] = []
        holder.hold(
            file, content, lambda _: found.append(whole.info()), whole.path.name
        )
        if held(lambda: whole.update(notes="looked at"), whole.path.name):
            (before,) = found
            expected = before.model_copy(update={"notes": "looked at"})
            assert whole.info().model_dump_json() == expected.model_dump_json()
        else:
            assert file.read_bytes() == content

    holder.each(case, share=0.25)


def hold(holder: Holder, run: RunFolder, file: Path, damage: Damage) -> None:
    original = file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, damage)
        holder.hold(file, content, lambda _: look_at(run), run.path.name)

    holder.each(case, share=0.25)


def test_damaged_metrics_are_exported_as_far_as_they_go(run, holder: Holder):
    original = run.metrics.read_bytes()

    def case(draw: Random) -> None:
        def read(_: Path) -> None:
            table = export_csv(run, holder.folder / "m.csv", replace=True).read_text()
            assert table.startswith("step,")

        content = damaged(original, draw, json_line)
        holder.hold(run.metrics, content, read, run.path.name)

    holder.each(case, share=0.25)


def test_events_cut_anywhere_are_those_before(run):
    whole = run.metrics.read_bytes()
    events = list(run.events())
    for length in range(0, len(whole), 97):
        run.metrics.write_bytes(whole[:length])
        found = list(run.events())
        assert found == events[: len(found)]
        assert len(found) >= whole[:length].count(b"\n")
    assert json.loads(whole.splitlines()[0])
