"""Sweeps and the queue: planned, worked off, stopped, killed and resumed."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made_runs import made, small_config
from workbench.core.base.errors import MAKE_ROOM, WorkbenchError, problem_of
from workbench.core.config.run_config import ConfigError
from workbench.core.planning.sweep import (
    parse_grid,
    parse_seeds,
    plan_sweep,
)
from workbench.core.queue.queue import MOST_FINISHED, RunQueue
from workbench.core.queue.workers import Workers
from workbench.core.queue.working import work_off
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import StepEvent
from workbench.core.runs.index import all_rows
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.searching.space import parse_axis
from workbench.core.training import record
from workbench.core.training.outer_loop import OuterLoop


def test_a_sweep_is_every_combination() -> None:
    planned = plan_sweep(
        small_config(), [0, 1], {"algorithm.inner_lr": [0.1, 0.4], "task.shots": [5]}
    )
    made = [(p.config.algorithm.inner_lr, p.config.training.seed) for p in planned]  # type: ignore[attr-defined]
    assert made == [(0.1, 0), (0.1, 1), (0.4, 0), (0.4, 1)]
    assert [p.label for p in planned][1:3] == [
        "inner_lr 0.1, seed 1",
        "inner_lr 0.4, seed 0",
    ]
    again = plan_sweep(
        small_config(),
        [0, 1, 0],
        {"algorithm.inner_lr": [0.1, 0.4, 0.1], "task.shots": [5, 5.0]},
    )
    assert again == planned
    assert [p.label for p in plan_sweep(small_config())] == [""]
    assert [p.label for p in plan_sweep(small_config(), [7])] == [""]


def test_a_field_with_one_value_is_named_if_the_configuration_has_another() -> None:
    grid = {"algorithm.inner_lr": [0.4], "task.shots": [5], "training.meta_lr": [1, 2]}
    assert [p.label for p in plan_sweep(small_config(), [], grid)] == [
        "inner_lr 0.4, meta_lr 1",
        "inner_lr 0.4, meta_lr 2",
    ]


def test_what_is_queued_tells_its_seed_once(tmp_path: Path) -> None:
    config = small_config(training__seed=3)
    queued = RunQueue(tmp_path).add([("quick", config), ("quick, seed 3", config)])
    assert [item.title for item in queued] == ["quick, seed 3"] * 2


def test_what_cannot_be_swept_says_why() -> None:
    with pytest.raises(ConfigError, match="inner_lr"):
        plan_sweep(small_config(), [], {"algorithm.inner_lr": [-1]})
    with pytest.raises(ConfigError, match="did you mean"):
        plan_sweep(small_config(), [], {"algorithm.iner_lr": [1]})
    with pytest.raises(ConfigError, match="too many"):
        plan_sweep(small_config(), range(2000))


def test_seeds_and_axes_are_read_as_written() -> None:
    assert parse_seeds("0,1, 4-6,1") == [0, 1, 4, 5, 6]
    assert parse_axis("algorithm.inner_lr=0.1,0.4") == (
        "algorithm.inner_lr",
        [0.1, 0.4],
    )
    assert parse_axis("model.hidden=[40,40],[64]") == (
        "model.hidden",
        [[40, 40], [64]],
    )
    assert parse_seeds(" ") == []
    for wrong in ("x", "0-", "5-2", ",", "1,,2"):
        with pytest.raises(ConfigError, match="write seeds as"):
            parse_seeds(wrong)
    for many in ("0-9999999999", "0-99999999999999999999"):
        with pytest.raises(ConfigError, match="too many"):
            parse_seeds(many)
    with pytest.raises(ConfigError, match="write it as"):
        parse_axis("algorithm.inner_lr")


def test_values_that_are_written_twice_are_not_lost() -> None:
    lines = ["algorithm.inner_lr=0.1", "task.shots=1,5"]
    assert parse_grid(lines) == {"algorithm.inner_lr": [0.1], "task.shots": [1, 5]}
    with pytest.raises(ConfigError, match=r"inner_lr: is there twice"):
        parse_grid([*lines, "algorithm.inner_lr=0.4"])
    with pytest.raises(ConfigError, match=r"training\.seed: its values are the seeds"):
        plan_sweep(small_config(), [0], {"training.seed": [1, 2]})
    assert len(plan_sweep(small_config(), [], {"training.seed": [1, 2]})) == 2


def test_the_queue_trains_one_after_the_other(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config()), ("two", small_config(training__seed=1))])
    order = [p.item.name for p in work_off(queue, tmp_path)]
    assert list(dict.fromkeys(order)) == ["one", "two"]
    assert [item.state for item in queue.read().items] == ["done", "done"]
    assert {run.info().state for run in list_runs(tmp_path)} == {"completed"}


def test_a_failure_does_not_stop_the_queue(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    bad = small_config(algorithm__inner_lr=1e30, algorithm__inner_steps=5)
    queue.add([("bad", bad), ("good", small_config())])
    list(work_off(queue, tmp_path))
    first, second = queue.read().items
    assert (first.state, second.state) == ("failed", "done")
    assert "not finite" in first.message


def test_what_ended_the_process_is_failed_when_the_queue_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = OuterLoop.advance

    def stumbling(self: OuterLoop) -> object:
        if self.config.training.seed == 7:
            raise RuntimeError("planted: the sky fell")
        return advance(self)

    monkeypatch.setattr(OuterLoop, "advance", stumbling)
    queue = RunQueue(tmp_path)
    queue.add([("bad", small_config(training__seed=7)), ("good", small_config())])
    with pytest.raises(RuntimeError, match="planted"):
        list(work_off(queue, tmp_path))
    list(work_off(queue, tmp_path))
    first, second = queue.read().items
    assert (first.state, second.state) == ("failed", "done")
    assert first.message == "planted: the sky fell"


def test_items_are_reordered_and_removed(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    one, two, three = queue.add([(name, small_config()) for name in "abc"])
    queue.move(three.id, -2)
    assert [item.name for item in queue.read().items] == ["c", "a", "b"]
    queue.move(three.id, 99)
    queue.remove([one.id])
    assert [item.name for item in queue.read().items] == ["b", "c"]
    assert two.id == queue.read().items[0].id


def test_a_paused_queue_begins_nothing(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config()), ("two", small_config())])
    for progress in work_off(queue, tmp_path):
        if progress.event is None:
            queue.pause(True)
    assert [item.state for item in queue.read().items] == ["done", "waiting"]


def test_what_is_finished_stays_until_it_is_removed_or_many(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([(str(number), small_config()) for number in range(MOST_FINISHED + 3)])
    state = json.loads(queue.file.read_text(encoding="utf-8"))
    for item in state["items"][:-1]:
        item["state"] = "done"
    state["items"][1]["state"] = "failed"
    queue.file.write_text(json.dumps(state), encoding="utf-8")
    queue.add([("one more", small_config())])
    names = [item.name for item in queue.read().items]
    newest = [str(number) for number in range(2, MOST_FINISHED + 3)]
    assert names == [*newest, "one more"]
    queue.remove_finished()
    assert [item.name for item in queue.read().items] == [newest[-1], "one more"]


def test_what_one_worker_trains_no_other_takes(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config()), ("two", small_config(training__seed=1))])
    first = work_off(queue, tmp_path)
    assert next(first).item.name == "one"
    assert {p.item.name for p in work_off(RunQueue(tmp_path), tmp_path)} == {"two"}
    assert [item.state for item in queue.read().items] == ["running", "done"]
    assert len(Workers(tmp_path).present()) == 1
    first.close()
    assert Workers(tmp_path).present() == []
    assert {p.item.name for p in work_off(queue, tmp_path)} == {"one"}
    assert [item.state for item in queue.read().items] == ["done", "done"]
    assert len(list_runs(tmp_path)) == 2


def test_a_queue_that_cannot_be_locked_is_read_and_says_why(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    (tmp_path / ".queue.lock").mkdir()
    assert queue.read().items == ()
    with pytest.raises(RunError, match=r"cannot lock .*\.queue\.lock"):
        queue.add([("quick", small_config())])
    with pytest.raises(RunError, match=r"cannot lock .*\.queue\.lock"):
        next(work_off(queue, tmp_path))
    assert Workers(tmp_path).present() == []


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("long", small_config(training__seed=5)), ("next", small_config())])
    work = work_off(queue, tmp_path)
    for progress in work:
        if isinstance(progress.event, StepEvent):
            break
    work.close()
    (run,) = list_runs(tmp_path)
    assert run.info().state == "stopped"
    list(work_off(RunQueue(tmp_path), tmp_path))
    assert len(list_runs(tmp_path)) == 2
    assert [item.state for item in queue.read().items] == ["done", "done"]


def test_the_queue_survives_a_kill(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("first", small_config()), ("second", small_config())])
    script = (
        "import os, pathlib, signal, sys\n"
        "from workbench.core.queue.queue import RunQueue\n"
        "from workbench.core.queue.working import work_off\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "for progress in work_off(RunQueue(path), path):\n"
        "    if getattr(progress.event, 'step', 0) == 2:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [item.state for item in queue.read().items] == ["running", "waiting"]
    assert Workers(queue.runs).present() == []
    list(work_off(queue, tmp_path))
    assert [item.state for item in queue.read().items] == ["done", "done"]
    assert len(list_runs(tmp_path)) == 2


@pytest.mark.parametrize("content", ["{half", "[" * 100_000, '{"items": [1, 2]}'])
def test_a_queue_of_nothing_readable_is_kept_aside(
    tmp_path: Path, content: str
) -> None:
    queue = RunQueue(tmp_path)
    for number in (1, 2):
        queue.file.write_text(content)
        assert queue.read().items == ()
        assert "0 items could be read" in queue.read().notice
        queue.add([("one", small_config())])
        assert [item.name for item in queue.read().items] == ["one"]
        aside = tmp_path / f"queue.damaged-{number}.json"
        assert aside.name in queue.read().notice
        assert aside.read_text() == content
    queue.remove_finished()
    assert queue.read().notice == ""


def test_a_cut_queue_keeps_every_whole_item(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([(name, small_config()) for name in "abcd"])
    whole = queue.file.read_bytes()
    for length in range(len(whole)):
        queue.file.write_bytes(whole[:length])
        found = queue.read()
        assert [item.name for item in found.items] == list("abcd")[: len(found.items)]
        assert "damaged" in found.notice
    queue.file.write_bytes(whole[:-3])
    queue.add([("new", small_config())])
    assert [item.name for item in queue.read().items] == ["a", "b", "c", "d", "new"]
    assert (tmp_path / "queue.damaged-1.json").read_bytes() == whole[:-3]


def test_an_item_in_an_unknown_state_costs_nothing_but_itself(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.add([(name, small_config()) for name in "ab"])
    text = queue.file.read_text().replace('"waiting"', '"resting"', 1)
    queue.file.write_text(text)
    first, second = queue.read().items
    assert (first.name, first.state, second.state) == ("a", "failed", "waiting")
    assert "'resting'" in first.message


def test_what_is_trained_goes_on_while_the_file_cannot_be_read_whole(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("one", small_config())])
    for progress in work_off(queue, tmp_path):
        event = progress.event
        if isinstance(event, StepEvent) and event.step == 3:
            content = queue.file.read_bytes()
            queue.file.write_bytes(content[:100])  # as an editor saves it
        if isinstance(event, StepEvent) and event.step == 10:
            queue.file.write_bytes(content)
    assert [item.state for item in queue.read().items] == ["done"]


def test_a_queue_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path)
    queue.file.mkdir()
    assert queue.read().items == ()
    with pytest.raises(RunError, match=r"cannot read .*queue\.json"):
        queue.add([("one", small_config())])
    assert queue.file.is_dir()


def test_several_queued_at_once_are_a_sweep_and_their_runs_say_so(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("alone", small_config())])
    queue.add([(f"seed {seed}", small_config(training__seed=seed)) for seed in (0, 1)])
    alone, *two = queue.read().items
    assert alone.sweep == ""
    list(work_off(queue, tmp_path))
    rows = {row.name: row for row in all_rows(tmp_path)}
    assert rows["alone"].sweep == ""
    assert {rows[f"seed {seed}"].sweep for seed in (0, 1)} == {two[0].sweep}


_DIES_WHILE_IT_BEGINS = """
import os, pathlib, sys
import torch  # or each of those that die would import it
from tests.dying import die_at
from tests.made_runs import made, small_config
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.working import work_off

