"""A run's folder: the interface between whatever trains and whatever watches.

    RUN/config.toml     the whole configuration
    RUN/run.json        what the run is and how it stands
    RUN/metrics.jsonl   one event a line, append-only; a torn last line is no harm
    RUN/evaluations/    every test and evaluation, a file each
    RUN/checkpoints/    latest.safetensors and best.safetensors
    RUN/log.txt         what happened, for people

A checkpoint is one safetensors file, so that it is written and renamed as one and
cannot run code. It notes how long ``metrics.jsonl`` was: a run killed later resumes
with the file cut back to there, and no step is missing or there twice.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench import __version__
from workbench.core.base.errors import OTHER_RUNS, Problem, Remedy, RemedyKind
from workbench.core.base.file_lock import LockError, file_lock
from workbench.core.base.files import made_atomically, put_aside, read, write_atomically
from workbench.core.base.plugins import Origin
from workbench.core.base.processes import is_running
from workbench.core.base.temporaries import sweep
from workbench.core.config.run_config import ConfigError, RunConfig, read_toml
from workbench.core.config.stand_ins import with_stand_ins
from workbench.core.runs.errors import MissingMember, RunError, refused_by_disk
from workbench.core.runs.events import Event, to_json
from workbench.core.runs.metrics import Follower
from workbench.core.runs.origins import import_members, missing_members, origins
from workbench.core.runs.signs import gives_signs
from workbench.core.searching.search import TrialNote

State = Literal[
    "created", "running", "paused", "completed", "stopped", "failed", "interrupted"
]

ALIVE = ("running", "paused")
"""The states in which a process has the run in hand, if it still is there."""

BRING_BACK = "bring back a copy of the file"
"""What helps where a file holds what nothing else does."""

_CHECKPOINTS = "checkpoints/*.safetensors"


class RunInfo(BaseModel):
    """What a run is and how it stands; ``seconds`` is the time it trained.

    ``seconds_left`` is what it said last of the time to its end.
    ``sweep`` is the same for runs that were queued together, and empty for others.
    ``members`` says of each section whose member is not ours where it is from.
    ``test`` is the id of the evaluation that is its own test; version 0.1.0 wrote the
    figures themselves.
    ``launch`` is torchrun's name of what started it last. ``trial`` is what it is in a
    search, ``pruned`` why that gave it up, and ``diverged`` that this made it fail.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    id: str
    name: str
    state: State = "created"
    created: str
    step: int = 0
    iterations: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None
    device: str = ""
    versions: dict[str, str] = {}
    members: dict[str, Origin] = {}
    split_hash: str = ""
    preset: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    sweep: str = ""
    launch: str = ""
    trial: TrialNote | None = None
    pruned: str = ""
    diverged: bool = False
    message: str = ""
    remedies: tuple[Remedy, ...] = ()
    best: float | None = None
    memory_mb: float | None = None
    test: str | dict[str, Any] | None = None
    pid: int | None = None
    process_mark: str = ""
    host: str = ""
    heartbeat: float = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether a process has the run in hand, as far as can be told from here.

        One on another machine is believed if it gave a sign in the last ten minutes.
        """
        if self.state not in ALIVE or self.pid is None:
            return False
        if self.host == socket.gethostname():
            return is_running(self.pid, self.process_mark)
        return gives_signs(self.id, self.host, self.pid, self.heartbeat)

    @property
    def state_now(self) -> State:
        """How it stands: interrupted, where the process that had it is gone."""
        is_left = self.state in ALIVE and not self.is_alive
        return "interrupted" if is_left else self.state

    @property
    def problem(self) -> Problem | None:
        """Why it failed and what helps; None unless it did."""
        return Problem(self.message, self.remedies) if self.state == "failed" else None


class RunFolder:
    """One run's folder. Reading never fails for a torn line; writing is atomic."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(
        cls,
        runs: Path,
        config: RunConfig,
        *,
        name: str = "",
        preset: str = "",
        called: str = "",
        announce: Callable[[str], object] = str,
    ) -> RunFolder:
        """Make the folder of a new run, whole or not at all; its name is made unique.

        ``called`` is the run's name where the person gave none. Whoever has to find the
        run again is told the folder's name by ``announce``, before it is there.
        """
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        short = name or preset or f"{config.algorithm.kind}-{config.task.kind}"
        identity = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        folder = cls(runs / f"{file_name(short)}-{identity}")
        sweep(runs)
        info = RunInfo(
            id=identity,
            name=name or called or short,
            preset=preset,
            created=now.isoformat(),
            iterations=config.training.iterations,
            members=origins(config),
        )
        with (
            refused_by_disk(folder.path, OTHER_RUNS),
            made_atomically(folder.path) as part,
        ):
            made = cls(part)
            made.checkpoints.mkdir()
            made._write_config(config)
            made._write_info(info)
            announce(folder.path.name)
        return folder

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        """The file of events."""
        return self.path / "metrics.jsonl"

    def config(self) -> RunConfig:
        """Read the run's configuration; RunError says what is wrong with it."""
        file = self.path / "config.toml"
        try:
            values = read_toml(file)
        except ConfigError as error:
            text = f"{error}: {BRING_BACK}"
            raise RunError(text, *self._repairs(_CHECKPOINTS)) from None
        try:
            return RunConfig.from_dict(values)
        except ConfigError as error:
            if missing := missing_members(values, self._members()):
                text = f"{self.path}: {'; '.join(missing)}"
                raise MissingMember(text) from None
            why = "; ".join(map(str, error.mistakes))
            text = f"{file}: {why}"
            raise RunError(text, *self._repairs(_CHECKPOINTS)) from None

    def shown_config(self) -> RunConfig:
        """Read the configuration to look at: a stand-in is for each missing member."""
        try:
            return self.config()
        except MissingMember:
            found = with_stand_ins(read_toml(self.path / "config.toml"))
            if found is None:
                raise
            return RunConfig.model_construct(**found)

    def import_members(self) -> None:
        """Import the modules of members that were registered by hand, to use them.

        Looking at a run never does: it runs code, though none of the folder's.
        """
        import_members(self._members())

    def _members(self) -> dict[str, Origin]:
        with contextlib.suppress(RunError):
            return self._written_info().members
        return {}

    def info(self) -> RunInfo:
        """Read how the run stands: interrupted, where its process is gone."""
        info = self._written_info()
        return info.model_copy(update={"state": info.state_now})

    def _written_info(self) -> RunInfo:
        file = self.path / "run.json"
        try:
            return RunInfo.model_validate_json(read(file))
        except OSError as error:
            reason = f"no {file.name} ({error.strerror})"
            text = f"{self.path} is not a run: {reason}"
            raise RunError(text, *self._repairs("config.toml")) from None
        except ValidationError as error:
            text = f"{file} is damaged: {error.errors()[0]['msg']}"
            raise RunError(text, *self._repairs("config.toml")) from None

    def _repairs(self, copies: str) -> list[Remedy]:
        repair = Remedy(kind=RemedyKind.REPAIR, subject=str(self.path))
        return [repair] * any(self.path.glob(copies))

    def update(self, **changes: Any) -> RunInfo:
        """Change fields of run.json and return what it now says.

        All others stay as they are in the file then, whoever wrote them.
        """
        with self._writing():
            info = RunInfo.model_validate(self._written_info().model_dump() | changes)
            self._write_info(info)
        return info

    def replace_info(self, info: RunInfo) -> Path | None:
        """Write run.json anew; return where what was there is kept, if it was."""
        with self._writing():
            aside = self._put_aside("run.json")
            self._write_info(info)
        return aside

    def restore_config(self, config: RunConfig) -> Path | None:
        """Write config.toml anew; return where what was there is kept, if it was."""
        with self._writing():
            aside = self._put_aside("config.toml")
            self._write_config(config)
        return aside

    def replace_config(self, config: RunConfig) -> None:
        """Write another configuration, as for training further."""
        self.refuse_if_model()
        with refused_by_disk(self.path, OTHER_RUNS):
            self._write_config(config)
        self.update(iterations=config.training.iterations)

    def events(self) -> Iterator[Event]:
        """Read the events there are, without holding them all."""
        follower = self.follow()
        while events := follower.read_new()[1]:
            yield from events

    def follow(self) -> Follower:
        """Return a reader that gives what is new each time it is asked."""
        return Follower(self.metrics)

    def checkpoint(self, which: str = "latest") -> Path:
        """Return the path of a checkpoint; RunError if there is none yet."""
        path = self.checkpoints / f"{which}.safetensors"
        if not path.is_file():
            raise RunError(f"{self.path} has no {which} checkpoint yet")
        return path

    def refuse_if_model(self) -> None:
        """Raise RunError where the run is but a model, which training would replace."""
        has_latest = (self.checkpoints / "latest.safetensors").is_file()
        if self.info().state == "completed" and not has_latest:
            raise RunError(
                f"{self.path} keeps a trained model, and no checkpoint to go on from: "
                "train its configuration anew"
            )

    def sweep(self) -> None:
        """Remove what processes that are gone left half written."""
        for place in (self.path, self.checkpoints, self.path / "evaluations"):
            sweep(place)

    def log(self, line: str) -> None:
        """Add a line, with the time, to the log for people.

        Where a disk has no room for it, what must be kept says so.
        """
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with (
            contextlib.suppress(OSError),
            (self.path / "log.txt").open("a", encoding="utf-8") as file,
        ):
            file.write(f"{now}  {line}\n")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with (
                refused_by_disk(self.path, OTHER_RUNS),
                file_lock(self.path / ".run.json.lock"),
            ):
                yield
        except LockError as error:
            raise RunError(str(error), *error.remedies) from error

    def _put_aside(self, name: str) -> Path | None:
        file = self.path / name
        return put_aside(file) if os.path.lexists(file) else None

    def _write_config(self, config: RunConfig) -> None:
        write_atomically(self.path / "config.toml", config.to_toml().encode())

    def _write_info(self, info: RunInfo) -> None:
        write_atomically(
            self.path / "run.json", info.model_dump_json(indent=1).encode()
        )


