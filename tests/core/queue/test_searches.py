"""Searches in the queue: trials one after the other, each an ordinary run."""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests import killed_workers
from tests.made_runs import finish, small_config
from workbench.core.base.file_lock import file_lock
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.queued import Queued
from workbench.core.queue.searches import search_item
from workbench.core.queue.trials import (
    Pruner,
    journals,
    note_in_journal,
    trial_runs,
    trials_of,
)
from workbench.core.queue.working import work_off
from workbench.core.runs.index import all_rows
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.searching.search import Search, Trial

RATES = "algorithm.inner_lr=0.001..1:log"


def searched(
    runs: Path, search: Search, config: RunConfig | None = None
) -> tuple[Queued, ...]:
    """Make a search by one worker; return the items of its runs."""
    queue = RunQueue(runs)
    queue.append([search_item("tried", config or small_config(), search)])
    list(work_off(queue, runs, "cpu"))
    return tuple(item for item in queue.read().items if item.search is None)


def with_one_given_up(runs: Path) -> tuple[Queued, ...]:
    """Make a search of seven trials, of which the last is much worse."""
    rates = ",".join(f"0.0{n}" for n in range(1, 7))
    space = (f"algorithm.inner_lr={rates},0.4",)
    search = Search(space=space, trials=7, sampler="grid", prune="median")
    return searched(runs, search)


def trials(runs: Path) -> list[Trial]:
    state = RunQueue(runs).read()
    sweep = next(iter({item.sweep for item in state.items}))
    return trials_of(trial_runs(runs, sweep, state))


def test_each_trial_is_an_ordinary_run_that_says_what_was_tried(tmp_path: Path) -> None:
    search = Search(space=(RATES, "task.shots=2..8"), trials=4)
    items = searched(tmp_path, search)
    assert [item.name for item in items] == [f"tried, trial {n}" for n in range(1, 5)]
    assert [item.state for item in items] == ["done"] * 4
    for item in items:
        folder = RunFolder(tmp_path / item.run)
        info, config = folder.info(), folder.config()
        assert info.trial == item.trial
        assert info.trial is not None
        assert info.trial.search == search
        assert info.trial.values["task.shots"] == config.task.shots
    assert {row.sweep for row in all_rows(tmp_path)} == {items[0].sweep}
    assert [trial.state for trial in trials(tmp_path)] == ["completed"] * 4


def test_the_same_search_tries_the_same_values_and_comes_to_the_same_scores(
    tmp_path: Path,
) -> None:
    search = Search(space=(RATES,), trials=13, seed=5)
    made = list[list[Any]]()
    for name in ("one", "two"):
        searched(tmp_path / name, search)
        made.append([(each.values, each.score) for each in trials(tmp_path / name)])
    assert made[0] == made[1]
    assert len({str(values) for values, _ in made[0]}) == 13


def test_a_trial_of_several_seeds_is_as_good_as_their_mean(tmp_path: Path) -> None:
    search = Search(space=("algorithm.inner_lr=0.01,0.1",), trials=9, sampler="grid")
    items = searched(tmp_path, search.model_copy(update={"seeds": (3, 4)}))
    seeds = [RunConfig.from_toml(item.config).training.seed for item in items]
    assert seeds == [3, 4, 3, 4]
    first, second = trials(tmp_path)
    assert (first.values, second.values) == (
        {"algorithm.inner_lr": 0.01},
        {"algorithm.inner_lr": 0.1},
    )
    scores = [RunFolder(tmp_path / item.run).info().best for item in items]
    assert first.score == pytest.approx(fmean(scores[:2]))  # type: ignore[type-var]


def test_what_is_worse_than_most_is_given_up_says_why_and_can_be_continued(
    tmp_path: Path,
) -> None:
    *good, last = with_one_given_up(tmp_path)
    assert last.state == "pruned"
    assert "the median of" in last.message
    folder = RunFolder(tmp_path / last.run)
    info = folder.info()
    assert (info.state, info.pruned) == ("stopped", last.message)
    assert 0 < info.step < 20
    assert trials(tmp_path)[-1].state == "pruned"
    assert any(row.pruned for row in all_rows(tmp_path))
    finish(folder)
    info = folder.info()
    assert (info.state, info.pruned) == ("completed", "")
    assert {item.state for item in good[:5]} == {"done"}


def test_a_trial_that_goes_on_in_the_queue_by_itself_is_still_of_its_search(
    tmp_path: Path,
) -> None:
    *_, item = with_one_given_up(tmp_path)
    folder, queue = RunFolder(tmp_path / item.run), RunQueue(tmp_path)
    queue.remove_finished()
    queue.add_begun(folder)
    list(work_off(queue, tmp_path, "cpu"))
    info = folder.info()
    assert (info.state, info.pruned) == ("completed", "")
    assert (info.sweep, info.trial) == (item.sweep, item.trial)
    assert len(trials(tmp_path)) == 7
    assert trials(tmp_path)[-1].state == "completed"


def test_what_has_made_all_of_its_meta_steps_is_not_given_up(tmp_path: Path) -> None:
    *_, item = with_one_given_up(tmp_path)
    folder = RunFolder(tmp_path / item.run)
    finish(folder)
    pruner = Pruner(tmp_path, RunQueue(tmp_path).read)
    reasons = [bool(pruner.reason(item, folder, step)) for step in (12, 16, 20)]
    assert reasons == [True, True, False]


