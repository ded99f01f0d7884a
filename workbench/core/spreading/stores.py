"""Where processes leave word for each other until they are connected."""

from __future__ import annotations

import os
import socket
import sys
from datetime import timedelta
from typing import Any

from workbench.core.spreading.place import TOGETHER, SpreadError

_HERE = "127.0.0.1"
_MEETING = ("MASTER_ADDR", "MASTER_PORT")


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
