"""How processes find each other, and see that they fit before they begin."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from workbench.core.base.devices import choose_device
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.files import read, write_atomically
from workbench.core.runs.store import RunFolder, versions
from workbench.core.spreading.place import (
    LEADER,
    TOGETHER,
    Follower,
    Place,
    SpreadError,
)
from workbench.core.spreading.waiting import beside, wait_for
from workbench.core.spreading.wire import Group, Wire

PATIENCE = 600.0
"""Seconds that the one that leads waits for an answer."""

_FOR_EVER = 10.0 * 365 * 24 * 3600
_HERE = "127.0.0.1"
_NOBODY = "nobody leads"
_LOOK_EVERY = 0.02
_TOKEN = "together"
"""The file in the run's folder by which others see that it is the same folder."""

_SEEN_WITHIN = 60.0
"""Seconds after which what one machine writes to a shared disk is seen by another."""

_MATTER = ("workbench", "torch")
"""The versions that have to be the same everywhere."""


class Store(Protocol):
    """What all processes can write to and read from."""

    def set(self, key: str, value: str, /) -> None:
        """Write a value."""

    def get(self, key: str, /) -> bytes:
        """Return a value, waiting until there is one."""

    def check(self, keys: list[str], /) -> bool:
        """Return whether all are there."""


class Terms(BaseModel):
    """What the one that leads tells the others of the run."""

    folder: Path
    token: str = ""
    device: str = "cpu"
    engine: str = "auto"
    versions: dict[str, str] = {}


class Presence(BaseModel):
    """What a process says of itself when it has come."""

    host: str
    pid: int
    versions: dict[str, str]
    problem: str = ""


def gather(
    store: Store,
    place: Place,
    terms: Terms,
    ended: Callable[[], Mapping[int, str]],
    seconds: float = TOGETHER,
) -> tuple[Wire, list[Follower]]:
    """Wait until all have come, and see that they fit; return how to reach them.

    ``ended`` says how those have ended of which that is known here; it may raise.
    """
    token = terms.folder / _TOKEN
    terms = terms.model_copy(
        update={"token": secrets.token_hex(16), "versions": versions()}
    )
    write_atomically(token, terms.token.encode())
    try:
        store.set("terms", terms.model_dump_json())
        present = _wait_for_all(store, place.processes, ended, seconds)
        problem = next(_misfits(present, terms.versions), "")
        store.set("go", problem or "go")
    except BaseException:
        store.set("go", _NOBODY)  # those that came need not wait
        raise
    finally:
        token.unlink(missing_ok=True)
    if problem:
        raise SpreadError(problem)
    followers = [
        Follower(number, each.pid, each.host) for number, each in present.items()
    ]
    look = partial(_refuse_ended, ended, place.processes)
    groups: dict[int, Group] = {}
    for number in present:
        reach = partial(group_of_two, store, place, number, PATIENCE)
        reaching = beside(reach)
        wait_for([reaching], look)
        groups[number] = reaching.result()
    return Wire(groups, LEADER), followers


def come(store: Store, place: Place) -> tuple[Wire, Terms] | None:
    """Come to the one that leads; return how to reach it, and its terms.

    Nothing where it finds that the processes cannot work together, and says so.
    """
    terms = Terms.model_validate_json(store.get("terms"))
    if store.check(["go"]):  # before this one came: there is nothing to do
        return None
    presence = Presence(
        host=socket.gethostname(),
        pid=os.getpid(),
        versions=versions(),
        problem=_problem(terms),
    )
    store.set(_key(place.number), presence.model_dump_json())
    if store.get("go") != b"go":
        return None
    group = group_of_two(store, place, place.number, _FOR_EVER)
    return Wire({LEADER: group}, 1), terms


def dismiss(store: Store, folder: Path) -> None:
    """Tell the others, that have come or will, that there is nothing to do."""
    store.set("go", _NOBODY)
    store.set("terms", Terms(folder=folder).model_dump_json())


