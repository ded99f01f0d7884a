"""``python -m workbench.core.spreading PORT NUMBER COUNT``: follows a run here."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Follow the process that listens at the port, until it ends."""
    from workbench.core.spreading.place import Place, SpreadError
    from workbench.core.spreading.starting import follow_at
    from workbench.core.spreading.stores import local_store

    port, number, count = map(int, sys.argv[1:])
    store = local_store(port)
    try:
        follow_at(store, Place(number, count, number, count, is_local=True))
    except SpreadError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    # What ends the one that leads ends this one too, when it has nothing to ask.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(main())
