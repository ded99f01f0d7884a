"""What Optuna's own tools read of a search: an index that may be lost at any time.

It is made again from the trials wherever it does not say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.core.base.temporaries import temporary_of
from workbench.core.searching.sampling import frozen, quiet
from workbench.core.searching.search import Trial
from workbench.core.searching.space import Dimension


def write_journal(
    file: Path,
    name: str,
    space: Sequence[Dimension],
    trials: Sequence[Trial],
    *,
    is_less_better: bool,
) -> None:
    """See that the journal has a study of this name in which all trials are as here."""
    wanted = sorted(trials, key=lambda trial: trial.number)
    with quiet() as optuna:
        if not _agrees(optuna, file, name, wanted, space):
            part = temporary_of(file)
            part.unlink(missing_ok=True)
            optuna.create_study(
                storage=_storage(optuna, part),
                study_name=name,
                direction="minimize" if is_less_better else "maximize",
            ).add_trials([frozen(each, space) for each in wanted])
            part.replace(file)


def _agrees(
    optuna: Any,
    file: Path,
    name: str,
    wanted: Sequence[Trial],
    space: Sequence[Dimension],
) -> bool:
    """Add what is new since, and return whether all stands there as it should."""
    if not file.is_file():
        return False
    try:
        storage = _storage(optuna, file)
        study = optuna.load_study(storage=storage, study_name=name)
        there = study.get_trials(deepcopy=False)
        now = [frozen(each, space) for each in wanted]
        for old, new in zip(there, now, strict=False):
            if _said(old) != _said(new):
                _end(storage, name, old, new)
        study.add_trials(now[len(there) :])
    except Exception:  # whatever a damaged file, or a change of the past, makes of it
        return False
    return len(there) <= len(now)


def _end(storage: Any, name: str, old: Any, new: Any) -> None:
    """Say how a trial ended that was running; Optuna refuses it of any other.

    Who looks on reads only what is added.
    """
    if old.params != new.params:
        raise ValueError(f"trial {old.number} has other values")
    study = storage.get_study_id_from_name(name)
    trial = storage.get_trial_id_from_study_id_trial_number(study, old.number)
    for step, value in new.intermediate_values.items():
        storage.set_trial_intermediate_value(trial, step, value)
    storage.set_trial_state_values(trial, new.state, new.values)


def _said(trial: Any) -> tuple[Any, ...]:
    return trial.state, trial.params, trial.values, trial.intermediate_values


def _storage(optuna: Any, file: Path) -> Any:
    backends = optuna.storages.journal
    lock = backends.JournalFileOpenLock(str(file))
    return optuna.storages.JournalStorage(
        backends.JournalFileBackend(str(file), lock_obj=lock)
    )
