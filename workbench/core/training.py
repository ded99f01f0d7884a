"""Trains a run: a generator of its events, which keeps the record in its folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from workbench.core.events import EndEvent, Event, Outcome
from workbench.core.files import held
from workbench.core.run_store import RunError, RunFolder
from workbench.core.trained import Trained
from workbench.core.training_session import (
    OutOfMemory,
    Session,
    StopAsked,
    TrainingError,
)

__all__ = ["OutOfMemory", "Training", "TrainingError", "train"]


def train(
    folder: RunFolder,
    *,
    data: Path,
    device: str = "auto",
    is_stopping: Callable[[], bool] = lambda: False,
) -> Training:
    """Train a run from its latest checkpoint, or from the start; yield its events.

    An event is in the folder before it is yielded. Closing the generator stops the run
    with a checkpoint, from which training goes on next time; so does ``is_stopping``,
    which is asked during evaluations as well. The last event of a run that reaches its
    end is an EndEvent; one that fails raises, and its folder says why.
    """
    return Training(folder, data, device, is_stopping)


class Training(Iterator[Event]):
    """The generator of a run's events, which can be looked into between two of them."""

    def __init__(
        self,
        folder: RunFolder,
        data: Path,
        device: str,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._session: Session | None = None
        self._events = self._run(folder, data, device, is_stopping)

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Stop the run with a checkpoint."""
        self._events.close()

    def snapshot(self) -> Trained | None:
        """Return a detached copy of the present meta-parameters; None at first."""
        return None if self._session is None else self._session.snapshot()

    def _run(
        self,
        folder: RunFolder,
        data: Path,
        device: str,
        is_stopping: Callable[[], bool],
    ) -> Generator[Event, None, None]:
        with held(folder.path / "lock") as is_ours:
            info = folder.info()
            if not is_ours or (info.is_alive and info.pid != os.getpid()):
                raise RunError(
                    f"{folder.path} is being trained already, by process {info.pid} "
                    f"on {info.host}"
                )
            _refuse_if_done(folder)
            try:
                self._session = Session(folder, data, device, is_stopping)
                yield from self._session.events()
            except StopAsked:
                yield EndEvent(folder.info().step, Outcome.STOPPED)
            except GeneratorExit:
                raise
            except KeyboardInterrupt:
                folder.update(state="interrupted", pid=None)
                raise
            except BaseException as error:
                _note_failure(folder, error)
                raise


def _refuse_if_done(folder: RunFolder) -> None:
    info = folder.info()
    if info.state == "completed" and info.step >= folder.config().training.iterations:
        raise RunError(
            f"{folder.path} has made all its {info.step} meta-steps; raise "
            "training.iterations to train it further"
        )


def _note_failure(folder: RunFolder, error: BaseException) -> None:
    """Say in the folder that the run failed, if the folder can still be written."""
    message = str(error) or type(error).__name__
    with contextlib.suppress(OSError, RunError):
        folder.update(state="failed", message=message, pid=None)
        folder.log(f"failed: {message}")
