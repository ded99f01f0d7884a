"""What is promised of whoever reads a file: it is held here, damage after damage.

A reader gives what is right, or says in one line of the product's own what is wrong
with which file. It takes no more memory than is meant, comes to an end, and leaves the
file as it is.
"""

from __future__ import annotations

import contextlib
import signal
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from workbench.core.base.errors import WorkbenchError
from workbench.core.base.phrases import one_line
from workbench.core.config.mistakes import ConfigError

MOST_BYTES = 300 * 2**20
MOST_SIGNS = 1000
"""A message is read by a person."""
_PATIENCE_SECONDS = 60


class Hang(BaseException):
    """A reader does not come to an end: nothing in the product catches this."""


def state_of(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, with what they hold."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


class Holder:
    """Holds readers to what is promised, each case drawn from its number alone."""

    def __init__(self, folder: Path, kind: str, cases: int) -> None:
        self.folder = folder
        self._kind, self._cases = kind, cases

    def each(self, case: Callable[[Random], object], share: float = 1.0) -> None:
        """Go through the cases, or a share of them; an error says which it was of."""
        for number in range(round(self._cases * share)):
            try:
                case(Random(f"{self._kind}/{number}"))
            except BaseException as error:
                error.add_note(f"case {number} of {self._kind}")
                raise

    def hold(
        self, file: Path, content: bytes, read: Callable[[Path], object], *names: str
    ) -> bool:
        """Let a reader read a damaged file; return whether it gave something."""
        file.write_bytes(content)
        is_given = held(lambda: read(file), file.name, *names)
        assert file.read_bytes() == content, f"reading has changed {file}"
        return is_given


def held(read: Callable[[], object], *names: str) -> bool:
    """Let a reader read something of one of these names; return whether it did."""
    with _in_time(), _in_bounds():
        try:
            read()
        except WorkbenchError as error:
            check_message(error, *names)
            return False
        return True


def check_message(error: WorkbenchError, *names: str) -> None:
    """See that each message is one line for a person, and names what it is about."""
    if isinstance(error, ConfigError):
        texts = [str(mistake) for mistake in error.mistakes]
        names += tuple(one_line(mistake.field) or "\0" for mistake in error.mistakes)
    else:
        texts = [str(error)]
    for text in texts:
        assert text.isprintable(), repr(text)
        assert len(text) < MOST_SIGNS, text
        assert any(name in text for name in names), text


@contextlib.contextmanager
def _in_bounds() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES, f"{peak:,} bytes were taken"


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # a system that cannot tell
        yield
        return

    def tell(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
