"""A sweep: one configuration over seeds and over values of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from workbench.core.config.run_config import ConfigError, Mistake, RunConfig
from workbench.core.searching.space import parse_axis

MOST = 1000
"""A sweep of more runs than this is a slip of the pen."""

_SEED = "training.seed"


class Planned(NamedTuple):
    """One run of a sweep: what tells it apart, and its configuration."""

    label: str
    config: RunConfig


def plan_sweep(
    config: RunConfig,
    seeds: Sequence[int] = (),
    grid: Mapping[str, Sequence[Any]] | None = None,
) -> list[Planned]:
    """Return every combination once, seeds last; ConfigError names what cannot be."""
    axes = {name: _once(values) for name, values in (grid or {}).items()}
    if seeds and _SEED in axes:
        raise ConfigError([Mistake(_SEED, "its values are the seeds: give them once")])
    if seeds:
        axes[_SEED] = _once(seeds)
    count = 1
    for values in axes.values():
        count *= len(values)
    _check_count(count)
    return [
        Planned(_label(axes, chosen, config), config.replace(chosen))
        for values in product(*axes.values())
        for chosen in [dict(zip(axes, values, strict=True))]
    ]


def parse_seeds(text: str) -> list[int]:
    """Parse ``0,1,2`` or ``0-4``; nothing is the configuration's own seed."""
    seeds: list[int] = []
    for part in (word.strip() for word in text.split(",") if text.strip()):
        first, dash, last = part.partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            low, high = 0, -1
        if high < low:
            mistake = Mistake("seeds", f"{part!r}: write seeds as 0,1,2 or as 0-4")
            raise ConfigError([mistake])
        _check_count(high - low + 1)
        seeds += range(low, high + 1)
    return list(dict.fromkeys(seeds))


def parse_grid(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Parse the values of several fields, each written once."""
    grid: dict[str, list[Any]] = {}
    for name, values in map(parse_axis, texts):
        if name in grid:
            raise ConfigError(
                [Mistake(name, "is there twice: give all values at once")]
            )
        grid[name] = values
    return grid


def _once(values: Sequence[Any]) -> list[Any]:
    return [value for at, value in enumerate(values) if value not in values[:at]]


def _check_count(runs: int) -> None:
    if runs > MOST:
        message = f"{runs:,} runs are too many for one sweep: {MOST:,} at most"
        raise ConfigError([Mistake("", message)])


def _label(
    axes: Mapping[str, Sequence[Any]], chosen: Mapping[str, Any], config: RunConfig
) -> str:
    """Name what is other than in the configuration, or among the runs; seeds, if so."""
    parts = [
        f"{name.partition('.')[2]} {value}"
        for name, value in chosen.items()
        if len(axes[name]) > 1 or (name != _SEED and _has_not(config, name, value))
    ]
    return ", ".join(parts)


def _has_not(config: RunConfig, name: str, value: Any) -> bool:
    section, _, field = name.partition(".")
    fields = config.model_dump(mode="json").get(section, {})
    return field not in fields or fields[field] != value