class MetricsWriter:
    """Appends events to metrics.jsonl, each handed to the system at once."""

    def __init__(self, folder: RunFolder, length: int) -> None:
        if folder.metrics.exists() and not folder.metrics.is_file():
            raise RunError(f"{folder.metrics} is not a regular file: remove it")
        there = folder.metrics.stat().st_size if folder.metrics.exists() else 0
        if there < length:
            raise RunError(
                f"{folder.metrics} has {there} bytes, and the latest checkpoint goes "
                f"with {length}: a part was lost. Train the configuration anew, or "
                "bring the file back"
            )
        self._file = folder.metrics.open("ab", buffering=0)
        try:
            self._file.truncate(length)
            self._file.seek(0, os.SEEK_END)
        except BaseException:
            self._file.close()
            raise

    def append(self, events: list[Event]) -> None:
        """Write the events as lines."""
        lines = "".join(to_json(event) + "\n" for event in events).encode()
        while lines:
            lines = lines[self._file.write(lines) :]

    @property
    def length(self) -> int:
        """How many bytes the file has."""
        return self._file.tell()

    def make_durable(self) -> None:
        """See that all of it is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    import numpy
    import torch

    return {
        "workbench": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
    }


def file_name(name: str) -> str:
    """Return what a run's folder is called, before its id."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.").lower()[:60] or "run"