def _wait_for_all(
    store: Store, count: int, ended: Callable[[], Mapping[int, str]], seconds: float
) -> dict[int, Presence]:
    present: dict[int, Presence] = {}
    until = time.monotonic() + seconds
    while len(present) < count - 1:
        for number in range(1, count):
            if number not in present and store.check([_key(number)]):
                said = store.get(_key(number))
                present[number] = Presence.model_validate_json(said)
        _refuse_ended(ended, count)
        if time.monotonic() > until and len(present) < count - 1:
            late = f"not there after {seconds:.0f} seconds"
            raise SpreadError(_who_is_missing(count, present, late))
        time.sleep(_LOOK_EVERY)
    return dict(sorted(present.items()))


def _refuse_ended(ended: Callable[[], Mapping[int, str]], count: int) -> None:
    """Raise SpreadError where one of those that are to come has ended."""
    if ends := ended():
        each = (
            f"rank {number} of {count} processes: {end}" for number, end in ends.items()
        )
        raise SpreadError("; ".join(each))


def _who_is_missing(count: int, present: dict[int, Presence], why: str) -> str:
    missing = [str(number) for number in range(1, count) if number not in present]
    numbers = f"rank{'s' * (len(missing) > 1)} {', '.join(missing)}"
    there = [f"{number} on {each.host}" for number, each in present.items()]
    return (
        f"{numbers} of {count} processes: {why}; there are "
        f"{', '.join([f'0 on {socket.gethostname()}', *there])}"
    )


def _misfits(present: dict[int, Presence], own: dict[str, str]) -> Iterator[str]:
    """Yield why processes that have come cannot work with this one."""
    for number, each in present.items():
        who = f"rank {number}, process {each.pid} on {each.host},"
        if each.problem:
            yield f"{who} {each.problem}"
        for name in _MATTER:
            if each.versions.get(name) != own[name]:
                theirs = each.versions.get(name, "another")
                yield (
                    f"{who} has {name} {theirs}, and rank 0 on "
                    f"{socket.gethostname()} has {own[name]}: install the same "
                    "everywhere"
                )


def _problem(terms: Terms) -> str:
    """Return why this process cannot follow; empty where it can."""
    until = time.monotonic() + _SEEN_WITHIN
    while not _sees(terms):
        if time.monotonic() > until:
            return (
                f"does not see the run's folder, {terms.folder}: keep runs in a "
                "folder that all machines share"
            )
        time.sleep(_LOOK_EVERY)
    try:
        RunFolder(terms.folder).import_members()
        choose_device(terms.device)
    except WorkbenchError as error:
        return f"cannot begin: {error}"
    return ""


def _sees(terms: Terms) -> bool:
    try:
        return read(terms.folder / _TOKEN) == terms.token.encode()
    except OSError:
        return False


def _key(number: int) -> str:
    return f"present/{number}"


def group_of_two(store: Any, place: Place, number: int, seconds: float) -> Group:
    """Return the group of the leader and a follower, where each waits so long."""
    # Of this run alone: torch's own is one for the whole program, which may train
    # several runs. Only private options have it listen to this machine alone.
    from torch._C._distributed_c10d import PrefixStore
    from torch.distributed import ProcessGroupGloo

    gloo: Any = ProcessGroupGloo
    own = LEADER if place.number == LEADER else 1
    pair = PrefixStore(f"pair/{number}", store)
    within = timedelta(seconds=seconds)
    group: Group
    try:
        if place.is_local:
            options = gloo._Options()  # noqa: SLF001
            options._timeout = within  # noqa: SLF001
            options._devices = [gloo.create_device(hostname=_HERE)]  # noqa: SLF001
            group = gloo(pair, own, 2, options)
        else:  # at the address of the machine's name, or of GLOO_SOCKET_IFNAME
            group = gloo(pair, own, 2, within)
    except RuntimeError as error:
        raise SpreadError(f"cannot reach rank {number}: {error}") from error
    return group
