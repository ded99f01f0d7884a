"""Episodes to look at are the sampler's own, and their files say which they are."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.made_data import configuration, made_omniglot, trained_run
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.errors import DataError
from workbench.core.config.run_config import RunConfig
from workbench.core.drawing.lettering import Lettering
from workbench.core.episodes.answers import answer, hardest
from workbench.core.episodes.episode_picture import (
    LARGEST,
    MARGIN,
    Layout,
    caption,
    render,
)
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.learning.episode import Episode
from workbench.core.pictures.rgb import as_rgb
from workbench.core.training.sampling import sample, tasks_together
from workbench.core.training.trained import Trained

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_omniglot(tmp_path_factory.mktemp("data"))


@pytest.fixture
def source(data: Path) -> EpisodeSource:
    return EpisodeSource(data)


def drawn(config: RunConfig, data: Path, address: Address) -> Episode:
    """The episode as training and evaluations draw it: with its whole meta-batch."""
    together = tasks_together(config, address.split)
    number, index = divmod(address.number, together)
    family = config.task.open(data, CPU)
    episodes = sample(
        config, family, address.split, number, together, seed=address.seed, device=CPU
    )
    return episodes.tasks(index)


def assert_same(one: Episode, other: Episode) -> None:
    for part, expected in zip(one[:2], other[:2], strict=True):
        torch.testing.assert_close(part.x, expected.x, rtol=0, atol=0)
        torch.testing.assert_close(part.y, expected.y, rtol=0, atol=0)
    if other.order is None:
        assert one.order is None
    else:
        assert torch.equal(one.order, other.order)


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"task__within_alphabet": True, "task__rotation": "none"},
        {"task__rotation": "classes", "task__ink": "black on white"},
        {"task__ways": 20, "task__shots": 3, "task__queries": 2},
        {"algorithm__kind": "reptile", "task__queries": 5},
        {"task__distortion": 0.5},
    ],
)
@pytest.mark.parametrize(
    "address", [Address(), Address("train", 3, 7), Address("test", 1, 41)]
)
def test_an_episode_of_pictures_is_the_samplers(
    data: Path, source: EpisodeSource, overrides: dict[str, object], address: Address
) -> None:
    config = configuration(**overrides)
    assert_same(source.episode(config, address).episode, drawn(config, data, address))


@pytest.mark.parametrize("number", [0, 2, 3, 10])
def test_an_episode_of_a_curve_is_the_samplers_and_lies_on_it(
    data: Path, source: EpisodeSource, number: int
) -> None:
    config = configuration("sinusoid", task__frequency="varied")
    shown = source.episode(config, Address("train", 5, number))
    assert_same(shown.episode, drawn(config, data, Address("train", 5, number)))
    x, y = shown.curve
    support = shown.episode.support
    at = np.interp(support.x[:, 0], x, y)
    np.testing.assert_allclose(at, support.y[:, 0], atol=0.01)


def test_the_description_names_the_pictures_that_are_shown(
    data: Path, source: EpisodeSource
) -> None:
    config = configuration(task__rotation="drawn")
    shown = source.episode(config, Address("train", 0, 4))
    bank = source.bank(config.task)
    pictures = shown.pictures()
    for label, drawings in enumerate(shown.drawings):
        row = bank.names.index(drawings[0].class_name)
        assert row == shown.classes[label]
        first = drawings[0]
        original = bank.pictures[int(bank.first[row]) + int(first.picture) - 1]
        turned = torch.rot90(original, first.degrees // 90, (-2, -1))
        np.testing.assert_array_equal(pictures[label * shown.shots], turned)


def test_the_meta_batch_and_task_of_an_episode_are_told(source: EpisodeSource) -> None:
    config = configuration()
    assert source.episode(config, Address("train", 0, 7)).meta_batch == (2, 1, 3)
    assert source.episode(config, Address("test", 0, 7)).meta_batch == (0, 7, 20)
    assert "task 2 of 3 of meta-batch 2" in caption(
        source.episode(config, Address("train", 0, 7))
    )


def test_changing_the_ways_reuses_the_pictures(source: EpisodeSource) -> None:
    bank = source.episode(configuration(), Address()) and source.bank(
        configuration().task
    )
    config = configuration(task__ways=7, task__split="vinyals")
    source.episode(config, Address())
    assert source.bank(config.task) is bank


def test_missing_data_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"images_background\.zip"):
        EpisodeSource(tmp_path).episode(configuration(), Address())


def test_arrays_hold_all_there_is(
    source: EpisodeSource, data: Path, tmp_path: Path
) -> None:
    config = configuration()
    address = Address("validation", 2, 5)
    source.episode(config, address).save_arrays(tmp_path / "episode.npz")
    with np.load(tmp_path / "episode.npz", allow_pickle=False) as saved:
        expected = drawn(config, data, address)
        np.testing.assert_array_equal(saved["support_x"], expected.support.x)
        np.testing.assert_array_equal(saved["query_y"], expected.query.y)
        assert (saved["split"], saved["seed"], saved["number"]) == ("validation", 2, 5)
        assert saved["class_names"].shape == (5,)
        assert RunConfig.from_toml(str(saved["configuration"])) == config


def test_the_picture_shows_every_pixel(source: EpisodeSource) -> None:
    shown = source.episode(configuration(task__queries=4), Address())
    picture = render(shown)
    expected = as_rgb(shown.pictures())
    layout = Layout(5, 1, 4, 84, 2)
    cells = layout.cells("support") + layout.cells("query")
    for cell, tile in zip(cells, expected, strict=True):
        found = picture[cell.y : cell.y + 84 : 3, cell.x : cell.x + 84 : 3]
        np.testing.assert_array_equal(found, tile)


def test_a_curve_has_a_picture(source: EpisodeSource) -> None:
    picture = render(source.episode(configuration("sinusoid"), Address()))
    assert picture.shape == (400, 720, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 3


def test_the_axes_of_a_curve_tell_where_its_points_are(
    source: EpisodeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    lettered: dict[str, tuple[float, float]] = {}
    draw = Lettering.draw

    def recorded(
        letters: Lettering, on: Any, place: tuple[float, float], text: str, ink: str
    ) -> None:
        is_number = text.lstrip("-").isdecimal()
        name = f"{'x' if place[1] > 360 else 'y'} {text}" if is_number else text
        lettered[name] = (place[0] + letters.width(text) / 2, place[1] + 7)
        draw(letters, on, place, text, ink)

    monkeypatch.setattr(Lettering, "draw", recorded)
    shown = source.episode(configuration("sinusoid"), Address())
    picture = render(shown)
    assert {"True function", "Support", "Query"} <= lettered.keys()
    across, down = (
        [(float(name[2:]), at[axis]) for name, at in lettered.items() if name[:2] == of]
        for axis, of in enumerate(("x ", "y "))
    )
    assert len(across) >= 3
    assert len(down) >= 3
    support = shown.episode.support
    for x, y in zip(support.x[:, 0].tolist(), support.y[:, 0].tolist(), strict=True):
        place = round(_at(y, down)), round(_at(x, across))
        near = picture[place[0] - 1 : place[0] + 2, place[1] - 1 : place[1] + 2]
        assert (near == (0x00, 0x72, 0xB2)).all(-1).any()


def _at(value: float, marks: list[tuple[float, float]]) -> float:
    slope, start = np.polyfit(*np.transpose(marks), 1)
    return float(slope * value + start)


@pytest.mark.parametrize("counts", [(5, 1, 15), (20, 5, 15), (2, 1, 1), (100, 1, 5)])
@pytest.mark.parametrize("size", [(600, 400), (1800, 1000), (50, 50)])
def test_a_layout_fits_where_it_can_and_overlaps_nowhere(
    counts: tuple[int, int, int], size: tuple[int, int]
) -> None:
    layout = Layout.fitting(counts, *size, 28)
    assert 24 <= layout.side <= LARGEST
    if layout.side > 24:
        assert layout.width <= size[0]
        assert layout.height <= size[1]
    cells = layout.cells("support") + layout.cells("query")
    assert len(cells) == counts[0] * (counts[1] + counts[2])
    assert len({(cell.x, cell.y) for cell in cells}) == len(cells)
    assert all(cell.x + cell.side <= layout.width - MARGIN for cell in cells)
    assert all(cell.y + cell.side <= layout.height - MARGIN for cell in cells)


@pytest.mark.parametrize(
    ("width", "column"), [(5 * 56 + 4 * 12 + 16, 56), (600, 107), (1800, 132)]
)
def test_a_column_is_as_wide_as_there_is_room_for_its_name(
    width: int, column: int
) -> None:
    layout = Layout.fitting((5, 1, 1), width, 250, 28)
    assert (layout.side, layout.column) == (56, column)
    assert layout.width <= width
    assert layout.left(1) - layout.left(0) == column + 12


def test_answers_are_the_learners_own(source: EpisodeSource, tmp_path: Path) -> None:
    config = configuration(task__queries=3)
    trained = Trained.load(trained_run(tmp_path, config))
    shown = source.episode(config, Address("test", 0, 2))
    answers = answer(trained, shown, 3)
    look = trained.look(shown.episode, 3)
    torch.testing.assert_close(
        torch.from_numpy(answers.outputs), look.query_outputs.softmax(-1)
    )
    for step in range(4):
        right = look.query_outputs[step].argmax(-1) == shown.episode.query.y
        assert answers.accuracy(step) == pytest.approx(float(right.float().mean()))
        confusion = answers.confusion(step)
        assert confusion.sum() == 15
        assert np.trace(confusion) == int(right.sum())


@pytest.mark.parametrize("oracle", [False, True])
def test_a_curve_is_predicted_at_every_inner_step(
    source: EpisodeSource, tmp_path: Path, *, oracle: bool
) -> None:
    config = configuration("sinusoid", task__oracle=oracle)
    trained = Trained.load(trained_run(tmp_path, config))
    shown = source.episode(config, Address())
    answers = answer(trained, shown, 3)
    assert answers.curves.shape == (4, 201)
    x, first = shown.episode.query.x[:, 0], answers.curves[0]
    between = np.interp(x, shown.curve.x, first)
    np.testing.assert_allclose(answers.outputs[0, :, 0], between, atol=0.05)
    assert not answers.classifies
    assert answers.support_loss[-1] < answers.support_loss[0]


def test_a_learner_of_other_tasks_is_refused(
    source: EpisodeSource, tmp_path: Path
) -> None:
    trained = Trained.load(trained_run(tmp_path, configuration()))
    twenty = source.episode(configuration(task__ways=20, task__queries=2), Address())
    with pytest.raises(DataError, match="5 classes apart, but the episode has 20"):
        answer(trained, twenty, 1)
    with pytest.raises(DataError, match="learned Omniglot, grey 28 x 28 pictures"):
        answer(trained, source.episode(configuration("sinusoid"), Address()), 1)


def test_the_hardest_come_first(source: EpisodeSource, tmp_path: Path) -> None:
    config = configuration(task__queries=3)
    trained = Trained.load(trained_run(tmp_path, config))
    addresses = [Address("test", 0, number) for number in range(6)]
    said: list[int] = []
    found = hardest(trained, source, config, addresses, steps=1, progress=said.append)
    accuracies = [ranked.accuracy for ranked in found.episodes]
    assert accuracies == sorted(accuracies)
    for ranked in found.episodes:
        shown = source.episode(config, ranked.address)
        assert answer(trained, shown, 1).accuracy(1) == ranked.accuracy
    shares = [ranked.wrong / ranked.asked for ranked in found.classes]
    assert shares == sorted(shares, reverse=True)
    wrong = sum(ranked.wrong for ranked in found.classes)
    assert wrong == round(sum((1 - accuracy) * 15 for accuracy in accuracies))
    assert said == list(range(6))


def test_what_diverges_is_the_hardest_of_all(
    source: EpisodeSource, tmp_path: Path
) -> None:
    config = configuration("sinusoid", algorithm__inner_lr=1.0)
    trained = Trained.load(trained_run(tmp_path, config))
    addresses = [Address("test", 0, number) for number in range(12)]
    found = hardest(
        trained, source, config, addresses, steps=40, progress=lambda _done: None
    )
    losses = [ranked.loss for ranked in found.episodes]
    lost = [loss for loss in losses if not math.isfinite(loss)]
    assert 0 < len(lost) < 12
    assert not any(map(math.isfinite, losses[: len(lost)]))
    assert losses[len(lost) :] == sorted(losses[len(lost) :], reverse=True)


def test_the_search_for_the_hardest_can_be_stopped(
    source: EpisodeSource, tmp_path: Path
) -> None:
    class Stop:
        def is_set(self) -> bool:
            return True

    trained = Trained.load(trained_run(tmp_path, configuration()))
    with pytest.raises(Cancelled):
        hardest(
            trained,
            source,
            configuration(),
            [Address()],
            steps=1,
            progress=lambda done: None,
            cancel=Stop(),
        )
