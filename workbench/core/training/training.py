"""Trains a run: a generator of its events, which keeps the record in its folder."""

from __future__ import annotations

import atexit
import contextlib
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from workbench.core.base.devices import give_memory_back
from workbench.core.engine.memory import give_kept_memory_back
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import EndEvent, Event, Outcome
from workbench.core.runs.store import RunFolder, State
from workbench.core.spreading.starting import spread_over
from workbench.core.training.outer_loop import OuterLoop
from workbench.core.training.record import in_hand, note_failure, refuse_if_done
from workbench.core.training.stretch import Stretch
from workbench.core.training.trained import Trained
from workbench.core.training.training_error import (
    OutOfMemory,
    StopAsked,
    TakenOver,
    TrainingError,
)

__all__ = ["OutOfMemory", "TakenOver", "Training", "TrainingError", "train"]


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
        self._stretch: Stretch | None = None
        self._turns = self._run(folder, data, device, is_stopping)
        self._written = deque[Event]()
        # Left in the middle, as by an error of whoever reads the events, it stops with
        # a checkpoint while Python still can.
        self._at_exit = partial(_close, weakref.ref(self))
        atexit.register(self._at_exit)

    def __next__(self) -> Event:
        while not self._written:
            self._written.extend(next(self._turns))
        return self._written.popleft()

    def turn(self) -> list[Event] | None:
        """Train on for a while; return what happened, and None at the end.

        Nothing happened where the others of a company may come as far.
        """
        return next(self._turns, None)

    def close(self) -> None:
        """Stop the run with a checkpoint."""
        self._written.clear()
        self._turns.close()

    @property
    def loop(self) -> OuterLoop | None:
        """What is trained; None before it is there, and after the end."""
        return None if self._stretch is None else self._stretch.loop

    @property
    def is_ready(self) -> bool:
        """Whether the next that it does is a meta-step."""
        return self._stretch is not None and self._stretch.is_ready

    @property
    def began_at(self) -> int | None:
        """The meta-step that it goes on from; None before the first event."""
        return None if self._stretch is None else self._stretch.began_at

    def snapshot(self) -> Trained | None:
        """Return a detached copy of the present meta-parameters; None at first."""
        return None if self._stretch is None else self._stretch.snapshot()

    def note(self, state: State) -> None:
        """Say in the folder how the run stands, as ``paused`` between two events.

        A disk that is full does not hinder a pause: it is training's to tell.
        """
        if self._stretch is not None:
            with contextlib.suppress(RunError):
                self._stretch.note(state)

    def _run(
        self,
        folder: RunFolder,
        data: Path,
        device: str,
        is_stopping: Callable[[], bool],
    ) -> Generator[list[Event], None, None]:
        with in_hand(folder):
            refuse_if_done(folder)
            try:
                with spread_over(folder, device, is_stopping) as gathered:
                    args = folder, data, device, is_stopping, gathered
                    self._stretch = Stretch(*args)
                    yield from self._stretch.turns()
            except StopAsked:
                yield [EndEvent(folder.info().step, Outcome.STOPPED)]
            except GeneratorExit:
                raise
            except KeyboardInterrupt:
                folder.update(state="interrupted", pid=None)
                raise
            except BaseException as error:
                if not isinstance(error, TakenOver):
                    note_failure(folder, error)
                _let_go(error)
                raise
            finally:
                atexit.unregister(self._at_exit)
                self._stretch = None
                give_memory_back()
                give_kept_memory_back()


def _close(training: weakref.ref[Training]) -> None:
    left = training()
    if left is not None:
        left.close()


def _let_go(error: BaseException | None) -> None:
    """Let an error and its causes keep where they arose, but not what was there."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
