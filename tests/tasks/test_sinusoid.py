"""Sinusoids: points on curves of the papers' amplitudes, phases and frequencies."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from workbench.tasks.sinusoid import Sinusoid

CPU = torch.device("cpu")


def family(**settings):
    return Sinusoid(**settings).open(Path(), CPU)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_points_lie_on_their_curve():
    episodes, curve = family().sample_with_curve(50, seeded(), (5, 7))
    for part, points in ((episodes.support, 5), (episodes.query, 7)):
        assert part.x.shape == part.y.shape == (50, points, 1)
        expected = curve.amplitude * torch.sin(curve.frequency * part.x - curve.phase)
        torch.testing.assert_close(part.y, expected)


def test_curves_and_points_have_the_published_ranges():
    episodes, curve = family().sample_with_curve(5000, seeded(), (5, 5))
    assert 0.1 <= curve.amplitude.min() < 0.2
    assert 4.9 < curve.amplitude.max() <= 5.0
    assert 0 <= curve.phase.min() < 0.05
    assert 3.1 < curve.phase.max() <= torch.pi
    assert -5 <= episodes.support.x.min() < -4.9
    assert 4.9 < episodes.support.x.max() <= 5
    assert (curve.frequency == 1).all()


def test_meta_sgds_sinusoids_vary_in_frequency():
    _, curve = family(frequency="varied").sample_with_curve(5000, seeded(), (5, 5))
    assert 0.8 <= curve.frequency.min() < 0.81
    assert 1.19 < curve.frequency.max() <= 1.2


@pytest.mark.parametrize(("frequency", "numbers"), [("fixed", 2), ("varied", 3)])
def test_an_oracle_is_told_the_curve_that_it_sees(frequency: str, numbers: int):
    plain = family(frequency=frequency)
    told = family(frequency=frequency, oracle=True)
    assert told.settings.input_shape == (1 + numbers,)
    episodes, expected = (
        each.sample("train", 50, seeded(), (5, 7)) for each in (told, plain)
    )
    for part, same in (
        (episodes.support, expected.support),
        (episodes.query, expected.query),
    ):
        x, amplitude, phase, *more = part.x.split(1, -1)
        assert torch.equal(x, same.x)
        assert torch.equal(part.y, same.y)
        w = more[0] if more else 1.0
        torch.testing.assert_close(part.y, amplitude * torch.sin(w * x - phase))


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_same_generator_draws_the_same_episodes(split):
    one = family().sample(split, 4, seeded(3), (5, 5))
    other = family().sample(split, 4, seeded(3), (5, 5))
    assert torch.equal(one.support.x, other.support.x)
    assert torch.equal(one.query.y, other.query.y)
