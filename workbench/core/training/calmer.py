"""Configurations that may learn where one diverges."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.known import known_settings
from workbench.core.config.run_config import RunConfig

_TIMES_LOWER = 4
_LIMIT = 1.0


def calmer(config: RunConfig) -> tuple[Remedy, ...]:
    """Return the changes that keep training from diverging, the surest first."""
    return tuple(_changes(config))


def _changes(config: RunConfig) -> Iterator[Remedy]:
    known = known_settings(config.model_dump(mode="json"))
    if known is not None and known.changes:
        yield Remedy(
            kind=RemedyKind.USE_KNOWN,
            subject=known.preset.name,
            changes=known.changes,
            effect=f"those of '{known.preset.title}'",
        )
    learner, training = config.algorithm, config.training
    for name in learner.inner_rates():
        rate = getattr(learner, name)
        yield _lower(f"algorithm.{name}", rate, "shorter steps in every task")
    yield _lower("training.meta_lr", training.meta_lr, "shorter meta-steps")
    if training.meta_clip is None and not learner.is_displacement:
        effect = "no entry of the meta-gradient carries training away"
        yield _set("training.meta_clip", _LIMIT, effect)


def _lower(field: str, rate: float, effect: str) -> Remedy:
    lower = float(f"{rate / _TIMES_LOWER:.2g}")
    return _set(field, lower, f"from {rate:g} to {lower:g}: {effect}")


def _set(field: str, value: float, effect: str) -> Remedy:
    return Remedy(kind=RemedyKind.SET, changes={field: value}, effect=effect)
