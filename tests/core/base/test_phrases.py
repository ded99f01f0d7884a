"""What is wrong with a configuration is said in words for people."""

from __future__ import annotations

import pytest

from workbench.core.base.phrases import counted
from workbench.core.config.run_config import ConfigError, RunConfig

_BASE = {
    "task": {"kind": "sinusoid"},
    "model": {"kind": "mlp"},
    "algorithm": {"kind": "maml"},
}


@pytest.mark.parametrize(
    ("section", "field", "value", "message"),
    [
        ("training", "meta_lr", "fast", "'fast' is not a number"),
        ("training", "meta_lr", -1, "must be above 0, not -1"),
        ("training", "meta_batch", 0, "must be at least 1, not 0"),
        ("training", "meta_batch", 5000, "must be at most 4,096, not 5,000"),
        ("training", "meta_batch", 2.5, "2.5 is not a whole number"),
        ("training", "iterations", "", "is empty: give a value"),
        (
            "training",
            "optimiser",
            "lion",
            "'lion' is not 'adam', 'sgd' or 'trust region'",
        ),
        ("evaluation", "transductive", 7, "7 is neither true nor false"),
    ],
)
def test_a_wrong_value_is_said_with_what_is_allowed(
    section: str, field: str, value: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_dict({**_BASE, section: {field: value}})
    (mistake,) = caught.value.mistakes
    assert mistake == (f"{section}.{field}", message)


def test_what_a_section_says_of_itself_is_passed_on() -> None:
    algorithm = {"kind": "meta-sgd", "lowest_rate": 0.5, "highest_rate": 0.1}
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_dict({**_BASE, "algorithm": algorithm})
    (mistake,) = caught.value.mistakes
    assert mistake.field == "algorithm"
    assert mistake.message.startswith("lowest_rate 0.5 is above")


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("shot",), "0 shots"),
        (1, ("shot",), "1 shot"),
        (1_623, ("class", "classes"), "1,623 classes"),
        (1, ("class", "classes"), "1 class"),
    ],
)
def test_what_is_counted_is_in_the_plural_unless_it_is_one(
    number: int, words: tuple[str, ...], said: str
) -> None:
    assert counted(number, *words) == said
