"""Filters: words, columns, and fields of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.stores import add_run, configuration
from workbench.core.run_config import ConfigError
from workbench.core.run_filter import matching, parse_filter
from workbench.core.run_row import RunRow, read_row


@pytest.fixture
def rows(tmp_path: Path) -> list[RunRow]:
    made = [
        add_run(
            tmp_path,
            configuration(algorithm__inner_lr=rate, task__shots=shots),
            name=name,
            tags=tags,
            state=state,
        )
        for name, rate, shots, tags, state in (
            ("first try", 0.01, 5, (), "failed"),
            ("second try", 0.1, 10, ("paper", "slow"), "completed"),
            ("third", 0.4, 10, ("slow",), "completed"),
        )
    ]
    return [read_row(folder.path) for folder in made]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["first try", "second try", "third"]),
        ("TRY", ["first try", "second try"]),
        ("try -second", ["first try"]),
        ('"second try"', ["second try"]),
        ("10-shot", ["second try", "third"]),
        ("state=completed", ["second try", "third"]),
        ("state!=completed", ["first try"]),
        ("inner_lr=0.40", ["third"]),
        ("algorithm.inner_lr>=0.1 tag=paper", ["second try"]),
        ("-tag=slow", ["first try"]),
        ("shots<10", ["first try"]),
        ("algorithm=maml seed=0", ["first try", "second try", "third"]),
        ("first inner_lr=", []),
        ('"unbalanced', []),
        ("maml sinusoid", ["first try", "second try", "third"]),
    ],
)
def test_a_filter_finds(rows: list[RunRow], text: str, names: list[str]) -> None:
    assert [row.name for row in matching(rows, text)] == names


def test_a_field_that_is_none_is_named_with_a_suggestion(rows: list[RunRow]) -> None:
    assert "inner_lr" in parse_filter("iner_lr>1").problem
    with pytest.raises(ConfigError, match="not a number"):
        matching(rows, "inner_lr>much")
