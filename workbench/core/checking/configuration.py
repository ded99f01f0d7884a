"""Looks at a run's configuration, which its checkpoints and the queue have as well."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from workbench.core.base.files import read
from workbench.core.base.phrases import quoted
from workbench.core.checking.checkpoints import Loaded, load_all
from workbench.core.checking.finding import Finding
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.config.sections import is_changeable_later
from workbench.core.queue.salvage import whole_entries
from workbench.core.runs.errors import RunError
from workbench.core.runs.row import flat
from workbench.core.runs.store import BRING_BACK, RunFolder

_MOST_NAMED = 3


class _Copy(NamedTuple):
    """A configuration as it is kept elsewhere, after so many meta-steps, and where."""

    config: RunConfig
    step: int
    where: str


def look_at_config(folder: RunFolder, loaded: Loaded) -> Iterator[Finding]:
    """Yield what is wrong with config.toml."""
    file = folder.path / "config.toml"
    try:
        config = folder.config()
    except RunError as error:
        wrong = str(error).removeprefix(f"{file}: ").removesuffix(f": {BRING_BACK}")
        wrong = wrong.replace(f"{file} ", "it ")
        copy = _copy_of(folder, loaded)
        if copy is None:
            remedy = f"nothing else holds the settings: {BRING_BACK}"
            yield Finding(file, wrong, remedy)
            return
        kept = ", and the damaged file is kept aside" * file.exists()
        remedy = f"repairing takes what {copy.where} has{kept}"
        yield Finding(file, wrong, remedy, partial(_made_anew, folder))
        return
    yield from _contradictions(folder, config, _newest(loaded))


def _contradictions(
    folder: RunFolder, config: RunConfig, copy: _Copy | None
) -> Iterator[Finding]:
    others = {} if copy is None else _differences(config, copy.config)
    if copy is None or not others:
        return
    said = [
        f"{name} is {quoted(ours)}, and {quoted(theirs)} in {copy.where}"
        for name, (ours, theirs) in others.items()
    ]
    more = len(said) - _MOST_NAMED
    wrong = "; ".join(said[:_MOST_NAMED]) + f" (and {more:,} more like it)" * (more > 0)
    remedy = "repairing takes what it was trained with, and keeps the file aside"
    mend = partial(_made_anew, folder)
    yield Finding(folder.path / "config.toml", wrong, remedy, mend)


def _differences(
    config: RunConfig, other: RunConfig
) -> dict[str, tuple[object, object]]:
    """Return the fields, with both values, that training may not go on without."""
    ours, theirs = (flat(each.model_dump(mode="json")) for each in (config, other))
    return {
        name: (ours.get(name), theirs.get(name))
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name) and not is_changeable_later(name)
    }


def _copy_of(folder: RunFolder, loaded: Loaded) -> _Copy | None:
    """Return the configuration as whatever else there is has it."""
    return _newest(loaded) or _queued(folder)


def _newest(loaded: Loaded) -> _Copy | None:
    """Return that of the newest whole checkpoint that has one."""
    found = []
    for which, facts in loaded.whole.items():
        with contextlib.suppress(ConfigError):
            if facts.config:
                where = f"{which}.safetensors (meta-step {facts.step:,})"
                config = RunConfig.from_dict(facts.config)
                found.append(_Copy(config, facts.step, where))
    return max(found, key=lambda copy: copy.step, default=None)


def _queued(folder: RunFolder) -> _Copy | None:
    """Return that with which the queue began the run."""
    file = folder.path.with_name("queue.json")
    with contextlib.suppress(OSError, ConfigError):
        for entry in whole_entries(read(file), "items"):
            if entry.get("run") == folder.path.name:
                config = RunConfig.from_toml(str(entry.get("config")))
                return _Copy(config, 0, file.name)
    return None


def _made_anew(folder: RunFolder) -> str:
    copy = _copy_of(folder, load_all(folder))
    if copy is None:
        return ""
    config = copy.config.replace(_changed_later(folder, copy))
    aside = folder.restore_config(config)
    said = f"config.toml is made anew from {copy.where}"
    if config.training.iterations != copy.config.training.iterations:
        said += f", for {config.training.iterations:,} meta-steps as it was to make"
    if aside is not None:
        said += f"; what was there is kept as {aside.name}"
    folder.log(said)
    return said


def _changed_later(folder: RunFolder, copy: _Copy) -> dict[str, object]:
    """Return what was changed on purpose since: as far as the files can be read."""
    with contextlib.suppress(RunError):
        now = flat(folder.config().model_dump(mode="json"))
        return {name: value for name, value in now.items() if is_changeable_later(name)}
    with contextlib.suppress(RunError, ConfigError):
        iterations = folder.info().iterations
        copy.config.replace({"training.iterations": iterations})
        if iterations >= copy.step:
            return {"training.iterations": iterations}
    return {}
