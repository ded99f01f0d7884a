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

from tests.made_stores import configuration
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import Params
from workbench.core.runs.checkpoint import Checkpoint, save_checkpoint
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.events import StepEvent
from workbench.core.runs.export import (
    export_csv,
    export_tensorboard,
    export_weights,
    scalars,
)
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained


def test_csv_has_a_line_for_every_step(run: RunFolder, tmp_path: Path) -> None:
    with export_csv(run, tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        lines = {int(line["step"]): line for line in csv.DictReader(file)}
    steps = [event for event in run.events() if isinstance(event, StepEvent)]
    assert [float(lines[event.step]["loss"]) for event in steps] == [
        event.loss for event in steps
    ]
    assert lines[4]["validation_loss"]
    assert lines[5]["validation_loss"] == ""


def test_the_smallest_validation_is_the_one_that_the_run_names(
    run: RunFolder, tmp_path: Path
) -> None:
    assert run.config().evaluation.steps > run.config().algorithm.inner_steps
    with export_csv(run, tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        told = [line["validation_loss"] for line in csv.DictReader(file)]
    assert min(float(loss) for loss in told if loss) == run.info().best


def test_tensorboard_reads_what_was_written(run: RunFolder, tmp_path: Path) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    wanted: dict[str, list[tuple[int, float]]] = {}
    test = own_test(run.path)
    assert test is not None
    figures = [*scalars(run.events()), (test.meta_step, "test_loss", test.score)]
    figures.append((test.meta_step, "test_loss_ci95", test.ci95))
    for step, name, value in figures:
        wanted.setdefault(name.replace(" ", "_"), []).append((step, value))
    assert {"loss", "gradient_norm", "validation_loss", "test_loss"} <= set(wanted)
    for _ in range(2):  # what is exported again takes the place of what was
        place = export_tensorboard(run, tmp_path / "board")
        read = accumulator.EventAccumulator(str(place), {"scalars": 0})
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
            "algorithm": {"inner_steps": 2, **algorithm},
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
    "mlp": configuration(algorithm__inner_lr=0.05, evaluation__steps=2),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_lines_beside_the_weights_do_what_the_workbench_does(
    tmp_path: Path, name: str
) -> None:
    config = CONFIGS[name]
    folder = RunFolder.create(tmp_path / "runs", config)
    generator = torch.Generator().manual_seed(3)
    outputs = 1 if config.model.head == "shared" else config.task.outputs
    weights = config.model.start(config.task.input_shape, outputs, generator)
    meta = config.algorithm.start(weights, generator)
    state = trained_slots(config.algorithm.state(config.algorithm.weights(meta)))
    save_checkpoint(
        folder.checkpoints / "best.safetensors",
        Checkpoint(meta, state, {}, {"step": 1}),
    )
    episode = some_episode(config, generator)
    steps = config.evaluation.steps
    expected = Trained.load(folder).look(episode, steps, transductive=True)

    file = export_weights(folder, tmp_path / "weights")
    save_file(
        {"x": episode.support.x, "y": episode.support.y, "query": episode.query.x},
        tmp_path / "episode.safetensors",
    )
    script = (
        file.with_suffix(".py").read_text(encoding="utf-8")
        + "e = load_file('episode.safetensors')\n"
        + "from safetensors.torch import save_file\n"
        + "import sys; assert not any('workbench' in m for m in sys.modules)\n"
        + "out = net(adapt(w, e['x'], e['y']), e['query']).detach()\n"
        + "save_file({'out': out.contiguous()}, 'out.safetensors')\n"
    )
    (tmp_path / "use.py").write_text(script)
    subprocess.run([sys.executable, "use.py"], cwd=tmp_path, check=True)
    found = load_file(tmp_path / "out.safetensors")["out"]
    # Two solvers of one objective come near each other, the others are the same.
    near = 2e-3 if name == "hessian-free" else 1e-4
    torch.testing.assert_close(found, expected.query_outputs[-1], rtol=1e-3, atol=near)


def trained_slots(state: Params) -> Params:
    """Return the inner Adam's slots as training leaves them: full, and many steps."""
    if not state:
        return state
    squares = {name: torch.full_like(v, 1e-4) for name, v in state["squares"].items()}
    return {"squares": squares, "steps": torch.tensor(500.0)}


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
