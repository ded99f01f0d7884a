"""Omniglot's one-shot challenge: what is said of a run's errors."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.core.base.errors import DataError
from workbench.core.learning.episode import Episode, Examples
from workbench.core.pictures.store import PictureIndex, StoredPictures
from workbench.core.results.challenge import read_runs
from workbench.core.results.challenge_alphabets import alphabets_of, by_alphabet
from workbench.core.results.challenge_figures import (
    PUBLISHED,
    WAYS,
    error_text,
    errors,
    interval_text,
    no_different,
    ranked,
)
from workbench.core.results.one_shot_set import OneShotSet, draw_runs
from workbench.core.results.proportion import Proportion


def test_errors_are_told_with_wilsons_interval() -> None:
    found = errors([1, 4] * 5 + [0] * 10)
    assert found == Proportion(25, 400)
    told = f"{error_text(found)}, {interval_text(found.interval)}"
    assert told == "6.3 % error, 25 of 400, 4.3 to 9.1 %"


@pytest.mark.parametrize(("hits", "text"), [(0, "0.0"), (3, "0.8"), (400, "100.0")])
def test_halves_of_a_tenth_are_rounded_up(hits: int, text: str) -> None:
    assert error_text(Proportion(hits, 400)) == f"{text} % error, {hits} of 400"


def test_a_run_stands_in_its_place_among_the_published_errors() -> None:
    rows = ranked({"alone": Proportion(25, 400), "together": Proportion(17, 400)})
    assert [row.error for row in rows] == sorted(row.error for row in rows)
    assert [row.name for row in rows[:5]] == [
        "Bayesian program learning",
        "together",
        "people",
        "alone",
        "recursive cortical network",
    ]
    assert {row.name: row.error for row in rows if not row.is_run} == PUBLISHED
    assert rows[-1].name == "chance"


def test_published_errors_within_the_interval_are_no_different() -> None:
    assert no_different(Proportion(25, 400)) == [
        "people",
        "recursive cortical network",
        "deep Siamese network",
    ]
    assert no_different(Proportion(240, 400)) == []
    # It takes at most nine errors to show less than people's.
    assert "people" not in no_different(Proportion(9, 400))
    assert "people" in no_different(Proportion(10, 400))


def invented(sizes: dict[str, int], drawers: int = 3) -> StoredPictures:
    """Noise in the place of alphabets of so many characters."""
    groups = tuple(g for g, size in enumerate(sizes.values()) for _ in range(size))
    index = PictureIndex(
        shape=(1, 4, 4),
        names=tuple(f"{row}" for row in range(len(groups))),
        counts=(drawers,) * len(groups),
        groups=groups,
        group_names=tuple(sizes),
    )
    shape = (index.total, *index.shape)
    pictures = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return StoredPictures(index, pictures)


def shown(stored: StoredPictures, support: list[int], query: list[int]) -> Episode:
    x = torch.from_numpy(stored.pictures).float() / 255
    y = torch.arange(len(support))
    return Episode(Examples(x[support], y), Examples(x[query], y))


def test_a_run_is_of_the_alphabet_that_has_all_its_pictures() -> None:
    stored = invented({"A": 2, "B": 2, "C": 1})
    runs = [shown(stored, [6, 9], [8, 10]), shown(stored, [0, 3], [1, 4])]
    mixed, elsewhere = shown(stored, [0, 6], [1, 7]), shown(stored, [12], [13])
    runs += [mixed, elsewhere]
    assert alphabets_of(runs, stored, ["A", "B"]) == ["B", "A", None, None]


def test_drawn_runs_ask_one_drawer_s_characters_of_another() -> None:
    stored = invented({"A": 25, "small": 3, "B": 20}, drawers=4)
    drawn = draw_runs(stored.index, ["A", "small", "B"], 6, seed=0)
    assert sorted(run.alphabet for run in drawn) == ["A"] * 3 + ["B"] * 3
    for run, episode in zip(drawn, OneShotSet(stored, drawn), strict=True):
        assert run.support_drawer != run.query_drawer
        assert len(set(run.classes)) == WAYS
        for part, drawer in (
            (episode.support, run.support_drawer),
            (episode.query, run.query_drawer),
        ):
            rows = [4 * row + drawer for row in run.classes]
            assert part.x.mul(255).round().byte().numpy().tobytes() == (
                stored.pictures[rows].tobytes()
            )
    assert alphabets_of(OneShotSet(stored, drawn), stored, ["A", "B"]) == [
        run.alphabet for run in drawn
    ]


def test_the_first_of_many_drawn_runs_are_those_of_few() -> None:
    index = invented({"A": 30, "B": 20}).index
    few, many = (draw_runs(index, ["A", "B"], number, seed=3) for number in (3, 40))
    assert many[:3] == few
    assert draw_runs(index, ["A", "B"], 3, seed=4) != few


def test_alphabets_too_small_for_a_run_are_refused() -> None:
    with pytest.raises(DataError, match="no alphabet has 20 characters"):
        draw_runs(invented({"A": 19}).index, ["A"], 1, seed=0)


def test_errors_by_alphabet_begin_with_the_hardest() -> None:
    found = by_alphabet(["A", "B", "A", "B"], [1, 5, 2, 0])
    assert list(found.items()) == [("B", Proportion(5, 40)), ("A", Proportion(3, 40))]


def test_real_pictures_tell_the_alphabets_of_an_archive(
    omniglot_data: Path, tmp_path: Path
) -> None:
    from workbench.tasks.omniglot import omniglot_pictures
    from workbench.tasks.omniglot_archive import EVALUATION

    archive = Path(os.environ["FEWSHOT_DATA"]) / "images_evaluation.zip"
    if not archive.is_file():
        pytest.skip("FEWSHOT_DATA has no images_evaluation.zip")
    homes = list(EVALUATION)
    made = real_challenge(tmp_path / "all_runs.zip", archive, homes)
    stored = omniglot_pictures(omniglot_data)
    assert alphabets_of(read_runs(made), stored, EVALUATION) == homes


def real_challenge(path: Path, evaluation: Path, alphabets: list[str]) -> Path:
    """An archive in the published form, of real pictures: by drawer 5 and drawer 8."""
    with zipfile.ZipFile(evaluation) as real, zipfile.ZipFile(path, "w") as archive:
        files = sorted(real.namelist())
        for run, alphabet in enumerate(alphabets, start=1):
            pairs = []
            for n in range(1, 21):
                here = f"/{alphabet}/character{n:02}/"
                item, known = f"test/item{n:02}.png", f"training/class{n:02}.png"
                for name, drawer in ((known, 5), (item, 8)):
                    (file,) = (
                        f
                        for f in files
                        if here in f and f.endswith(f"_{drawer:02}.png")
                    )
                    archive.writestr(f"run{run:02}/{name}", real.read(file))
                pairs.append(f"run{run:02}/{item} run{run:02}/{known}\n")
            archive.writestr(f"run{run:02}/class_labels.txt", "".join(pairs))
    return path
