"""Temperatures and reliability, against outputs whose truth is known."""

from __future__ import annotations

import pytest
import torch

from workbench.core.sketch.reliability import (
    expected_error,
    reliability,
    temperature_of,
)


def drawn(temperature: float, count: int = 40_000) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs whose labels are drawn at this temperature: the truth is known."""
    generator = torch.Generator().manual_seed(0)
    outputs = 2 * torch.randn(count, 5, generator=generator, dtype=torch.float64)
    chances = (outputs / temperature).softmax(-1)
    return outputs, torch.multinomial(chances, 1, generator=generator)[:, 0]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    assert temperature_of(*drawn(temperature)) == pytest.approx(temperature, rel=0.05)


def test_no_other_temperature_is_more_likely() -> None:
    outputs, labels = drawn(0.5)

    def loss(temperature: float) -> float:
        loss = torch.nn.functional.cross_entropy(outputs / temperature, labels)
        return float(loss)

    found = temperature_of(outputs, labels)
    assert loss(found) < min(loss(0.95 * found), loss(1.05 * found))


def test_without_a_mistake_nothing_is_quite_sure() -> None:
    outputs = torch.eye(3).repeat(10, 1)
    found = temperature_of(outputs, torch.arange(3).repeat(10))
    sure = float((outputs / found).softmax(-1).max())
    assert 0.9 < sure < 0.999


def test_calibrated_answers_are_right_as_often_as_they_say() -> None:
    outputs, labels = drawn(0.5)
    before = reliability(outputs.softmax(-1), labels)
    after = reliability((outputs / temperature_of(outputs, labels)).softmax(-1), labels)
    assert sum(each.answers for each in after) == len(labels)
    assert expected_error(after) < 0.01 < 0.05 < expected_error(before)


def test_the_expected_error_is_how_far_both_are_apart() -> None:
    probabilities = torch.tensor([[0.95, 0.05], [0.95, 0.05], [0.45, 0.55]])
    found = reliability(probabilities, torch.tensor([0, 1, 1]))
    assert expected_error(found) == pytest.approx((2 * 0.45 + 0.45) / 3)
    assert expected_error(()) == 0
