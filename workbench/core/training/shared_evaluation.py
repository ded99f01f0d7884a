"""The processes that share out a run's training, for an evaluation of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.core.config.run_config import RunConfig
from workbench.core.runs.store import RunFolder

if TYPE_CHECKING:
    from workbench.core.spreading.leading import SpreadEngine


@contextmanager
def as_trained(
    folder: RunFolder, config: RunConfig, device: str, tell: Callable[[str], object]
) -> Iterator[SpreadEngine | None]:
    """Yield the engine of as many processes as train the run; None where one computes.

    ``config`` is what is computed of it, which may be on other tasks. What becomes of
    a process meanwhile is told.
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
            tell(said)
