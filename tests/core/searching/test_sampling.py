"""What is tried next: good values more often, the same whoever asks."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from tests.made_runs import small_config
from workbench.core.base.errors import WorkbenchError
from workbench.core.searching.journal import write_journal
from workbench.core.searching.sampling import ask, grid_of, number_of_trials, quiet
from workbench.core.searching.search import Search, Trial
from workbench.core.searching.space import Choice, Dimension, Range, parse_space

TEXTS = ("algorithm.inner_lr=0.001..1:log", "task.shots=1..9", "model.hidden=[8],[4,4]")
SPACE = parse_space(TEXTS, small_config())


def searched(
    search: Search,
    trial: Callable[[int, dict[str, Any]], Trial],
    space: tuple[Dimension, ...] = SPACE,
) -> list[Trial]:
    """Make all trials, one after the other."""
    trials = list[Trial]()
    for number in range(number_of_trials(search, space)):
        values = ask(search, space, trials, number, is_less_better=True)
        trials.append(trial(number, values))
    return trials


def bowl(number: int, values: dict[str, Any]) -> Trial:
    """A loss that is least at a rate of 0.1 with 5 shots; far rates diverge."""
    rate = math.log10(values["algorithm.inner_lr"])
    if rate > -0.2:
        return Trial(number=number, values=values, state="diverged", score=math.inf)
    score = (rate + 1) ** 2 + 0.01 * (values["task.shots"] - 5) ** 2
    return Trial(number=number, values=values, state="completed", score=score)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_same_search_tries_the_same_whoever_asks(sampler: Any) -> None:
    search = Search(space=TEXTS, trials=14, sampler=sampler, seed=3)
    trials = searched(search, bowl)
    assert searched(search, bowl) == trials
    other = searched(search.model_copy(update={"seed": 4}), bowl)
    assert [t.values for t in other] != [t.values for t in trials]
    assert len({str(t.values) for t in trials}) > 10


def test_tpe_comes_nearer_than_chance() -> None:
    def near(sampler: Any, seed: int) -> float:
        search = Search(space=TEXTS, trials=40, sampler=sampler, seed=seed)
        scores = [t.score for t in searched(search, bowl) if t.state == "completed"]
        return sum(sorted(scores)[:10])  # type: ignore[type-var]

    better = [near("tpe", seed) < near("random", seed) for seed in range(4)]
    assert sum(better) >= 3


def test_what_runs_now_or_failed_is_no_hindrance() -> None:
    states: list[Any] = ["running", "failed", "pruned", "completed", "diverged"]

    def trial(number: int, values: dict[str, Any]) -> Trial:
        curve = {4: 1.0, 8: math.nan}
        state = states[number % len(states)]
        score = float(number) if state == "completed" else None
        return Trial(
            number=number, values=values, state=state, score=score, curve=curve
        )

    assert len(searched(Search(space=TEXTS, trials=20), trial)) == 20


def test_a_grid_has_as_many_points_as_the_trials_allow() -> None:
    points = grid_of(SPACE, 20)
    assert len(points) == 18  # 3 rates, 3 shots, 2 networks
    assert {point["task.shots"] for point in points} == {1, 5, 9}
    assert {point["algorithm.inner_lr"] for point in points} == {0.001, 0.03162, 1}
    search = Search(space=TEXTS, trials=20, sampler="grid")
    assert [trial.values for trial in searched(search, bowl)] == points
    few = (Range("task.shots", 1, 2, is_whole=True),)
    assert len(grid_of(few, 50)) == 2


def test_a_grid_of_more_points_than_are_tried_is_refused() -> None:
    rates = tuple(n / 1000 for n in range(1, 201))
    space = [Choice(name, rates) for name in "abcd"]
    assert len(grid_of(space, 5)) == 5
    with pytest.raises(WorkbenchError, match="7 trials of a grid that has 1,600,000"):
        number_of_trials(Search(space=(), trials=7, sampler="grid"), space)


def test_without_optuna_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "workbench.core.base.extras.find_spec", lambda name: None
    )  # as where it is not installed
    with pytest.raises(Exception, match=r"needs Optuna: .*\[sweep\]"):
        ask(Search(space=TEXTS, trials=1), SPACE, [], 0, is_less_better=True)


def test_where_optuna_fails_it_is_told_as_what_can_be_helped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_asked: object, **_named: object) -> None:
        raise TypeError("an unexpected keyword")

    monkeypatch.setattr(optuna, "create_study", fails)
    with pytest.raises(WorkbenchError, match="Optuna fails: TypeError: an unexpected"):
        ask(Search(space=TEXTS, trials=1), SPACE, [], 0, is_less_better=True)


def read(file: Path) -> list[tuple[Any, ...]]:
    with quiet():
        backends = optuna.storages.journal
        lock = backends.JournalFileOpenLock(str(file))
        backend = backends.JournalFileBackend(str(file), lock_obj=lock)
        study = optuna.load_study(
            storage=optuna.storages.JournalStorage(backend), study_name="one"
        )
        return [(t.state.name, t.value, t.params["task.shots"]) for t in study.trials]


def test_optuna_s_tools_find_every_trial_and_a_journal_that_is_lost_is_made_again(
    tmp_path: Path,
) -> None:
    trials = searched(Search(space=TEXTS, trials=8, sampler="random"), bowl)
    file = tmp_path / "search.journal"

    def written(these: list[Trial]) -> list[tuple[Any, ...]]:
        write_journal(file, "one", SPACE, these, is_less_better=True)
        return read(file)

    begun = [trial.model_copy(update={"state": "running"}) for trial in trials]
    assert {state for state, _, _ in written(begun[:3])} == {"RUNNING"}
    before = file.read_bytes()
    whole = written(trials)
    assert file.read_bytes().startswith(before)  # who looks on reads what is added
    assert [shots for *_, shots in whole] == [t.values["task.shots"] for t in trials]
    assert {state for state, _, _ in whole} == {"COMPLETE", "PRUNED"}
    stamp = file.stat().st_ino
    assert written(trials) == whole
    assert file.stat().st_ino == stamp
    content = file.read_bytes()
    for damaged in (b"", b"\xff\x00{", content[: len(content) // 2], content[:-20]):
        file.write_bytes(damaged)
        assert written(trials) == whole
    file.unlink()
    assert written(trials) == whole
    left = [*begun[:1], *trials[1:]]
    assert written(left)[0][0] == "RUNNING"
    dead = [trials[0].model_copy(update={"state": "failed"}), *trials[1:]]
    assert written(dead)[0][0] == "FAIL"
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
