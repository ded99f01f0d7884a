"""What is exported is what was measured, and works without the workbench."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.made_members import in_two_steps, learners
from tests.made_runs import made
from tests.made_stores import configuration
from workbench.algorithms.maml import Maml
from workbench.core.base.settings import marked
from workbench.core.config.run_config import RunConfig, kinds
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import TEST_BATCH
from workbench.core.learning.params import Params, tree_map
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.events import StepEvent
from workbench.core.runs.export import (
    export_csv,
    export_tensorboard,
    export_weights,
    scalars,
)
from workbench.core.runs.export_code import code_for, without_code
from workbench.core.runs.store import MetricsWriter, RunFolder
from workbench.core.training.trained import Trained
from workbench.models.mlp import Mlp


def test_csv_has_a_line_for_every_step(run: RunFolder, tmp_path: Path) -> None:
    with export_csv(run, tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        lines = {int(line["step"]): line for line in csv.DictReader(file)}
    steps = [event for event in run.events() if isinstance(event, StepEvent)]
    assert [float(lines[event.step]["loss"]) for event in steps] == [
        event.loss for event in steps
    ]
    assert lines[4]["validation_loss"]
    assert lines[5]["validation_loss"] == ""


def test_csv_is_in_the_order_of_steps_and_the_last_word_counts(tmp_path: Path) -> None:
    folder = made(tmp_path)
    given = [(1, {}), (3, {"b": 1.5}), (2, {"a, c": 2.5}), (3, {"b": 9.5})]
    writer = MetricsWriter(folder, 0)
    for step, extras in given:
        writer.append([StepEvent(step, step / 10, None, 0.5, 1e-3, extras)])
    writer.close()
    lines = export_csv(folder, tmp_path / "a.csv").read_text("utf-8").splitlines()
    assert lines == [
        'step,loss,gradient_norm,meta_lr,"a, c",b',
        "1,0.1,0.5,0.001,,",
        "2,0.2,0.5,0.001,2.5,",
        "3,0.3,0.5,0.001,,9.5",
    ]


def test_the_smallest_validation_is_the_one_that_the_run_names(
    run: RunFolder, tmp_path: Path
) -> None:
    assert run.config().evaluation.steps > run.config().algorithm.inner_steps
    with export_csv(run, tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        told = [line["validation_trimmed_mean"] for line in csv.DictReader(file)]
    assert min(float(loss) for loss in told if loss) == run.info().best


def test_without_tensorboard_the_export_says_how_to_install_it(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    with pytest.raises(RunError, match=r"pip install .*\[tensorboard\]"):
        export_tensorboard(run, tmp_path / "board")


def test_tensorboard_reads_what_was_written(run: RunFolder, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing import event_accumulator

    wanted: dict[str, list[tuple[int, float]]] = {}
    test = own_test(run.path)
    assert test is not None
    figures = [*scalars(run.events()), (test.meta_step, "test_loss", test.score)]
    figures.append((test.meta_step, "test_loss_ci95", test.ci95))
    spread = test.final.spread
    assert spread is not None
    for name in ("median", "trimmed_mean", "diverged"):
        figures.append((test.meta_step, f"test_{name}", getattr(spread, name)))
    for step, name, value in figures:
        wanted.setdefault(name.replace(" ", "_"), []).append((step, value))
    assert {"loss", "gradient_norm", "validation_loss", "test_loss"} <= set(wanted)
    for again in (False, True):  # what is exported again takes the place of what was
        place = export_tensorboard(run, tmp_path / "board", replace=again)
        read = event_accumulator.EventAccumulator(str(place), {"scalars": 0})
        read.Reload()
        assert set(read.Tags()["scalars"]) == set(wanted)
        for name, figures in wanted.items():
            found = read.Scalars(name)
            assert [item.step for item in found] == [step for step, _ in figures]
            values = [np.float32(value) for _, value in figures]
            assert [item.value for item in found] == values
    (text,) = read.Tensors("configuration/text_summary")
    assert b'kind = "sinusoid"' in text.tensor_proto.string_val[0]


def image_config(algorithm: dict[str, Any], **model: Any) -> RunConfig:
    return RunConfig.from_dict(
        {
            "task": {"kind": "glyphs", "ways": 3, "shots": 2, "queries": 2},
            "model": {"kind": "conv4", "filters": 4, **model},
            "algorithm": in_two_steps(algorithm["kind"]) | algorithm,
            "evaluation": {"steps": 2},
        }
    )


CONFIGS = {
    "maml": image_config({"kind": "maml", "inner_lr": 0.1}),
    "summed": image_config({"kind": "fomaml", "inner_lr": 0.1}).replace(
        {"task.reduction": "sum over ways"}
    ),
    "meta-sgd": image_config(
        {"kind": "meta-sgd"}, downsample="max-pool", features="flatten", norm="layer"
    ),
    "hidden": image_config({"kind": "maml", "inner_lr": 0.1}, hidden_units=6),
    "shared": image_config({"kind": "maml", "inner_lr": 0.1}, head="shared"),
    "imaml": image_config({"kind": "imaml", "inner_lr": 0.05}, norm="none"),
    "hessian-free": image_config(
        {"kind": "imaml", "inner_solver": "hessian-free", "cg_steps": 20}, norm="none"
    ).replace({"evaluation.steps": 8}),
    "anil": image_config({"kind": "anil", "inner_lr": 0.2}, head="shared"),
    "clipped": image_config({"kind": "maml", "inner_lr": 0.5, "inner_clip": 0.01}),
    "clipped adam": image_config(
        {"kind": "reptile", "batch": None, "test_batch": None, "train_shots": None}
        | {"inner_clip": 0.001},
        head="shared",
    ),
    "reptile": image_config(
        {"kind": "reptile", "batch": None, "test_batch": None, "train_shots": None}
    ),
    "views": image_config({"kind": "maml", "inner_lr": 0.1}).replace(
        {"evaluation.views": 5}
    ),
    "mlp": configuration(algorithm__inner_lr=0.05, evaluation__steps=2),
}


for _kind in learners("classification"):
    whole = dict.fromkeys(marked(kinds("algorithm")[_kind], TEST_BATCH))
    for _model in kinds("model"):
        CONFIGS[f"{_kind} {_model}"] = image_config(
            {"kind": _kind, **whole}, head="shared"
        ).replace({"model.kind": _model})

USE = """
e = load_file('episode.safetensors')
from safetensors.torch import save_file
import sys; assert not any('workbench' in m for m in sys.modules)
out = net(adapt(w, e['x'], e['y']), e['query']).detach()
save_file({'out': out.contiguous()}, 'out.safetensors')
"""
USE_ALL = """
import os, runpy, sys
for name in sys.argv[1:]:
    os.chdir(name)
    runpy.run_path("use.py")
    os.chdir("..")
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """What the workbench predicts under each configuration, and what its lines do."""
    place = tmp_path_factory.mktemp("exported")
    expected = {name: export_and_predict(place / name) for name in CONFIGS}
    command = [sys.executable, "-c", USE_ALL, *CONFIGS]
    subprocess.run(command, cwd=place, check=True)
    for name in CONFIGS:
        expected[f"{name} found"] = load_file(place / name / "out.safetensors")["out"]
    return expected


