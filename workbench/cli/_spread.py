"""What a command does where several processes share out what it computes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig
    from workbench.core.runs.store import RunFolder
    from workbench.core.spreading.leading import SpreadEngine


def is_told_what_to_do() -> bool:
    """Follow another process, where torchrun started this one to; return whether so."""
    from workbench.core.spreading.launched import launched

    place = launched()
    if place is None or place.number == 0:
        return False
    from workbench.core.spreading.starting import follow_launched

    follow_launched(place)
    return True


@contextmanager
def as_trained(
    folder: RunFolder, config: RunConfig, device: str
) -> Iterator[SpreadEngine | None]:
    """Yield the engine of as many processes as train the run; None where one computes.

    ``config`` is what is computed of it, which may be on other tasks.
    """
    from workbench.core.spreading.launched import launched
    from workbench.core.spreading.sharing import is_shared_out
    from workbench.core.spreading.starting import spread_over

    # They meet in the folder.
    if launched() is None and not os.access(folder.path, os.W_OK):
        yield None
        return
    with spread_over(folder, device, lambda: False) as gathered:
        engine = gathered()
        if engine is None or not is_shared_out(config, device):
            yield None
            return
        yield engine
        for said in engine.take_news():
            sys.stderr.write(f"warning: {said}\n")
