"""One line of the table of runs: what a folder says, or why it says nothing."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.errors import MALFORMED
from workbench.core.base.files import read
from workbench.core.base.measure import Measure
from workbench.core.config.judged_by import measure_of
from workbench.core.config.run_config import ConfigError, read_toml
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_score
from workbench.core.runs.store import ALIVE, RunFolder, RunInfo

NOT_THE_RESULT = ("training.seed", "training.engine", "training.checkpoint_every")
"""Fields whose difference makes no other experiment of a run."""

_FILES = ("run.json", "config.toml")
_NUMBERS = (
    "ways",
    "shots",
    "seed",
    "seconds",
    "best",
    "test",
    "test_ci95",
    "test_median",
    "test_trimmed",
    "test_diverged",
    "memory_mb",
    "trial",
)
_LARGEST = 2**63

Stamp = str


class RunRow(NamedTuple):
    """A run as the table shows it.

    ``problem`` says why a folder is no readable run; ``state`` is then ``damaged`` or
    ``foreign``. ``best`` and ``test`` are what ``measure`` says, accuracies as shares,
    and infinite where the test diverged; beside a regression's stand the median
    over tasks, the mean of the middle 98 % and how many tasks diverged, as far as that
    was noted. ``tags`` are separated by commas.
    ``group_key`` is the same for runs that differ in nothing but the seed, and
    ``sweep`` for those that were queued together; ``trial`` is its number in a search,
    and ``pruned`` why that gave it up. ``fields`` has a line ``section.field=value``
    for each field of the configuration.
    """

    folder: str
    state: str
    name: str
    created: str = ""
    id: str = ""
    algorithm: str = ""
    task: str = ""
    model: str = ""
    ways: int | None = None
    shots: int | None = None
    seed: int | None = None
    step: int = 0
    iterations: int = 0
    seconds: float = 0.0
    device: str = ""
    best: float | None = None
    test: float | None = None
    test_ci95: float | None = None
    test_median: float | None = None
    test_trimmed: float | None = None
    test_diverged: int | None = None
    measure: Measure = Measure.ACCURACY
    preset: str = ""
    tags: str = ""
    notes: str = ""
    message: str = ""
    problem: str = ""
    pid: int | None = None
    host: str = ""
    group_key: str = ""
    fields: str = ""
    process_mark: str = ""
    heartbeat: float = 0.0
    memory_mb: float | None = None
    sweep: str = ""
    trial: int | None = None
    pruned: str = ""

    @property
    def is_run(self) -> bool:
        """Whether the folder can be read as a run."""
        return not self.problem

    @property
    def is_alive(self) -> bool:
        """Whether a process has the run in hand."""
        return self.state in ALIVE

    @property
    def setting(self) -> str:
        """The ways and shots, like ``5-way 1-shot``, or ``20 trajectories``."""
        if self.shots is None:
            return ""
        ways = "" if self.ways is None else f"{self.ways}-way "
        return ways + self.measure.learned_from(self.shots)

    @property
    def tested_with(self) -> str:
        """What its test figure was measured with, like ``5-shot, 10 steps``.

        Views of a picture are told where there are more than one.
        """
        shots, steps = self.field("evaluation.shots"), self.field("evaluation.steps")
        if self.test is None or steps is None:
            return ""
        shots = str(self.shots) if shots in (None, "none") else shots
        views = self.field("evaluation.views")
        several = "" if views in (None, "1") else f", {views} views"
        asked = self.measure.learned_from(shots)
        return f"{asked}, {steps} {'step' if steps == '1' else 'steps'}{several}"

    @property
    def shown_test(self) -> float | None:
        """Its test figure, or the median where tasks diverged: the mean tells nothing.

        A group of seeds has no median.
        """
        return self.test_median if self.has_lost_tasks else self.test

    @property
    def has_lost_tasks(self) -> bool:
        """Whether some tasks of its test diverged, and there is a median beside."""
        return bool(self.test_diverged) and self.test_median is not None

    @property
    def robust_test(self) -> float | None:
        """The mean of the middle 98 % where it was noted, else the test figure."""
        return self.test if self.test_trimmed is None else self.test_trimmed

    @property
    def speed(self) -> float | None:
        """How many meta-steps it made in a second, over all of its training."""
        return self.step / self.seconds if self.step and self.seconds > 0 else None

    @property
    def date(self) -> str:
        """When it was made, in this place's time, like ``2026-05-01 12:30``."""
        return date(self.created)

    @property
    def config(self) -> dict[str, str]:
        """Every field of the configuration as text, by its dotted name."""
        lines = (line.partition("=") for line in self.fields.split("\n") if line)
        return {name: value for name, _, value in lines}

    def field(self, dotted: str) -> str | None:
        """Return one field of the configuration as text; None if there is none."""
        start = self.fields.find(f"\n{dotted}=")
        if start < 0:
            return None
        start += len(dotted) + 2
        return self.fields[start : self.fields.find("\n", start)]


def stamp_of(folder: Path) -> Stamp | None:
    """Return what changes when a run's files do; None if there is no folder.

    The times and sizes of run.json and config.toml, both replaced as a whole, and of
    the folder that evaluations are added to.
    """
    parts = []
    for name in (*_FILES, "evaluations"):
        try:
            status = (folder / name).stat()
        except NotADirectoryError:
            return None
        except OSError:
            parts.append("-")
        else:
            parts.append(f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}")
    return " ".join(parts)


