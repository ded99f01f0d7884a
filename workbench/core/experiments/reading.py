"""Finds experiments and reads their files, with a sentence for each mistake."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.core.base.folders import expanded, resource
from workbench.core.base.phrases import one_line, quoted, what_is_wrong
from workbench.core.base.program import command
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.run_config import ConfigError, Mistake, read_toml
from workbench.core.experiments.experiment import FIELDS, Experiment
from workbench.core.experiments.parts import KINDS

_WORDS = {
    "run": "run",
    "part": "part",
    "rows": "row",
    "columns": "column",
    "curves": "curve",
}
"""What one of a list is called, whose number is said."""


@functools.cache
def list_experiments() -> tuple[Experiment, ...]:
    """Return all that come along, in the order in which to show them."""
    found = map(read_experiment, resource("experiments").glob("*.toml"))
    return tuple(sorted(found, key=lambda each: (each.order, each.name)))


def find_experiment(text: str) -> Experiment:
    """Return the experiment of a name or a TOML file; ConfigError says what is wrong.

    Its configurations are made, and fit together.
    """
    path = expanded(text)
    if path.suffix == ".toml" or path.is_file():
        experiment = read_experiment(path)
    else:
        known = {each.name: each for each in list_experiments()}
        if text not in known:
            hint = did_you_mean(text, known) or f" ({command('reproduce')} lists them)"
            raise ConfigError([Mistake("", f"no experiment {text!r}{hint}")])
        experiment = known[text]
    experiment.check()
    return experiment


def read_experiment(path: Path) -> Experiment:
    """Read a file; ConfigError says what is wrong in it, and where."""
    values = read_toml(path)
    try:
        return Experiment.model_validate({**values, "name": path.stem})
    except ValidationError as error:
        raise ConfigError(dict.fromkeys(_mistakes(path, error))) from None


def _mistakes(path: Path, error: ValidationError) -> Iterator[Mistake]:
    for item in error.errors(include_url=False):
        where = ", ".join([str(path), *_place(item["loc"])])
        for text in _what(dict(item)):
            yield Mistake(where, text)


def _place(location: Sequence[int | str]) -> Iterator[str]:
    """Yield where a mistake is, from the outside in: part 2, row 1, published."""
    before: int | str = ""
    for step in location:
        if isinstance(step, int) and before in _WORDS:
            yield f"{_WORDS[str(before)]} {step + 1}"
        elif isinstance(step, str) and step not in (*_WORDS, *KINDS):
            yield one_line(step)
        before = step
    if before in _WORDS:
        yield str(before)


def _what(item: Mapping[str, Any]) -> Iterable[str]:
    kind, field = item["type"], str(item["loc"][-1]) if item["loc"] else ""
    if kind == "extra_forbidden":
        return [f"there is no such field{did_you_mean(field, FIELDS)}"]
    if kind == "missing":
        return ["is missing"]
    if kind == "value_error":
        return str(item["ctx"]["error"]).splitlines()
    if kind == "union_tag_not_found":
        return [f"kind is missing: one of {', '.join(KINDS)}"]
    if kind == "union_tag_invalid":
        given = str(item["ctx"]["tag"])
        hint = did_you_mean(given, KINDS)
        return [f"kind {quoted(given)} is not one of {', '.join(KINDS)}{hint}"]
    return [what_is_wrong(item)]