def test_what_was_given_up_stays_so_where_its_worker_is_killed_before_it_says_so(
    tmp_path: Path,
) -> None:
    *_, item = with_one_given_up(tmp_path)
    queue, before = RunQueue(tmp_path), RunFolder(tmp_path / item.run).info()
    with queue.changing() as state:
        queue.write(state.having(item.id, state="running", worker="killed-1"))
    list(work_off(queue, tmp_path, "cpu"))
    states = {each.id: each.state for each in queue.read().items}
    assert states[item.id] == "pruned"
    assert RunFolder(tmp_path / item.run).info() == before


def test_a_trial_whose_run_was_deleted_is_not_waited_for(tmp_path: Path) -> None:
    first, _ = searched(tmp_path, Search(space=(RATES,), trials=2))
    shutil.rmtree(tmp_path / first.run)
    assert [each.state for each in trials(tmp_path)] == ["failed", "completed"]


def test_a_trial_that_diverges_or_cannot_be_is_told_and_the_next_one_made(
    tmp_path: Path,
) -> None:
    space = ("algorithm.inner_lr=1e30,0.01", "algorithm.inner_steps=5")
    diverged, good = searched(tmp_path, Search(space=space, sampler="grid"))
    assert (diverged.state, good.state) == ("failed", "done")
    assert RunFolder(tmp_path / diverged.run).info().diverged
    assert [each.state for each in trials(tmp_path)] == ["diverged", "completed"]


def test_values_that_do_not_go_together_fail_alone(tmp_path: Path) -> None:
    space = ("algorithm.kind=maml,meta-sgd", "algorithm.inner_lr=0.01,0.02")
    items = searched(tmp_path, Search(space=space, sampler="grid"))
    assert [item.state for item in items] == ["done", "done", "failed", "failed"]
    assert "inner_lr" in items[-1].message
    states = [each.state for each in trials(tmp_path)]
    assert states == ["completed", "completed", "failed", "failed"]


def test_a_search_that_cannot_be_made_does_not_hinder_what_comes_after_it(
    tmp_path: Path,
) -> None:
    queue = RunQueue(tmp_path)
    item = search_item("gone", small_config(), Search(space=(RATES,), trials=3))
    config = item.config.replace("sinusoid", "of-a-package-that-is-gone")
    queue.append([item.model_copy(update={"config": config})])
    queue.add([("next", small_config())])
    list(work_off(queue, tmp_path, "cpu"))
    search, after = queue.read().items
    assert (search.state, after.state) == ("failed", "done")
    assert "of-a-package-that-is-gone" in search.message


def test_what_cannot_be_searched_is_refused_before_it_is_queued() -> None:
    with pytest.raises(ConfigError, match="inner_lr"):
        search_item("x", small_config(), Search(space=("algorithm.inner_lr=2..1",)))
    for seeds in ((-1,), (0, 2**31), (2**31, 1, 0)):
        with pytest.raises(ConfigError, match=r"training\.seed"):
            search_item("x", small_config(), Search(space=(RATES,), seeds=seeds))


def test_the_journal_is_made_again_from_the_folders(tmp_path: Path) -> None:
    items = searched(tmp_path, Search(space=(RATES,), trials=3))
    (file,) = journals(tmp_path).values()
    assert file.stem == items[0].sweep
    before = file.read_bytes()
    file.unlink()
    queue = RunQueue(tmp_path)
    queue.remove_finished()
    note_in_journal(tmp_path, queue.read(), items[-1])
    assert len(before) == len(file.read_bytes())
    assert len(list_runs(tmp_path)) == 3


def test_nobody_waits_for_ever_for_who_writes_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.queue.trials._PATIENCE_SECONDS", 0.1)
    items = searched(tmp_path, Search(space=(RATES,), trials=1))
    (file,) = journals(tmp_path).values()
    file.unlink()
    state = RunQueue(tmp_path).read()
    with file_lock(file.with_suffix(".lock")):
        note_in_journal(tmp_path, state, items[0])
    assert not file.exists()
    note_in_journal(tmp_path, state, items[0])
    assert file.exists()


def test_no_trial_is_made_twice_or_lost_however_often_workers_are_killed(
    tmp_path: Path,
) -> None:
    place = killed_workers.Place(tmp_path / "disturbed")
    queue = RunQueue(place.runs)
    values = [0.01, 0.02, 0.03, 0.04]
    text = f"algorithm.inner_lr={','.join(map(str, values))}"
    search = Search(space=(text,), sampler="grid")
    queue.append([search_item("tried", small_config(), search)])
    crowd = killed_workers.Crowd(place, seed=1, deaths=20)
    try:
        while crowd.tend(60):
            pass
    finally:
        crowd.disperse()
    assert crowd.killed >= 8
    configs = {
        f"tried, trial {at}": small_config(algorithm__inner_lr=value)
        for at, value in enumerate(values, start=1)
    }
    truth = killed_workers.undisturbed(configs, tmp_path / "undisturbed")
    assert place.wrong(truth) == []
    assert [each.number for each in trials(place.runs)] == [0, 1, 2, 3]