def read_row(folder: Path) -> RunRow:
    """Read a folder; what is wrong with it is in the row's ``problem``."""
    run = RunFolder(folder)
    if not is_text(folder.name):
        return _bad_row(folder, "damaged", "its name is not UTF-8: rename the folder")
    try:
        if not any((folder / name).exists() for name in _FILES):
            return _bad_row(folder, "foreign", "not a run: it has no run.json")
        info = RunInfo.model_validate_json(read(folder / "run.json"))
        values = read_toml(folder / "config.toml")
    except OSError as error:
        return _bad_row(folder, "damaged", f"cannot read run.json: {error.strerror}")
    except ConfigError as error:
        return _bad_row(folder, "damaged", f"config.toml: {error}")
    except ValueError:
        return _bad_row(folder, "damaged", _why_unreadable(run))
    try:
        return _sound(_row(folder, info, values))
    except MALFORMED as error:
        return _bad_row(folder, "damaged", f"config.toml: {error}")


def date(moment: str) -> str:
    """Return a moment of ISO 8601 in this place's time; nothing if it is none."""
    try:
        found = datetime.datetime.fromisoformat(moment).astimezone()
    except (ValueError, OverflowError):  # the year 1 may be the year 0 elsewhere
        return ""
    return f"{found:%Y-%m-%d %H:%M}"


def is_text(name: str) -> bool:
    """Return whether a name can be written as UTF-8; those of folders need not be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested sections as dotted fields."""
    return dict(sorted(_flat(values)))


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, fields in values.items():
        if not isinstance(fields, Mapping):
            raise ValueError(f"{section} is not a section")
        for name, value in fields.items():
            yield f"{section}.{name}", value


def _row(run: Path, info: RunInfo, values: Mapping[str, Any]) -> RunRow:
    fields = flat(values)
    task, model, algorithm = (
        str(values.get(section, {}).get("kind", ""))
        for section in ("task", "model", "algorithm")
    )
    if not (task and model and algorithm):
        raise ValueError("a section task, model or algorithm is missing")
    test = own_score(run, info)
    spread = None if test is None else test.score_spread
    has_ways = "task.ways" in fields
    return RunRow(
        folder=run.name,
        state=info.state,
        name=info.name,
        created=info.created,
        id=info.id,
        algorithm=algorithm,
        task=task,
        model=model,
        ways=fields.get("task.ways"),
        shots=fields.get("task.shots"),
        seed=fields.get("training.seed"),
        step=info.step,
        iterations=info.iterations,
        seconds=info.seconds,
        device=info.device,
        best=info.best,
        test=None if test is None else _finite(test.score, math.inf),
        test_ci95=None if test is None else _finite(test.ci95),
        test_median=None if spread is None else spread.median,
        test_trimmed=None if spread is None else spread.trimmed_mean,
        test_diverged=None if spread is None else spread.diverged,
        measure=measure_of(task, has_ways=has_ways) if test is None else test.measure,
        preset=info.preset,
        tags=", ".join(info.tags),
        notes=info.notes,
        message=info.message,
        pid=info.pid,
        host=info.host,
        group_key=_group_key(fields),
        fields="\n" + "".join(f"{key}={text_of(fields[key])}\n" for key in fields),
        process_mark=info.process_mark,
        heartbeat=info.heartbeat,
        memory_mb=info.memory_mb,
        sweep=info.sweep,
        trial=None if info.trial is None else info.trial.number,
        pruned=info.pruned,
    )


def _sound(row: RunRow) -> RunRow:
    """Return the row, all of whose values can be kept, sorted and shown."""
    for name, value in row._asdict().items():
        if name in _NUMBERS and not isinstance(value, int | float | None):
            raise ValueError(f"{name} is not a number")
        if isinstance(value, int) and abs(value) >= _LARGEST:
            raise ValueError(f"{name} is too large")
        if isinstance(value, float) and math.isnan(value):
            raise ValueError(f"{name} is not a number")
        if isinstance(value, str) and not is_text(value):
            raise ValueError(f"{name} is not text")
    if not math.isfinite(row.seconds):
        raise ValueError("seconds is not finite")
    return row


def _finite(value: float | None, otherwise: float | None = None) -> float | None:
    return value if value is not None and math.isfinite(value) else otherwise


def _group_key(fields: Mapping[str, Any]) -> str:
    kept = {key: fields[key] for key in fields if key not in NOT_THE_RESULT}
    return hashlib.sha1(
        json.dumps(kept, sort_keys=True).encode(), usedforsecurity=False
    ).hexdigest()[:16]


def text_of(value: Any) -> str:
    """Return a field's value as ``fields`` has it."""
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\n", " ")


def _bad_row(folder: Path, state: str, problem: str) -> RunRow:
    name, why = _as_text(folder.name), _as_text(problem)
    return RunRow(folder=folder.name, state=state, name=name, problem=why)


def _as_text(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _why_unreadable(run: RunFolder) -> str:
    try:
        run.info()
    except RunError as error:
        return str(error).replace(f"{run.path}/", "")
    except ValueError as error:
        return f"run.json is damaged: {error}"
    return "run.json is damaged"


def differences(
    first: RunRow, second: RunRow
) -> list[tuple[str, str | None, str | None]]:
    """Return the fields in which two configurations differ, with both values."""
    one, other = first.config, second.config
    return [
        (name, one.get(name), other.get(name))
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]
