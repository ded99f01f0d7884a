"""Configurations that may learn where one diverges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.known import known_settings
from workbench.core.config.run_config import RunConfig

_TIMES_LOWER = 4
_LIMIT = 1.0


def calmer(config: RunConfig) -> tuple[Remedy, ...]:
    """Return the changes that keep training from diverging, the surest first.

    Each does alone: what may be too long in several places is lowered in all at once.
    """
    return tuple(_changes(config))


def _changes(config: RunConfig) -> Iterator[Remedy]:
    rates = _rates(config)
    usual = dict(rates)
    known = known_settings(config.model_dump(mode="json"))
    if known is not None and known.changes:
        where = f"'{known.preset.title}'"
        yield Remedy(
            kind=RemedyKind.USE_KNOWN,
            subject=known.preset.name,
            changes=known.changes,
            effect=f"those of {where}",
        )
        usual |= {
            name: min(rate, known.changes.get(name, rate))
            for name, rate in rates.items()
        }
        lower = {name: usual[name] for name in rates if usual[name] < rates[name]}
        if lower and lower != known.changes:
            yield _set(lower, f"{_from_to(rates, lower)}, as in {where}")
    yield _calmest(config, usual)


def _rates(config: RunConfig) -> dict[str, float]:
    """Return how long steps are, in tasks and outside them, by their fields."""
    learner, training = config.algorithm, config.training
    inner = learner.inner_rates()
    rates = {f"algorithm.{name}": getattr(learner, name) for name in inner}
    if _is_in_region(config):
        return {**rates, "training.kl_limit": training.kl_limit}
    return {**rates, "training.meta_lr": training.meta_lr}


def _is_in_region(config: RunConfig) -> bool:
    return config.training.optimiser == "trust region"


def _calmest(config: RunConfig, usual: Mapping[str, float]) -> Remedy:
    """Return all of what calms at once, for what diverges as it usually learns."""
    lower = {name: float(f"{rate / _TIMES_LOWER:.2g}") for name, rate in usual.items()}
    effect = "shorter steps, and slower learning"
    is_limited = config.training.meta_clip is not None or _is_in_region(config)
    if is_limited or config.algorithm.is_displacement:
        return _set(lower, effect)
    lower["training.meta_clip"] = _LIMIT
    return _set(lower, f"{effect}; no large meta-gradient carries training away")


def _from_to(rates: Mapping[str, float], lower: Mapping[str, float]) -> str:
    return " and ".join(f"from {rates[name]:g} to {to:g}" for name, to in lower.items())


def _set(changes: dict[str, float], effect: str) -> Remedy:
    return Remedy(kind=RemedyKind.SET, changes=changes, effect=effect)
