"""Filters: words, columns, and fields of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made_stores import add_run, configuration
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import ConfigError
from workbench.core.runs.filter import matching, parse_filter
from workbench.core.runs.row import RunRow, read_row


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("learner=maml", ["good", "poor"]),
        ("Learner=reptile", ["curve"]),
        ('setting="5-way 1-shot"', ["good", "poor"]),
        ("setting=1-shot", ["good", "poor"]),
        ("setting=0-shot", []),
        ("test>80", ["good"]),
        ("test>=80%", ["good"]),
        ("test=96.80", ["good"]),
        ("validation<50", ["poor", "curve"]),
        ("test<0.5", ["curve"]),
        ("meta-steps>=7", ["good"]),
        ("duration>1h", ["good"]),
        ('duration<"1 h 20 min"', ["poor", "curve"]),
        ("duration>90", ["good", "poor"]),
        ("date=2026-05-02", ["poor"]),
        ("date>2026-05-01", ["poor", "curve"]),
        ("date<=2026-05", ["good", "poor"]),
        ("device=cpu", ["good", "poor"]),
        ("tags=paper", ["good"]),
    ],
)
def test_the_headings_of_the_table_are_columns_in_the_units_shown(
    text: str, names: list[str]
) -> None:
    accuracy = {"ways": 5, "shots": 1, "algorithm": "maml", "device": "CPU, 2 threads"}
    rows = [
        RunRow("1", "completed", "good", step=7, seconds=7200.0, **accuracy)._replace(
            test=0.968, best=0.97, created="2026-05-01T12:00:00+00:00", tags="paper"
        ),
        RunRow("2", "completed", "poor", seconds=100.0, **accuracy)._replace(
            test=0.4, best=0.41, created="2026-05-02T12:00:00+00:00"
        ),
        RunRow("3", "completed", "curve", shots=10, algorithm="reptile")._replace(
            test=0.3,
            best=0.35,
            measure=Measure.LOSS,
            created="2026-06-01T12:00:00+00:00",
        ),
    ]
    assert [row.name for row in matching(rows, text)] == names


def test_a_field_that_is_none_is_named_with_a_suggestion(rows: list[RunRow]) -> None:
    assert "inner_lr" in parse_filter("iner_lr>1").problem
    with pytest.raises(ConfigError, match="not a number"):
        matching(rows, "inner_lr>much")
