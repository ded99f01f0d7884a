"""What torchrun says to the processes that it starts."""

from __future__ import annotations

import os
import socket
import sys
from datetime import timedelta
from typing import Any

from workbench.core.spreading.meeting import TOGETHER
from workbench.core.spreading.place import Place, SpreadError

_PLACE = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
_HERE = "127.0.0.1"
_MEETING = ("MASTER_ADDR", "MASTER_PORT")


def launched() -> Place | None:
    """Return this process's place among those that torchrun started, if it did."""
    if not all(name in os.environ for name in _PLACE):
        return None
    number, processes, number_here, here = map(_whole_number, _PLACE)
    place = Place(number, processes, number_here, here)
    return place if place.processes > 1 else None


def launch() -> str:
    """Return torchrun's name of the launch; empty where there is none.

    Those that nobody gave a name it calls "none", all of them.
    """
    name = os.environ.get("TORCHELASTIC_RUN_ID", "") if launched() else ""
    return "" if name == "none" else name


def is_launched_again() -> bool:
    """Whether torchrun started all anew, after one of them had ended."""
    return bool(launch()) and _whole_number("TORCHELASTIC_RESTART_COUNT") > 0


def local_store(port: int = 0) -> Any:
    """Return the store of processes on this machine; without a port, a new one."""
    from torch._C._distributed_c10d import TCPStore

    settings: dict[str, Any] = {"timeout": timedelta(seconds=TOGETHER)}
    settings["use_libuv"] = sys.platform != "win32"  # torch is built without it there
    if port:
        return TCPStore(_HERE, port, is_master=False, **settings)
    # By itself it would listen to all the world.
    listening = socket.create_server((_HERE, 0))
    port, listener = listening.getsockname()[1], listening.detach()
    settings |= {"master_listen_fd": listener, "wait_for_workers": False}
    return TCPStore(_HERE, port, is_master=True, **settings)


def launched_store(seconds: float) -> Any:
    """Return the store of all processes of the launch."""
    from torch._C._distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    try:
        meeting = rendezvous("env://", timeout=timedelta(seconds=seconds))
        store, *_ = next(meeting)
    except (RuntimeError, ValueError) as error:
        at = ":".join(os.environ.get(name, "?") for name in _MEETING)
        why = str(error).splitlines()[0]
        raise SpreadError(f"cannot meet the other processes at {at}: {why}") from error
    # It outlives who is started again, and so does what they have written to it.
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return PrefixStore(f"workbench/{attempt}", store)


def _whole_number(name: str) -> int:
    text = os.environ.get(name, "0")
    try:
        return int(text)
    except ValueError:
        raise SpreadError(f"{name}={text}: torchrun sets it to a number") from None
