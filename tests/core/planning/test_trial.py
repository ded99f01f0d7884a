"""What a run will take: counted, measured, and remembered from earlier runs."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.made_members import learners
from tests.made_runs import acting_config
from workbench.core.base.cancelling import Asked, Cancelled
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig, kinds
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import count
from workbench.core.planning import trial
from workbench.core.planning.footprint import footprint
from workbench.core.planning.trial import TooLargeToTry, try_out
from workbench.core.training.outer_loop import OuterLoop


def config(kind: str = "maml", **algorithm: object) -> RunConfig:
    return RunConfig.from_dict(
        {
            "task": {"kind": "sinusoid"},
            "model": {"kind": "mlp"},
            "algorithm": {"kind": kind, **algorithm},
            "training": {"meta_batch": 4, "engine": "loop"},
        }
    )


@pytest.mark.parametrize("kind", learners("regression"))
def test_the_footprint_counts_the_numbers_that_are_learned(kind: str) -> None:
    chosen = config(kind)
    generator = generator_for(0, "start", 0)
    params = chosen.model.start(chosen.task.input_shape, 1, generator)
    meta = chosen.algorithm.start(params, generator)
    size = footprint(chosen)
    assert size.parameters == count(meta)
    assert size.peak_bytes > 4 * size.parameters


@pytest.mark.parametrize(
    ("kind", "grows"),
    [("maml", True), ("meta-sgd", True), ("fomaml", False), ("imaml", False)],
)
def test_memory_grows_with_inner_steps_only_for_learners_that_say_so(
    kind: str, grows: bool
) -> None:
    few = footprint(config(kind, inner_steps=5)).peak_bytes
    many = footprint(config(kind, inner_steps=20)).peak_bytes
    assert (many > 1.8 * few) == grows
    assert ("grows" in kinds("algorithm")[kind].memory) == grows


def test_vectorised_tasks_need_memory_at_once() -> None:
    loop = config()
    vmap = loop.replace({"training.engine": "vmap"})
    assert footprint(vmap).peak_bytes > 2 * footprint(loop).peak_bytes


def test_a_trial_measures_a_step(tmp_path: Path) -> None:
    found = try_out(config(), tmp_path, device="cpu")
    assert 0 < found.pace.step < 60
    assert 0 < found.pace.chunk < 60
    assert 0 < found.pace.checkpoint < 60
    assert found.spread >= 1
    assert not found.is_rough
    assert found.device.startswith("CPU")


def test_a_trial_that_takes_long_is_made_of_few_tasks_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    class Watched(OuterLoop):
        def meta_step(self, episodes: Episode, rate: float) -> Any:
            made.append(len(episodes.support.x))
            return super().meta_step(episodes, rate)

    monkeypatch.setattr(trial, "OuterLoop", Watched)
    whole = try_out(config(), tmp_path, device="cpu")
    assert 4 in made
    assert not whole.is_rough
    monkeypatch.setattr(trial, "_PATIENCE_SECONDS", 0)
    made.clear()
    part = try_out(config(), tmp_path, device="cpu")
    assert made == [1]
    assert part.is_rough


@pytest.mark.parametrize("optimiser", ["adam", "trust region"])
def test_a_trial_acts_as_training_does(tmp_path: Path, optimiser: str) -> None:
    chosen = acting_config(training__optimiser=optimiser, algorithm__inner_steps=2)
    found = try_out(chosen, tmp_path, device="cpu")
    assert found.pace.step > 0
    assert found.pace.chunk > 0


def test_tasks_that_are_acted_in_are_timed_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    class Watched(OuterLoop):
        def meta_step(self, episodes: Episode, rate: float) -> Any:
            made.append(len(episodes.support.x))
            return super().meta_step(episodes, rate)

    monkeypatch.setattr(trial, "OuterLoop", Watched)
    chosen = acting_config(training__meta_batch=6)
    found = try_out(chosen, tmp_path, device="cpu")
    assert not found.is_rough
    assert made[:3] == [4, 6, 6]
    assert set(made[3:]) <= {6}
    made.clear()
    monkeypatch.setattr(trial, "_PATIENCE_SECONDS", 0)
    assert try_out(chosen, tmp_path, device="cpu").is_rough
    assert set(made) == {4}


@pytest.mark.parametrize("optimiser", ["adam", "trust region"])
def test_a_trial_of_acting_ends_within_a_meta_step(
    tmp_path: Path, optimiser: str
) -> None:
    asked: list[None] = []

    def is_enough() -> bool:
        asked.append(None)
        return len(asked) > 5

    with pytest.raises(Cancelled):
        try_out(
            acting_config(training__optimiser=optimiser),
            tmp_path,
            Asked(is_enough),
            "cpu",
        )


def test_longer_trajectories_take_more_memory_and_so_does_a_trust_region() -> None:
    few, many, plain = (
        footprint(acting_config(task__horizon=horizon, training__optimiser=optimiser))
        for horizon, optimiser in (
            (50, "trust region"),
            (200, "trust region"),
            (200, "adam"),
        )
    )
    assert 3 * few.task_bytes < many.task_bytes
    assert plain.fixed_bytes < many.fixed_bytes
    assert many.parameters == 2 * 8 + 8 + 8 * 2 + 2 + 2


HUGE = {"model.hidden": [10_000] * 4}


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of its own to set")
def test_what_is_far_too_large_is_reckoned_and_not_tried(tmp_path: Path) -> None:
    program = (
        "import resource, sys, torch\n"
        "from pathlib import Path\n"
        "from workbench.core.config.run_config import RunConfig\n"
        "from workbench.core.planning.footprint import footprint\n"
        "from workbench.core.planning.trial import TooLargeToTry, try_out\n"
        "limit = 6 * 2**30\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "config = RunConfig.from_toml(sys.stdin.read())\n"
        "size = footprint(config)\n"
        "print(size.parameters, size.peak_bytes)\n"
        "try:\n"
        "    try_out(config, Path(), device='cpu')\n"
        "except TooLargeToTry as error:\n"
        "    print(error.needed, error.budget)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=config().replace(HUGE).to_toml(),
        capture_output=True,
        text=True,
        check=True,
    )
    (parameters, peak), (needed, budget) = (
        map(int, line.split()) for line in done.stdout.splitlines()
    )
    assert parameters == 300_060_001
    assert peak > 4 * parameters
    assert needed > peak / 4
    assert budget < 6 * 2**30 / 20


def test_of_what_is_large_a_part_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = config().replace({"training.meta_batch": 64, "training.engine": "vmap"})
    size = footprint(whole)
    made: list[RunConfig] = []

    class Watched(OuterLoop):
        def __init__(self, config: RunConfig, *rest: Any) -> None:
            made.append(config)
            super().__init__(config, *rest)

    monkeypatch.setattr(trial, "OuterLoop", Watched)
    monkeypatch.setattr(trial, "_BESIDES", 0)
    budget = 2 * (size.fixed_bytes + 8 * size.task_bytes)
    monkeypatch.setattr(trial, "available_bytes", lambda: 20 * budget)
    try_out(whole, tmp_path, device="cpu")
    assert made[0].training.meta_batch == 8
    monkeypatch.setattr(trial, "available_bytes", lambda: 20 * 2 * size.fixed_bytes)
    with pytest.raises(TooLargeToTry):
        try_out(whole, tmp_path, device="cpu")


def test_a_trial_ends_in_the_middle_of_a_step(tmp_path: Path) -> None:
    asked = iter([False] * 10)
    long = config(inner_steps=200)
    with pytest.raises(Cancelled):
        try_out(long, tmp_path, Asked(lambda: next(asked, True)), device="cpu")
    assert next(asked, None) is None


def test_a_trial_can_be_cancelled(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        try_out(config(), tmp_path, cancel)


def test_a_trial_can_be_cancelled_while_its_data_are_made(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    glyphs = RunConfig.from_dict(
        {
            "task": {"kind": "glyphs", "alphabets": 8},
            "model": {"kind": "conv4"},
            "algorithm": {"kind": "maml"},
        }
    )
    with pytest.raises(Cancelled):
        try_out(glyphs, tmp_path, Asked(lambda: next(asked)))
    assert next(asked, "all asked") == "all asked"
    assert not list(tmp_path.iterdir())
