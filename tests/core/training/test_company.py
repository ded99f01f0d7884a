"""Runs trained side by side: each is to the last bit what it is alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.made_runs import finish, made, timeless
from workbench.core.base.folders import cache_folder
from workbench.core.config.run_config import kinds
from workbench.core.learning.params import named_leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.training.abreast import Abreast
from workbench.core.training.company import Company
from workbench.core.training.training import Training, train

LEARNERS = [
    kind for kind, learner in kinds("algorithm").items() if not learner.needs_classes
]


def together(folders: Iterable[RunFolder]) -> None:
    """Train runs side by side to their ends."""
    company = Company()
    trainings = [train(each, data=each.path, device="cpu") for each in folders]
    while trainings:
        trainings = [each for each in trainings if rested(each)]
        loops = [each.loop for each in trainings if each.loop is not None]
        if all(each.is_ready for each in trainings):
            company.advance(loops)
        else:
            company.meet(loops)
    company.close()


def rested(training: Training) -> bool:
    while (events := training.turn()) is not None:
        if not events:
            return True
    return False


def numbers(folder: RunFolder) -> dict[str, Any]:
    kept = load_checkpoint(folder.checkpoint("latest"))
    trees = {"meta": kept.meta, "state": kept.state, "slots": kept.optimiser}
    return {name: leaf.tolist() for name, leaf in named_leaves(trees)}


def alone_and_together(
    path: Path, runs: Sequence[dict[str, Any]]
) -> list[tuple[RunFolder, RunFolder]]:
    alone = [made(path / "alone", **run) for run in runs]
    beside = [made(path / "beside", **run) for run in runs]
    for each in alone:
        finish(each)
    together(beside)
    return list(zip(alone, beside, strict=True))


@pytest.mark.parametrize("kind", LEARNERS)
def test_each_run_of_a_company_is_what_it_is_alone(tmp_path: Path, kind: str) -> None:
    runs = [{"algorithm__kind": kind, "training__seed": seed} for seed in range(3)]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)


@pytest.mark.usefixtures("two_threads")
def test_runs_shared_out_among_threads_are_what_they_are_alone(tmp_path: Path) -> None:
    runs = [{"training__seed": seed} for seed in range(5)]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)


def test_who_has_no_like_in_a_company_is_what_it_is_alone(tmp_path: Path) -> None:
    runs = [{"model__hidden": [units]} for units in (8, 8, 6)]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)


@pytest.mark.usefixtures("needs_compiler")
@pytest.mark.parametrize("kind", ["maml", "meta-sgd"])
def test_each_compiled_run_of_a_company_is_what_it_is_alone(
    tmp_path: Path, kind: str, caplog
) -> None:
    of_all = {"algorithm__kind": kind, "training__engine": "compiled"}
    runs: list[dict[str, Any]] = [{"training__seed": seed} for seed in range(2)]
    if kind == "maml":
        runs = [{"algorithm__inner_lr": rate} for rate in (0.01, 0.03)]
    runs = [of_all | own for own in runs]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)
    # Alone a rate is written in the text, together it is read.
    kernels = {"maml": 3, "meta-sgd": 1}
    assert len(list(cache_folder().glob("kernels/*.so"))) == kernels[kind]
    assert not caplog.records


@pytest.mark.parametrize("kind", ["maml", "reptile", "imaml", "maml-pp"])
def test_runs_of_other_rates_are_of_one_batch(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def counted(batch: Abreast) -> None:
        sizes.append(len(batch.loops))
        advance(batch)

    advance = Abreast.advance
    monkeypatch.setattr(Abreast, "advance", counted)
    runs = [
        {
            "algorithm__kind": kind,
            "algorithm__inner_lr": rate,
            "training__meta_lr": rate / 7,
            "training__schedule": "cosine",
        }
        for rate in (0.01, 0.03, 0.1)
    ]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)
    assert sizes == [3] * 20


@pytest.mark.parametrize(
    "change",
    [
        {"model__norm": "layer", "training__meta_clip": 0.1},
        {"training__meta_batch": 1},
        {"training__optimiser": "sgd", "algorithm__inner_steps": 3},
    ],
    ids=str,
)
def test_what_is_the_same_in_all_of_them_may_be_anything(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    runs = [{"training__seed": seed, **change} for seed in range(2)]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
        assert timeless(alone) == timeless(beside)


def test_what_a_number_changes_is_trained_by_itself_beside_others(
    tmp_path: Path,
) -> None:
    runs = [
        {"algorithm__kind": "imaml", "algorithm__cg_damping": damping}
        for damping in (0.0, 0.5)
    ]
    for alone, beside in alone_and_together(tmp_path, runs):
        assert numbers(alone) == numbers(beside)
