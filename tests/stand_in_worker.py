"""A command that behaves as a worker does, and says what it does as it does it.

    python stand_in_worker.py FOLDER [CODE]

It says so in FOLDER/journal and into the pipe FOLDER/told. It goes on until it is told
to end, by SIGTERM; if it was before, it ends by itself. With a CODE it ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


def say(what: str) -> None:
    """Note it, and tell whoever listens."""
    line = f"{what} {os.environ.get('NOTE', '-')} {os.getpid()} {os.getppid()}\n"
    for file in (FOLDER / "journal", FOLDER / "told"):
        with file.open("a") as opened:
            opened.write(line)
    sys.stdout.write(line)
    sys.stdout.flush()


def main() -> int:
    """Work until told to end, the first time."""
    waited = {signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited)
    was_told = "told to end" in (FOLDER / "journal").read_text()
    say("begun")
    if len(sys.argv) > 2:
        return int(sys.argv[2])
    if not was_told:
        signal.sigwait(waited)
        say("told to end")
        if signal.SIGTERM in signal.sigpending():
            say("told twice")
    say("ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
