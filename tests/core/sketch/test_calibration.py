"""Calibrations: found on validation tasks alone, kept beside their checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.sketch_runs import (
    SMALL,
    a_calibration,
    a_size,
    made_run,
    write_checkpoint,
)
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.errors import DataError
from workbench.core.base.folders import resource
from workbench.core.pictures.image_family import ImageFamily
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.answers import Answerer, Question, RunChoice
from workbench.core.sketch.calibrating import calibrate
from workbench.core.sketch.calibration import (
    AtRate,
    Calibration,
    calibration_file,
    keep_calibration,
    read_calibration,
    serving_checkpoint,
)
from workbench.core.sketch.session import NONE, Drawing, PenStroke
from workbench.core.training.trained import Trained
from workbench.tasks.sketch_examples import first_sketch


def small_run(folder: Path, **overrides: object) -> RunFolder:
    return made_run(folder / "runs", **SMALL | overrides)


def calibrated(run: RunFolder, data: Path, tasks: int = 2) -> Calibration:
    steps = calibrate(Trained.load(run), data, tasks=tasks)
    shares = []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            assert shares == sorted(shares)
            assert 0 < shares[0] < shares[-1] == pytest.approx(1)
            found: Calibration = end.value
            return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the invented drawings are made once."""
    return tmp_path_factory.mktemp("data")


