"""A run whose members come from a module of the user's, used later and elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

ROOT = Path(workbench.__file__).parents[1]
PARTS = """
from typing import Literal
import torch, workbench
from workbench.algorithms.maml import Maml

@workbench.register
class Mine(Maml):
    title = "Mine"
    kind: Literal["mine"] = "mine"

examples = [(torch.tensor([i % 12, i]), i % 12) for i in range(48)]
task = workbench.Task.from_dataset(examples, ways=2, shots=1, name="numbers")
net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Linear(4, 2))
model = workbench.Model.from_module(net, head="1", name="net")
"""
TRAIN = """
quick = {"training.iterations": 2, "training.meta_batch": 2, "evaluation.tasks": 4,
         "evaluation.validation_tasks": 2}
parts = dict(task=task, model=model, learner=Mine())
workbench.train(set=quick, name="ours", progress=False, **parts)
"""


class Place:
    """A folder with the user's module, and a folder of runs."""

    def __init__(self, folder: Path) -> None:
        self.parts, self.runs = folder / "parts", folder / "runs"
        self.parts.mkdir()
        (self.parts / "my_parts.py").write_text(PARTS)
        self.python("import workbench\nfrom my_parts import *\n" + TRAIN, self.parts)

    def python(self, code: str, *path: Path) -> subprocess.CompletedProcess[str]:
        return self._run("-c", code, path=path)

    def evaluate(self, *path: Path) -> subprocess.CompletedProcess[str]:
        words = ("-m", "workbench", "evaluate", "ours", "--tasks", "4")
        return self._run(*words, path=path)

    def _run(self, *words: str, path: tuple[Path, ...]):
        paths = os.pathsep.join(map(str, (ROOT, *path)))
        own = {"FEWSHOT_RUNS": str(self.runs), "PYTHONPATH": paths}
        return subprocess.run(
            [sys.executable, *words],
            capture_output=True,
            text=True,
            env={**os.environ, **own},
            cwd=self.runs.parent,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


def test_a_run_is_evaluated_where_its_module_can_be_imported(place: Place) -> None:
    done = place.evaluate(place.parts)
    assert "4 test tasks, 2-way 1-shot" in done.stdout, done.stderr


def test_where_it_cannot_each_part_is_named_in_one_line(place: Place) -> None:
    done = place.evaluate()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "task 'numbers' is of my_parts, which cannot be" in done.stderr
    assert "model 'net' is of my_parts" in done.stderr
    assert "learner 'mine' is my_parts.Mine, which" in done.stderr
    assert "name its folder in PYTHONPATH" in done.stderr


def test_without_its_module_a_run_is_listed_and_shown(place: Place) -> None:
    code = "import workbench\nrun = workbench.load('ours')\nprint(run._repr_html_())"
    shown = place.python(code).stdout
    assert "2-way 1-shot" in shown
    assert "Meta-loss" in shown


def test_a_run_of_a_script_s_own_class_says_so(tmp_path: Path) -> None:
    place = Place(tmp_path)
    code = PARTS + TRAIN.replace('"ours"', '"script"')
    assert place.python(code).returncode == 0
    done = place.python(
        "from workbench.cli import entry_point\nentry_point(['evaluate', 'script'])"
    )
    assert (
        "learner 'mine' is the class Mine of a notebook or script: run" in done.stderr
    )
    assert "model 'net' is made in a notebook or script" in done.stderr
