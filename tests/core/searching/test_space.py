"""What may be searched: read, refused with a reason, and proposed."""

from __future__ import annotations

import re

import pytest

from tests.made_runs import small_config
from workbench.core.config.presets import list_presets, load_config
from workbench.core.config.run_config import ConfigError
from workbench.core.searching.space import (
    Choice,
    Range,
    is_range,
    parse_space,
    proposed,
    searchable,
)


def test_ranges_and_choices_are_read_as_written() -> None:
    texts = [
        "algorithm.inner_lr=0.001..0.5:log",
        "task.shots=1..10",
        "model.hidden=[40,40],[64]",
        "training.meta_lr= 0.01 .. 0.02",
    ]
    space = parse_space(texts, small_config())
    assert space == (
        Range("algorithm.inner_lr", 0.001, 0.5, is_log=True),
        Range("task.shots", 1, 10, is_whole=True),
        Choice("model.hidden", ([40, 40], [64])),
        Range("training.meta_lr", 0.01, 0.02),
    )
    assert parse_space(map(str, space), small_config()) == space


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("algorithm.iner_lr=0.1..1", "did you mean"),
        ("algorithm.inner_lr", "write it as"),
        ("algorithm.inner_lr=1..0.1", "inner_lr: '1..0.1': write the lower number"),
        ("algorithm.inner_lr=a..b", "'a..b': write the lower number first"),
        ("algorithm.inner_lr=nan..1", "write the lower number first"),
        ("algorithm.inner_lr=0..1:log", "has to begin above 0"),
        ("algorithm.inner_lr=-1..1", "inner_lr"),
        ("task.shots=1..2.5", "write whole numbers"),
        ("task.shots=0..5", "shots"),
        ("algorithm.kind=maml,maml2", "maml2"),
        ("training.seed=0..5", "give the seeds"),
        ("evaluation.transductive=0..1", "'0..1': is not of numbers: give its values"),
    ],
)
def test_what_cannot_be_searched_says_why(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(why)):
        parse_space([text], small_config())


def test_a_field_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="inner_lr: is there twice"):
        parse_space(["algorithm.inner_lr=0.1,1"] * 2, small_config())


def test_a_line_of_values_is_told_from_a_range() -> None:
    assert is_range("algorithm.inner_lr=0.1..1:log")
    assert not is_range("algorithm.inner_lr=0.1,1")
    assert not is_range("task.data_set=../other")


@pytest.mark.parametrize("preset", [each.name for each in list_presets()[::6]])
def test_whatever_is_proposed_can_be_searched(preset: str) -> None:
    config, _ = load_config(preset)
    fields = searchable(config)
    assert {"algorithm.inner_lr", "training.meta_lr"} & set(fields)
    assert not {"training.seed", "algorithm.kind"} & set(fields)
    assert parse_space([proposed(config, name) for name in fields], config)


def test_proposals_keep_within_the_limits_of_their_field() -> None:
    config = small_config(algorithm__inner_lr=0.01)
    assert proposed(config, "algorithm.inner_lr") == (
        "algorithm.inner_lr=0.001..0.1:log"
    )
    assert proposed(config, "task.shots") == "task.shots=2..10"
    assert proposed(config, "evaluation.transductive") == (
        "evaluation.transductive=false,true"
    )
    assert proposed(config, "model.hidden") == ""


def test_points_of_a_range_are_within_it_and_legible() -> None:
    rates = Range("algorithm.inner_lr", 0.001, 1, is_log=True)
    assert [rates.at(n / 3) for n in range(4)] == [0.001, 0.01, 0.1, 1]
    assert rates.nearest(0.012345678) == 0.01235
    shots = Range("task.shots", 1, 4, is_whole=True)
    assert [shots.at(n / 4) for n in range(5)] == [1, 2, 2, 3, 4]
