"""Experiments as a person would write them, small enough to be trained in a test."""

from __future__ import annotations

from pathlib import Path

from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.reading import find_experiment

SMALL = """\
title = "Small sinusoids"
paper = "Nobody 2026"
shows = "that a page is made"
remarks = ["It is very small."]

[[run]]
name = "MAML"
preset = "sinusoid-maml"
seeds = [0, 1]
quick = { "training.iterations" = 4 }

[run.set]
"model.hidden" = [4]
"training.iterations" = 6
"training.meta_batch" = 2
"evaluation.every" = 3
"evaluation.validation_tasks" = 2
"evaluation.tasks" = 8
"evaluation.steps" = 2
"evaluation.queries" = 5

[[part]]
kind = "table"
title = "Squared error"
columns = [
    { title = "1 step", step = 1 },
    { title = "10 points", evaluate = { "evaluation.shots" = 10 } },
]
rows = [{ title = "MAML, small", run = "MAML", published = ["0.67", ""] }]

[[part]]
kind = "adaptation"
title = "Error by step"
runs = ["MAML"]

[[part]]
kind = "learning"
title = "Validation"
runs = ["MAML"]
"""


def written(folder: Path, text: str = SMALL) -> Path:
    """Write an experiment's file."""
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


def small(folder: Path) -> Experiment:
    """Return the small experiment."""
    return find_experiment(str(written(folder)))
