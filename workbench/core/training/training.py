"""Trains a run: a generator of its events, which keeps the record in its folder."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from workbench.core.base.devices import give_memory_back
from workbench.core.base.file_lock import LockTaken, file_lock
from workbench.core.runs.events import EndEvent, Event, Outcome
from workbench.core.runs.store import RunError, RunFolder, State
from workbench.core.training.trained import Trained
from workbench.core.training.training_error import OutOfMemory, StopAsked, TrainingError
from workbench.core.training.training_session import Session

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

    def note(self, state: State) -> None:
        """Say in the folder how the run stands, as ``paused`` between two events.

        A disk that is full does not hinder a pause: it is training's to tell.
        """
        if self._session is not None:
            with contextlib.suppress(RunError):
                self._session.note(state)

    def _run(
        self,
        folder: RunFolder,
        data: Path,
        device: str,
        is_stopping: Callable[[], bool],
    ) -> Generator[Event, None, None]:
        with _in_hand(folder):
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
                _let_go(error)
                raise
            finally:
                self._session = None
                give_memory_back()


@contextlib.contextmanager
def _in_hand(folder: RunFolder) -> Iterator[None]:
    """Hold the run, which one process at a time can; RunError if another does."""
    with contextlib.ExitStack() as stack:
        is_taken = False
        try:
            stack.enter_context(file_lock(folder.path / "lock", wait=False))
        except LockTaken:
            is_taken = True
        info = folder.info()
        if is_taken or (info.is_alive and info.pid != os.getpid()):
            who = f", by process {info.pid} on {info.host}" if info.is_alive else ""
            raise RunError(f"{folder.path} is being trained already{who}")
        yield


def _refuse_if_done(folder: RunFolder) -> None:
    info = folder.info()
    if info.state == "completed" and info.step >= folder.config().training.iterations:
        raise RunError(
            f"{folder.path} has made all its {info.step} meta-steps; raise "
            "training.iterations to train it further"
        )


def _let_go(error: BaseException | None) -> None:
    """Let an error and its causes keep where they arose, but not what was there."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _note_failure(folder: RunFolder, error: BaseException) -> None:
    """Say in the folder that the run failed, if the folder can still be written."""
    message = str(error) or type(error).__name__
    with contextlib.suppress(OSError, RunError):
        folder.update(state="failed", message=message, pid=None)
        folder.log(f"failed: {message}")