def begin(queue, change):
    child = os.fork()
    if not child:
        die_at(queue.runs, change)
        next(work_off(queue, queue.runs))
        os._exit(0)
    return os.waitpid(child, 0)[1]

change, status = 0, 1
while status:
    change += 1
    queue = RunQueue(pathlib.Path(sys.argv[1]) / str(change))
    queue.add([(name, small_config()) for name in "ab"])
    status = begin(queue, change)
    assert begin(queue, 0) == 0
    first, _ = queue.read().items
    folders = [path.name for path in queue.runs.glob("[!.]*") if path.is_dir()]
    assert folders == [first.run], (change, folders, first)
    sweep = queue.begun_folder(first).info().sweep
    assert sweep == first.sweep, (change, sweep)
print(change)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_worker_killed_while_it_begins_a_run_leaves_no_other_behind(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", _DIES_WHILE_IT_BEGINS, str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


@pytest.mark.parametrize("run", ["../other", "..", "x" * 5000, "a\0b"])
def test_an_item_is_trained_in_the_queue_s_folder_and_in_no_other(
    tmp_path: Path, run: str
) -> None:
    other = made(tmp_path).path.rename(tmp_path / "other")
    queue = RunQueue(tmp_path / "runs")
    (item,) = queue.add([("mine", small_config(training__iterations=1))])
    with queue.changing() as state:
        queue.write(state.having(item.id, state="running", run=run))
    list(work_off(queue, tmp_path))
    assert [item.state for item in queue.read().items] == ["done"]
    assert RunFolder(other).info().state == "created"
    assert len(list_runs(queue.runs)) == 1


ODD = ('"\\ud800"', *('{"a":' * deep + "1" + "}" * deep for deep in (196, 200, 400)))


@pytest.mark.parametrize("odd", ODD, ids=len)
def test_what_could_not_be_written_again_does_not_hinder_the_queue(
    tmp_path: Path, odd: str
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([("a", small_config()), ("b", small_config())])
    remedy = f'"remedies": [{{"kind": "set", "changes": {{"x": {odd}}}}}]'
    text = queue.file.read_text().replace('"remedies": []', remedy, 1)
    queue.file.write_text(text)
    assert [item.name for item in queue.read().items] == ["b"]
    queue.pause(True)
    assert queue.read().paused
    (aside,) = tmp_path.glob("queue.damaged-*.json")
    assert aside.read_text() == text


def test_a_full_disk_ends_the_worker_and_fails_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = RunQueue(tmp_path)
    queue.add([(name, small_config()) for name in "ab"])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(record, "save_checkpoint", full)
        with pytest.raises(WorkbenchError, match="no room") as raised:
            list(work_off(queue, tmp_path))
    assert MAKE_ROOM in problem_of(raised.value).remedies
    items = queue.read().items
    assert all(item.is_free for item in items)
    assert len(list_runs(tmp_path)) == 1
    list(work_off(queue, tmp_path))
    assert [item.state for item in queue.read().items] == ["done", "done"]
    assert len(list_runs(tmp_path)) == 2
