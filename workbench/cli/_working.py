"""Works the queue off, and shows each run on the terminal while it is trained."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from workbench.cli._display import JsonLines, LiveBar
from workbench.cli._wording import told
from workbench.cli.train import interrupts
from workbench.core.base.folders import data_folder

if TYPE_CHECKING:
    from workbench.core.planning.queue import Queued, RunQueue


def work_off(
    queue: RunQueue,
    arguments: argparse.Namespace,
    *,
    stays: bool = False,
    only: Collection[str] | None = None,
) -> list[Queued]:
    """Train what is queued; return what failed. Ctrl-C keeps what is left."""
    failed_before = {item.id for item in queue.read().failed}
    display: JsonLines | LiveBar | None = None
    with interrupts() as interrupted:
        progress = queue.work_off(
            data_folder(arguments.data),
            arguments.device,
            lambda: bool(interrupted),
            stays=stays,
            only=only,
        )
        try:
            for _, folder, event in progress:
                if event is None:
                    _end(display)
                    display = JsonLines(folder) if arguments.json else LiveBar(folder)
                    display.__enter__()
                elif display is not None:
                    display.show(event)
                if interrupted:
                    progress.close()
                    break
        finally:
            _end(display)
    state = queue.read()
    if state.notice:
        sys.stderr.write(f"warning: {state.notice}\n")
    failed = [item for item in state.failed if item.id not in failed_before]
    for item in failed:
        sys.stderr.write(f"failed: {item.name}: {told(item.problem)}\n")
    return failed


def _end(display: JsonLines | LiveBar | None) -> None:
    if display is not None:
        display.__exit__(None, None, None)
        display.end()