def test_the_same_is_found_each_time_on_validation_tasks_alone(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    real = ImageFamily.draw

    def draw(family: ImageFamily, split: str, *rest: object) -> object:
        drawn.append(split)
        return real(family, split, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ImageFamily, "draw", draw)
    run = small_run(tmp_path)
    found = calibrated(run, data)
    assert found == calibrated(run, data)
    assert {*drawn} == {"validation"}
    assert [(size.ways, size.shots) for size in found.sizes] == [
        (ways, shots) for ways in (2, 3, 5) for shots in (1, 5)
    ]
    assert found.rates_ways == 5
    assert {0.05, 1.0, 2.0, 20.0} <= {each.rate for each in found.rates}


def test_a_head_per_class_is_calibrated_for_its_ways(
    tmp_path: Path, data: Path
) -> None:
    run = small_run(tmp_path, model__head="per class", algorithm__kind="maml")
    found = calibrated(run, data)
    assert {size.ways for size in found.sizes} == {5}


def test_a_calibration_is_of_the_views_that_the_run_is_evaluated_with(
    tmp_path: Path, data: Path
) -> None:
    run = small_run(tmp_path, evaluation__views=3)
    found = calibrated(run, data)
    assert found.views == 3
    checkpoint = serving_checkpoint(run)
    keep_calibration(found, checkpoint)
    assert read_calibration(checkpoint, 0, found.inner_steps, 3) == found
    assert read_calibration(checkpoint, 0, found.inner_steps, 1) is None


def test_a_calibration_older_than_views_is_of_one() -> None:
    older = a_calibration().model_dump(exclude={"views"})
    assert Calibration.model_validate(older).views == 1


def test_calibrating_is_left_when_asked(tmp_path: Path, data: Path) -> None:
    from threading import Event

    leave, run = Event(), small_run(tmp_path)
    steps = calibrate(Trained.load(run), data, tasks=4, cancel=leave)
    next(steps)
    leave.set()
    with pytest.raises(Cancelled):
        next(steps)


def test_without_its_data_a_run_cannot_be_calibrated(tmp_path: Path) -> None:
    run = made_run(tmp_path, task__kind="omniglot")
    with pytest.raises(DataError, match=r"images_background\.zip"):
        next(calibrate(Trained.load(run), tmp_path / "data"))


def test_between_the_sizes_that_were_measured_lie_all_others() -> None:
    found = a_calibration(
        sizes=(
            a_size(ways=2, temperature=0.1),
            a_size(ways=8, temperature=0.4, least_likeness=0.9),
            a_size(ways=2, shots=4, temperature=0.2),
            a_size(ways=8, shots=4, temperature=0.2),
        )
    )
    assert found.temperature(2, 1) == pytest.approx(0.1)
    assert found.temperature(4, 1) == pytest.approx(0.2)
    assert found.temperature(20, 1) == pytest.approx(0.4)
    assert found.temperature(8, 2) == pytest.approx(0.08**0.5)
    assert found.least_likeness(4, 1) == pytest.approx(0.85)
    assert found.nearest(7, 1.2) == found.sizes[1]


def test_a_rate_is_warned_of_where_it_is_known_to_break_down() -> None:
    rates = tuple(
        AtRate(rate=rate, accuracy=accuracy, temperature=temperature)
        for rate, accuracy, temperature in (
            (0.5, 0.94, 0.1),
            (1, 0.94, 0.2),
            (2, 0.78, 0.8),
        )
    )
    found = a_calibration(rates=rates, rates_ways=5)
    assert found.caution(0.5) == found.caution(1) == ""
    assert found.caution(2) == "Wrong answers: 22 % at 2 × α, 6 % at 1 × α"
    assert found.temperature(5, 1, 2) == pytest.approx(4 * found.temperature(5, 1))
    assert a_calibration().caution(2) == ""


def test_a_calibration_is_kept_beside_its_checkpoint_and_of_no_other(
    tmp_path: Path,
) -> None:
    run = made_run(tmp_path)
    checkpoint = serving_checkpoint(run)
    assert read_calibration(checkpoint, 0, 5, 1) is None
    keep_calibration(a_calibration(), checkpoint)
    assert read_calibration(checkpoint, 0, 5, 1) == a_calibration()
    assert read_calibration(checkpoint, 7, 5, 1) is None
    assert read_calibration(checkpoint, 0, 9, 1) is None
    calibration_file(checkpoint).write_text("{")
    assert read_calibration(checkpoint, 0, 5, 1) is None


def test_answers_are_as_sure_as_the_calibration_says(tmp_path: Path) -> None:
    run, answerer = made_run(tmp_path), Answerer()
    question = Question(first_sketch(), (RunChoice(run.path, "small"),))
    (before,) = answerer.answer(question)
    assert before.calibration is None
    keep_calibration(
        a_calibration(sizes=(a_size(least_likeness=-1),)), serving_checkpoint(run)
    )
    (after,) = answerer.answer(question)
    logits = torch.tensor(before.probabilities).log()
    torch.testing.assert_close(
        torch.tensor(after.probabilities), (logits / 0.2).softmax(-1)
    )
    assert before.verdict(5) == before.best(5)
    assert after.verdict(5) == after.best(5)
    assert not after.is_none


def test_what_is_unlike_all_classes_is_none_of_them(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    strict = a_calibration(sizes=(a_size(least_likeness=1.01),))
    keep_calibration(strict, serving_checkpoint(run))
    question = Question(first_sketch(), (RunChoice(run.path, "small"),))
    (answer,) = Answerer().answer(question)
    assert answer.verdict(5) == (NONE, 0.0)
    assert answer.verdict(0) is None
    assert answer.best(5) is not None


def test_a_run_that_goes_on_loses_its_calibration(tmp_path: Path) -> None:
    run, answerer = made_run(tmp_path), Answerer()
    keep_calibration(a_calibration(), serving_checkpoint(run))
    question = Question(first_sketch(), (RunChoice(run.path, "small"),))
    assert answerer.answer(question)[0].calibration is not None
    write_checkpoint(run, 7)
    assert answerer.answer(question)[0].calibration is None


def line(*points: tuple[float, float]) -> PenStroke:
    even = (0.5,) * len(points)
    times = tuple(40.0 * number for number in range(len(points)))
    x, y = zip(*points, strict=True)
    return PenStroke(x=x, y=y, milliseconds=times, pressure=even)


@pytest.mark.parametrize("fit", [True, False])
def test_the_bundled_model_is_sure_of_its_own_and_takes_a_dot_for_none(
    fit: bool,
) -> None:
    sketch = first_sketch().changed(fit=fit)
    triangle = Drawing(strokes=(line((20, 85), (52, 20), (85, 85), (20, 85)),))
    other = Drawing(strokes=(line((24, 80), (54, 25), (80, 82), (25, 83)),))
    taught = sketch.with_class(2, sketch.classes[2].with_drawing(0, triangle))
    dot = Drawing(strokes=(line((52, 52), (53, 52)),))
    asked, dotted = (
        Answerer().answer(
            Question(
                taught.changed(query=query),
                (RunChoice(resource("models", "bundled"), "bundled"),),
            )
        )[0]
        for query in (other, dot)
    )
    verdict = asked.verdict(5)
    assert verdict is not None
    assert verdict[0] == "C"
    assert verdict[1] > 0.9
    assert asked.support_loss[5] < asked.support_loss[0] / 10
    assert dotted.verdict(5) == (NONE, 0.0)


@pytest.mark.parametrize("odd", [{"ways": 10**399}, {"temperature": 1e308}])
def test_a_calibration_that_cannot_be_computed_with_is_as_good_as_none(
    tmp_path: Path, odd: dict[str, object]
) -> None:
    checkpoint = serving_checkpoint(made_run(tmp_path))
    kept = a_calibration().model_dump(mode="json")
    kept["sizes"][0] |= odd
    calibration_file(checkpoint).write_text(json.dumps(kept))
    assert read_calibration(checkpoint, 0, 5, 1) is None
