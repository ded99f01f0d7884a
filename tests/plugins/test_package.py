"""A package of somebody else: built, installed, used, broken, and away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(__file__).parent / "package"
WINDOW = """
import sys
from pathlib import Path
from workbench.core.runs.store import RunFolder
from workbench.gui.app.application import make_application
from workbench.gui.app.main_window import MainWindow
from workbench.gui.graphs.plot import plots
from workbench.gui.measuring import stage
from workbench.gui.shell.session import Session
folder = Path(sys.argv[1])
stage.own_preferences(folder.parents[1])
application = make_application()
session = Session(folder.parent, folder.parent)
window = MainWindow(session)
window.show()
window.fill()
session.set_run(RunFolder(folder))
training = stage.training_of(window)
stage.serve_until(lambda: training.history is not None and training.history.step == 40)
print(training.history.title, training.history.loss_name)
print([plot.key for plot in plots() if plot.key.startswith("strangers")])
window.close()
"""


class Place:
    """A fresh environment, in which the workbench and all it needs can be imported."""

    def __init__(self, folder: Path) -> None:
        self.runs = folder / "runs"
        venv = folder / "venv"
        command = [sys.executable, "-m", "venv", "--without-pip", str(venv)]
        subprocess.run(command, check=True)
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = venv / scripts / Path(sys.executable).name
        paths = {"base": str(venv), "platbase": str(venv)}
        self.site = Path(sysconfig.get_path("purelib", vars=paths))
        around = sysconfig.get_path("purelib")
        (self.site / "around.pth").write_text(f"{ROOT}\n{around}\n")

    def install(self, wheel: Path) -> None:
        """Install a wheel, and nothing that it needs."""
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(self.site), str(wheel)], check=True)

    def remove(self) -> None:
        """Remove what was installed."""
        for path in self.site.glob("fewshot_strangers*"):
            shutil.rmtree(path)

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run Python in it."""
        environment = {**os.environ, "FEWSHOT_RUNS": str(self.runs)}
        return subprocess.run(
            [str(self.python), *map(str, words)],
            capture_output=True,
            text=True,
            env=environment,
        )

    def workbench(self, *words: object) -> str:
        """Run a command that succeeds, and return what it prints."""
        done = self.run("-m", "workbench", *words)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    options = ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run([*command, *options], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("place"))
    place.install(wheel)
    return place


@pytest.fixture(scope="module")
def run(place: Place) -> Path:
    """A run of the package's preset, stopped half way and gone on with."""
    half = ("--set", "training.iterations=20", "--name", "theirs")
    place.workbench("train", "lines-half", *half)
    (folder,) = (path for path in place.runs.iterdir() if path.is_dir())
    more = ("--set", "training.iterations=40")
    place.workbench("train", "--resume", folder, *more)
    return folder


def test_a_package_s_members_are_taken_as_ours(place: Place) -> None:
    presets = json.loads(place.workbench("presets", "--json"))
    (theirs,) = (each for each in presets if each["name"] == "lines-half")
    assert theirs["group"] == "Strangers"
    assert theirs["config"]["algorithm"]["factor"] == 0.5
    shown = place.workbench("presets", "lines-half")
    assert 'kind = "half-step"' in shown


def test_its_run_says_which_package_and_version_it_was_of(run: Path) -> None:
    info = json.loads((run / "run.json").read_text())
    assert info["state"] == "completed"
    assert info["step"] == 40
    assert set(info["members"]) == {"task", "model", "algorithm"}
    learner = info["members"]["algorithm"]
    assert learner["package"] == "fewshot-strangers"
    assert learner["version"] == "1.2.3"
    assert (learner["module"], learner["name"]) == (
        "fewshot_strangers.half",
        "HalfStep",
    )


def test_its_run_is_evaluated_reported_and_exported(
    place: Place, run: Path, tmp_path: Path
) -> None:
    found = json.loads(place.workbench("evaluate", run, "--tasks", "20", "--json"))
    losses = [step["loss"] for step in found["by_step"]]
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    page = tmp_path / "report.html"
    place.workbench("report", "--out", page, run)
    assert "half-step" in page.read_text(encoding="utf-8")
    place.workbench("export", "--to", "csv", run, tmp_path / "figures.csv")
    assert place.workbench("check", run)


def test_the_window_shows_its_run_and_its_plot(place: Place, run: Path) -> None:
    done = place.run("-c", WINDOW, run)
    assert "theirs squared error" in done.stdout, done.stderr
    assert "['strangers_rate']" in done.stdout


@pytest.fixture
def without(place: Place, wheel: Path, run: Path):
    place.remove()
    yield place
    place.remove()
    place.install(wheel)


def test_without_the_package_a_run_is_shown_and_says_what_is_missing(
    without: Place, run: Path
) -> None:
    rows = map(json.loads, without.workbench("runs", "--json").splitlines())
    assert [row["name"] for row in rows] == ["theirs"]
    done = without.run("-m", "workbench", "evaluate", run)
    assert done.returncode == 1
    said = (
        "learner 'half-step' is of fewshot-strangers 1.2.3, which is not installed: "
        "pip install fewshot-strangers==1.2.3"
    )
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    window = without.run("-c", WINDOW, run)
    assert "theirs squared error" in window.stdout, window.stderr
    assert "[]" in window.stdout


def test_a_broken_package_is_named_once_and_everything_else_works(
    without: Place, wheel: Path, run: Path
) -> None:
    without.install(wheel)
    (without.site / "fewshot_strangers" / "half.py").write_text("1 / 0\n")
    done = without.run("-m", "workbench", "presets", "sinusoid-quick")
    assert done.returncode == 0
    assert 'kind = "sinusoid"' in done.stdout
    why = "fewshot-strangers 1.2.3 (algorithms: half) cannot be used: "
    assert done.stderr.splitlines() == [
        f"warning: {why}ZeroDivisionError: division by zero (and 1 more of it)"
    ]
    done = without.run("-m", "workbench", "evaluate", run)
    assert f"is of fewshot-strangers 1.2.3, but {why}" in done.stderr
