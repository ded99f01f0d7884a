"""A value is called the same wherever it is shown."""

from __future__ import annotations

import pytest

from tests.made_runs import small_config
from workbench.core.base.settings import none_of
from workbench.core.config.naming import telling_name
from workbench.core.config.sections import field_names, field_of
from workbench.core.config.worded import worded, worded_text
from workbench.core.runs.row import text_of


@pytest.mark.parametrize(
    ("dotted", "value", "text"),
    [
        ("algorithm.batch", None, "all"),
        ("algorithm.train_shots", None, "as at test"),
        ("training.meta_clip", None, "no limit"),
        ("evaluation.transductive", False, "no"),
        ("evaluation.transductive", True, "yes"),
        ("training.iterations", 60_000, "60,000"),
        ("training.meta_lr", 1e-5, "1e-5"),
        ("model.hidden", [1000, 64], "1000, 64"),
        ("model.norm", "none", "none"),
        ("algorithm.kind", "fomaml", "First-order MAML"),
        ("algorithm.kind", "gone", "gone"),
        ("gone.from_here", None, "none"),
    ],
)
def test_a_value_and_its_text_in_a_row_are_worded_alike(
    dotted: str, value: object, text: str
) -> None:
    assert worded(dotted, value) == text
    assert worded_text(dotted, "none" if value is None else text_of(value)) == text


def test_what_no_value_means_is_said_in_the_words_of_the_field() -> None:
    fields = {dotted: field_of(dotted) for dotted in field_names()}
    for dotted, field in fields.items():
        assert field is not None
        if not dotted.endswith(".kind"):
            assert worded(dotted, None) == none_of(field)


def test_a_run_is_named_after_what_no_value_means() -> None:
    config = small_config(algorithm__kind="reptile", algorithm__batch=None)
    assert "batch all" in telling_name(config)