def export_and_predict(place: Path) -> torch.Tensor:
    """Write weights, their lines and an episode; return what the workbench predicts."""
    config = CONFIGS[place.name]
    folder = untrained(place / "runs", config)
    episode = some_episode(config, torch.Generator().manual_seed(4))
    file = export_weights(folder, place / "weights")
    save_file(
        {"x": episode.support.x, "y": episode.support.y, "query": episode.query.x},
        place / "episode.safetensors",
    )
    (place / "use.py").write_text(file.with_suffix(".py").read_text("utf-8") + USE)
    look = Trained.load(folder).look(episode, config.evaluation.steps)
    return look.query_outputs[-1]


def untrained(runs: Path, config: RunConfig) -> RunFolder:
    """Return a run whose checkpoint is not far from what training starts from."""
    folder = RunFolder.create(runs, config)
    generator = torch.Generator().manual_seed(3)
    outputs = 1 if config.model.head == "shared" else config.task.outputs
    weights = {
        name: leaf + torch.randn(leaf.shape, generator=generator) / 10
        for name, leaf in config.model.start(
            config.task.input_shape, outputs, generator
        ).items()
    }
    meta = config.algorithm.start(weights, generator)
    for name, part in meta.items():
        if isinstance(part, dict) and part is not config.algorithm.weights(meta):
            meta[name] = tree_map(
                lambda v: v * torch.rand(v.shape, generator=generator), part
            )
    state = trained_slots(config.algorithm.state(config.algorithm.weights(meta)))
    best = folder.checkpoints / "best.safetensors"
    save_checkpoint(best, Checkpoint(meta, state, {}, {"step": 1}))
    return folder


@pytest.mark.parametrize("name", CONFIGS)
def test_the_lines_beside_the_weights_do_what_the_workbench_does(
    exported: dict[str, torch.Tensor], name: str
) -> None:
    # Two solvers of one objective come near each other, the others are the same.
    near = 2e-3 if name == "hessian-free" else 1e-4
    found = exported[f"{name} found"]
    torch.testing.assert_close(found, exported[name], rtol=1e-3, atol=near)


class Elsewhere(Maml):
    """A learner of somebody else's, which does what MAML does not."""

    title = "Elsewhere"
    kind: str = "elsewhere"

    def adapt(self, task, meta, batches, state):
        return iter([meta])


class Squared(Mlp):
    """A model of somebody else's."""

    title = "Squared"
    kind: str = "squared"

    def embed(self, params, x):
        return super().embed(params, x) ** 2


def test_a_member_without_lines_is_named_and_its_weights_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = configuration()
    folder = untrained(tmp_path, made)
    config = made.model_copy(update={"algorithm": Elsewhere()})
    monkeypatch.setattr(RunFolder, "config", lambda _: config)
    file = export_weights(folder, tmp_path / "weights")
    code = file.with_suffix(".py").read_text("utf-8")
    said = "No lines of Python say how the learner Elsewhere adapts."
    assert without_code(config) == said
    assert f"# {said}" in code
    assert "def net(w, x)" in code
    assert "autograd" not in code
    compile(code, str(file), "exec")
    assert "head.weight" in load_file(file)
    both = config.model_copy(update={"model": Squared()})
    assert "how the model Squared computes or how the learner" in without_code(both)
    assert "return F.linear" not in code_for(both, "weights.safetensors")
    assert not any(map(without_code, CONFIGS.values()))


def trained_slots(state: Params) -> Params:
    """Return a learner's state as training leaves it: full slots, and many steps."""
    return tree_map(lambda v: torch.full_like(v, 1e-4 if v.dim() else 500), state)


def some_episode(config: RunConfig, generator: torch.Generator) -> Episode:
    ways = getattr(config.task, "ways", 1)
    shape = config.task.input_shape
    parts = []
    for count in (config.task.shots, config.task.queries):
        x = torch.rand((ways * count, *shape), generator=generator)
        if config.task.problem == "regression":
            y = torch.rand((ways * count, 1), generator=generator)
        else:
            y = torch.arange(ways).repeat_interleave(count)
        parts.append(Examples(x, y))
    return Episode(*parts)
