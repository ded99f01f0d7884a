"""``episode`` writes the very episode that training gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.made_data import configuration, made_omniglot
from workbench.cli import entry_point
from workbench.core.training.sampling import sample


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made_omniglot(tmp_path / "data")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(configuration(task__queries=2).to_toml(), encoding="utf-8")
    return path


def test_the_arrays_are_the_samplers_and_say_which_they_are(
    data: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "episode.npz"
    words = ["episode", str(config), "--seed", "5", "--number", "4", "--out", str(out)]
    assert entry_point([*words, "--data", str(data)]) == 0
    assert "Episode 4 of train, seed 5" in capsys.readouterr().out
    made = configuration(task__queries=2)
    cpu = torch.device("cpu")
    family = made.task.open(data, cpu)
    episodes = sample(made, family, "train", 1, 3, seed=5, device=cpu)
    with np.load(out) as saved:
        np.testing.assert_array_equal(saved["support_x"], episodes.support.x[1])
        np.testing.assert_array_equal(saved["query_x"], episodes.query.x[1])
        assert int(saved["seed"]) == 5


def test_a_picture_is_the_same_each_time(
    data: Path, config: Path, tmp_path: Path
) -> None:
    pictures = []
    for name in ("one.png", "other.png"):
        out = tmp_path / name
        words = ["episode", str(config), "--split", "test", "--out", str(out)]
        assert entry_point([*words, "--data", str(data)]) == 0
        with Image.open(out) as picture:
            pictures.append(np.asarray(picture))
    np.testing.assert_array_equal(*pictures)
    assert pictures[0].std() > 10


def test_a_preset_and_overrides_are_taken(tmp_path: Path) -> None:
    out = tmp_path / "curve.png"
    words = ["episode", "sinusoid-quick", "--set", "task.shots=3", "--out", str(out)]
    assert entry_point(words) == 0
    with Image.open(out) as picture:
        assert picture.size == (720, 400)


def test_what_cannot_be_done_is_one_line(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry_point(["episode", str(config), "--out", "a.gif"]) == 2
    assert ".png or .npz" in capsys.readouterr().err
    out = ["--out", str(tmp_path / "a.png"), "--data", str(tmp_path / "nothing")]
    assert entry_point(["episode", str(config), *out]) == 1
    assert "images_background.zip" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        entry_point(["episode", str(config), "--seed", "-1", *out])


def test_what_is_acted_in_has_trajectories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays, picture = tmp_path / "acted.npz", tmp_path / "acted.png"
    small = ["episode", "navigation-quick", "--set", "task.horizon=10"]
    small += ["--split", "test", "--number", "2", "--steps", "1"]
    for out in (arrays, picture):
        assert entry_point([*small, "--out", str(out)]) == 0
    with np.load(arrays) as saved:
        assert saved["rewards"].shape[0] == 2
        assert saved["paths"].shape[2:] == (11, 2)
        assert saved["goals"].shape[1] == 2
    with Image.open(picture) as drawn:
        assert np.asarray(drawn).std() > 5
    capsys.readouterr()
    words = ["episode", "sinusoid-quick", "--steps", "1", "--out", str(tmp_path / "x")]
    assert entry_point([*words[:-1], str(tmp_path / "x.png")]) == 2
    assert "--steps: Sinusoid is not acted in" in capsys.readouterr().err
