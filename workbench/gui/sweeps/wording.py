"""Swept fields, their values and scores in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.core.config.sections import SECTION_TITLES, field_title
from workbench.core.config.worded import worded_text
from workbench.core.results.score_text import score_text
from workbench.core.results.statistics import Mean
from workbench.core.results.sweep_results import Setting, SweepResults
from workbench.core.results.swept_fields import SweptField


def titled(field: SweptField) -> str:
    """Return what the form calls a field."""
    section, _, name = field.name.partition(".")
    if name == "kind":
        return SECTION_TITLES.get(section, section)
    return field_title(field.name)


def shown(field: SweptField, value: str) -> str:
    """Return a value as the form shows it."""
    return worded_text(field.name, value)


def listed(fields: Iterable[SweptField], values: Sequence[str]) -> str:
    """Return fields with their values, like ``inner learning rate 0.01, shots 5``."""
    pairs = zip(fields, values, strict=True)
    return ", ".join(
        _pair(titled(field), shown(field, value)) for field, value in pairs
    )


def score_name(results: SweepResults) -> str:
    """Return what the runs are scored by."""
    of_what = ", middle 98 %" if results.is_trimmed else ""
    return f"{results.judge.title()} {results.measure}{of_what}"


def written(score: Mean | None, results: SweepResults) -> str:
    """Return a mean with its interval where there is one; empty for none."""
    if score is None:
        return ""
    return score_text(score.mean, score.ci95, results.measure)


def over_its_seeds(setting: Setting) -> str:
    """Return over how many seeds a combination's score is, and its interval."""
    count = len(setting.together.figures)
    diverged = setting.together.diverged
    lost = f", {diverged:,} diverged" if diverged else ""
    if count == 1 and not diverged:
        return "one seed: no interval"
    return f"mean and 95 % CI over {count:,} {'seed' if count == 1 else 'seeds'}{lost}"


def _pair(title: str, value: str) -> str:
    # Names of learners and symbols keep their capitals.
    is_word = title[1:2].islower() or title[1:2] == "-"
    return f"{title[0].lower() if is_word else title[0]}{title[1:]} {value}"
