"""The columns of the table of runs: what each says of a run, and how to sort by it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from workbench.core.base.figures import duration, memory, number
from workbench.core.base.measure import Measure
from workbench.core.config.sections import field_title
from workbench.core.config.worded import title_of_kind, worded_text
from workbench.core.results.score_text import row_text, score_text
from workbench.core.runs.row import RunRow
from workbench.gui.runs.fields import field_help


class Column(NamedTuple):
    """A column: its text of a run, its sorting key, and how it is laid out."""

    key: str
    title: str
    tip: str
    width: int
    text: Callable[[RunRow], str]
    sort: Callable[[RunRow], Any]
    is_number: bool = False
    is_shown: bool = True
    is_edited: bool = False


def _plain(name: str) -> Callable[[RunRow], str]:
    def text(row: RunRow) -> str:
        value = getattr(row, name)
        return "" if value is None else str(value)

    return text


def _folded(name: str) -> Callable[[RunRow], str]:
    return lambda row: str(getattr(row, name)).casefold()


def _number(name: str) -> Callable[[RunRow], float]:
    def key(row: RunRow) -> float:
        value = getattr(row, name)
        return float("-inf") if value is None else float(value)

    return key


def _score(name: str) -> Callable[[RunRow], float]:
    """Return a key for a score: what diverged is the worst, whichever way is better."""

    def key(row: RunRow) -> float:
        value = getattr(row, name)
        has_diverged = value is not None and not math.isfinite(value)
        return row.measure.worst if has_diverged else _number(name)(row)

    return key


def _loss(name: str) -> Callable[[RunRow], str]:
    return lambda row: score_text(getattr(row, name), None, Measure.LOSS)


def _kind(section: str) -> Callable[[RunRow], str]:
    return lambda row: title_of_kind(section, getattr(row, section))


def _steps(row: RunRow) -> str:
    if not row.is_run:
        return ""
    if row.step == row.iterations:
        return f"{row.step:,}"
    return f"{row.step:,} of {row.iterations:,}"


def _notes(row: RunRow) -> str:
    return row.problem or row.notes or (row.message if row.state == "failed" else "")


COLUMNS: tuple[Column, ...] = (
    Column(
        "name",
        "Name",
        "Its name, which F2 changes; tick it to see it in the plots beside the one "
        "selected",
        290,
        _plain("name"),
        _folded("name"),
        is_edited=True,
    ),
    Column("state", "State", "How it stands", 96, _plain("state"), _plain("state")),
    Column(
        "test",
        "Test",
        "Test accuracy, loss of a regression or return, with its 95 % confidence "
        "interval; the median where tasks diverged, for their mean then tells nothing",
        140,
        row_text,
        _score("shown_test"),
        is_number=True,
    ),
    Column(
        "created",
        "Date",
        "When it was made",
        122,
        lambda row: row.date,
        _plain("created"),
    ),
    Column(
        "algorithm",
        "Learner",
        "Its meta-learner",
        72,
        _kind("algorithm"),
        _kind("algorithm"),
    ),
    Column("task", "Task", "Its task family", 78, _kind("task"), _kind("task")),
    Column(
        "setting",
        "Setting",
        "Ways and shots",
        104,
        lambda row: row.setting,
        lambda row: (row.ways or 0, row.shots or 0),
    ),
    Column(
        "model",
        "Model",
        "Its model",
        70,
        _kind("model"),
        _kind("model"),
        is_shown=False,
    ),
    Column(
        "steps",
        "Meta-steps",
        "Meta-steps made, of those to make",
        132,
        _steps,
        _number("step"),
        is_number=True,
    ),
    Column(
        "best",
        "Validation",
        "Best validation: accuracy, loss of a regression or return, after the inner "
        "steps at test",
        104,
        lambda row: score_text(row.best, None, row.measure),
        _score("best"),
        is_number=True,
    ),
    Column(
        "tested",
        "Tested with",
        "Shots and inner steps of its test, which need not be those of training",
        116,
        lambda row: row.tested_with,
        lambda row: row.tested_with,
    ),
    Column(
        "test_median",
        "Median",
        "Of a regression: the median test loss over tasks",
        90,
        _loss("test_median"),
        _number("test_median"),
        is_number=True,
        is_shown=False,
    ),
    Column(
        "test_trimmed",
        "Middle 98 %",
        "Of a regression: the mean test loss without the highest and lowest 1 % of "
        "tasks, which those that diverge do not move",
        100,
        _loss("test_trimmed"),
        _number("test_trimmed"),
        is_number=True,
        is_shown=False,
    ),
    Column(
        "test_diverged",
        "Diverged",
        "Of a regression: how many test tasks ended with a loss above ten times the "
        "mean before adapting, or with none",
        80,
        _plain("test_diverged"),
        _number("test_diverged"),
        is_number=True,
        is_shown=False,
    ),
    Column(
        "seed",
        "Seed",
        "Its seed",
        44,
        _plain("seed"),
        _number("seed"),
        is_number=True,
    ),
    Column(
        "seconds",
        "Duration",
        "How long it trained",
        90,
        lambda row: duration(row.seconds) if row.seconds >= 0.5 else "",
        _number("seconds"),
        is_number=True,
    ),
    Column(
        "speed",
        "Meta-steps/s",
        "Meta-steps made in a second of training, on the whole",
        100,
        lambda row: "" if row.speed is None else number(row.speed),
        _number("speed"),
        is_number=True,
        is_shown=False,
    ),
    Column(
        "memory_mb",
        "Memory",
        "At peak: of the whole process, or on a GPU of its tensors there",
        90,
        lambda row: "" if row.memory_mb is None else memory(row.memory_mb),
        _number("memory_mb"),
        is_number=True,
        is_shown=False,
    ),
    Column(
        "device", "Device", "What it ran on", 120, _plain("device"), _plain("device")
    ),
    Column(
        "tags",
        "Tags",
        "Words of your own, separated by commas",
        100,
        _plain("tags"),
        _folded("tags"),
        is_edited=True,
    ),
    Column(
        "notes",
        "Notes",
        "What you noted, or why there is nothing to show",
        240,
        _notes,
        _notes,
        is_edited=True,
    ),
    Column(
        "preset",
        "Preset",
        "The preset it came from",
        150,
        _plain("preset"),
        _plain("preset"),
        is_shown=False,
    ),
    Column(
        "id",
        "Id",
        "What the command line calls it",
        170,
        _plain("id"),
        _plain("id"),
        is_shown=False,
    ),
)

FIRST = {column.key: column for column in COLUMNS}
"""The columns that there are from the start, by their keys."""


def field_column(dotted: str) -> Column:
    """Return a column of one field of the configuration."""
    return Column(
        dotted,
        field_title(dotted),
        f"{dotted}: {field_help(dotted)}",
        0,
        lambda row: "" if (v := row.field(dotted)) is None else worded_text(dotted, v),
        lambda row: _in_order(row.field(dotted)),
    )


def _in_order(value: str | None) -> tuple[int, float, str]:
    """Return what sorts numbers by size, then words, and what is missing first."""
    if value is None:
        return 0, 0.0, ""
    try:
        found = float(value)
    except ValueError:
        return 2, 0.0, value
    return (1, found, "") if math.isfinite(found) else (2, 0.0, value)
