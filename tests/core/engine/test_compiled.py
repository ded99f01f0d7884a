"""Compiled kernels say what torch says, to rounding, and are done without."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path

import pytest
import torch

from tests.core.engine.test_engine import assert_same_trees, batch_of, to
from tests.made_runs import finish, made, stop_after, timeless
from workbench.algorithms.imaml import ImplicitMaml
from workbench.algorithms.joint import Joint
from workbench.algorithms.maml import Maml
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.core.base.folders import cache_folder
from workbench.core.engine.compiled import CompiledEngine
from workbench.core.engine.engine import LoopEngine, VmapEngine, choose_engine
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import leaves
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.models.conv4 import Conv4
from workbench.models.mlp import Mlp
from workbench.tasks.omniglot import Omniglot
from workbench.tasks.sinusoid import Sinusoid

MODEL = Mlp(hidden=(24, 9), initial="xavier")
"""Widths of whole vectors, of half ones, and of single numbers."""
MAML = Maml(inner_lr=0.1, inner_steps=2)


@pytest.fixture
def _no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def kernels() -> list[Path]:
    return sorted(cache_folder().glob("kernels/*.so"))


@pytest.mark.usefixtures("needs_compiler")
@pytest.mark.parametrize(
    ("learner", "dtype"),
    [
        (MAML, torch.float64),
        (MetaSgd(inner_steps=2), torch.float32),
        (ImplicitMaml(inner_steps=1, cg_steps=2, proximal=20.0), torch.float64),
        (Joint(), torch.float64),
    ],
    ids=str,
)
def test_a_kernel_says_what_the_plain_loop_says(
    learner: MetaLearner, dtype: torch.dtype, caplog
) -> None:
    task, params, episodes = batch_of(MODEL, dtype)
    meta = to(learner.start(params, torch.Generator().manual_seed(1)), dtype)
    state = to(learner.state(params), dtype)
    function = functools.partial(task.task_gradient, learner)
    expected = LoopEngine().mean(function, episodes, meta, state)
    engine = CompiledEngine(VmapEngine())
    exact = {"rtol": 1e-9, "atol": 1e-10}
    tolerance = exact if dtype == torch.float64 else {"rtol": 1e-4, "atol": 1e-5}
    for _ in range(2):
        said = engine.mean(function, episodes, meta, state)
        assert_same_trees(said, expected, **tolerance)
    assert len(kernels()) == 1
    assert not caplog.records


@pytest.mark.usefixtures("needs_compiler")
def test_a_kernel_is_kept_and_follows_its_arguments() -> None:
    task, params, episodes = batch_of(MODEL, torch.float64)
    function = functools.partial(task.task_gradient, MAML)
    CompiledEngine(VmapEngine()).mean(function, episodes, params, {})
    (kept,) = kernels()
    written = kept.stat().st_mtime_ns
    engine = CompiledEngine(VmapEngine())
    engine.mean(function, episodes, params, {})
    assert kernels() == [kept]
    assert kept.stat().st_mtime_ns == written
    other = {name: 2 * leaf for name, leaf in params.items()}
    assert_same_trees(
        engine.mean(function, episodes, other, {}),
        LoopEngine().mean(function, episodes, other, {}),
        rtol=1e-9,
        atol=1e-10,
    )


@pytest.mark.usefixtures("_no_compiler")
def test_without_a_compiler_the_other_engine_computes(caplog) -> None:
    task, params, episodes = batch_of(MODEL, torch.float32)
    function = functools.partial(task.task_gradient, MAML)
    expected = VmapEngine().mean(function, episodes, params, {})
    engine = CompiledEngine(VmapEngine())
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            said = engine.mean(function, episodes, params, {})
            assert_same_trees(said, expected, rtol=0, atol=0)
    (record,) = caplog.records
    assert "no C++ compiler was found" in record.getMessage()


@pytest.mark.usefixtures("needs_compiler")
def test_what_a_compiler_refuses_the_other_engine_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    task, params, episodes = batch_of(MODEL, torch.float32)
    function = functools.partial(task.task_gradient, MAML)
    expected = VmapEngine().mean(function, episodes, params, {})
    said = CompiledEngine(VmapEngine()).mean(function, episodes, params, {})
    assert_same_trees(said, expected, rtol=0, atol=0)
    assert f"{broken} fails" in caplog.text
    assert not os.listdir(cache_folder() / "kernels")


@pytest.mark.parametrize(
    "model", [Conv4(filters=3), Mlp(hidden=(130,)), Mlp(hidden=(8,), norm="layer")]
)
def test_what_no_kernel_is_written_for_the_other_engine_computes(
    model: ModelSettings,
) -> None:
    task, params, episodes = batch_of(model, torch.float64)
    function = functools.partial(task.task_gradient, MAML)
    of = Omniglot() if model.needs_images else Sinusoid()
    engine = choose_engine("compiled", torch.device("cpu"), of)
    for _ in range(2):
        assert_same_trees(
            engine.mean(function, episodes, params, {}),
            LoopEngine().mean(function, episodes, params, {}),
            rtol=1e-9,
            atol=1e-10,
        )
    assert not kernels()


@pytest.mark.usefixtures("needs_compiler")
def test_a_compiled_run_stopped_and_resumed_is_the_run_never_stopped(tmp_path) -> None:
    whole, broken = (
        made(tmp_path / name, training__engine="compiled")
        for name in ("whole", "broken")
    )
    finish(whole)
    stop_after(broken, 7)
    finish(broken)
    assert kernels()
    assert timeless(whole) == timeless(broken)
    checkpoints = (
        load_checkpoint(run.checkpoint("latest")).meta for run in (whole, broken)
    )
    assert all(map(torch.equal, *map(leaves, checkpoints)))
