"""Waits for other processes in threads, so that who asks them can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, wait
from typing import TypeVar

_T = TypeVar("_T")

_SLICE = 0.1
"""Seconds of waiting after which it is asked whether to go on."""


def beside(work: Callable[[], _T]) -> Future[_T]:
    """Do in a thread what may take for ever, and hold nobody up at the end."""
    future: Future[_T] = Future()

    def done() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=done, name="waiting", daemon=True).start()
    return future


def wait_for(futures: Collection[Future[_T]], look: Callable[[], object]) -> None:
    """Wait until all are done; ``look`` is called meanwhile, and may raise.

    torch waits where Python hears of no signal, and gives up all where it is to wait
    for a while.
    """
    while wait(futures, _SLICE).not_done:
        look()
