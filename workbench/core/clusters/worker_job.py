"""What runs on the cluster's node: a worker, and somebody who tells it what happens.

A job that is preempted or runs out of time is told so by a signal. Its worker is told
to end, writes its checkpoint, and the job is put into the cluster's queue again.

WORKAROUND: on the node nothing of this application is imported for it (the checkout
may be found from one folder only), so it uses nothing but the standard library and
submitit, and is pickled with its source.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

GPUS = "CUDA_VISIBLE_DEVICES"
"""The variable that says which GPUs a process sees."""

_PR_SET_PDEATHSIG = 1
_ASK_SECONDS = 30
_LOOK_SECONDS = 0.1


class WorkerJob:
    """A worker's command as a job: it is ended with a checkpoint, and run again."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.command = list(command)
        self.environment = dict(environment or {})
        self._worker: subprocess.Popen[bytes] | None = None
        self._is_told = False

    def __call__(self) -> int:
        """Run the worker to its end; RuntimeError if that is not a good one."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_told_to_end)
        with _held():
            self._worker = _begun(self.command, self.environment)
        _wait_for(self._worker)
        code = self._worker.wait()
        if code:
            how = f"ended with {code}" if code > 0 else f"was killed by signal {-code}"
            raise RuntimeError(f"the worker {how}; what it said is above")
        return code

    def checkpoint(self) -> Any:
        """Let the worker end with its checkpoint; return the same job, to be requeued.

        Nothing is requeued that was cancelled meanwhile.
        """
        self._stop()
        if _is_given_up():
            return None
        again = WorkerJob(self.command, self.environment)
        return import_module("submitit.helpers").DelayedSubmission(again)

    def _on_told_to_end(self, number: int, frame: FrameType | None) -> None:
        if self._is_told:  # Slurm says it more than once
            return
        self._stop()
        if number == signal.SIGTERM and _is_of_slurm() and not _is_given_up():
            # Preempted, with some time left. Unless the cluster is set up to send it,
            # the signal on which submitit requeues a job does not come.
            signal.raise_signal(_requeue_signal())
        sys.exit(128 + number)

    def _stop(self) -> None:
        """Tell the worker to end, once, and wait for that."""
        if self._worker is None:
            return
        if not self._is_told:
            self._is_told = True
            self._worker.send_signal(signal.SIGTERM)
        _wait_for(self._worker)


def _begun(
    command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a worker that hears no signals but those that are meant for it.

    It ends with its checkpoint also if this process is killed.
    """
    library, ignored = ctypes.CDLL(None), _requeue_signal()
    inherited = dict(os.environ)
    if not _is_of_slurm():  # then submitit hides all that nobody asked for
        inherited.pop(GPUS, None)

    def before() -> None:
        # Slurm may tell all processes of a job of its time limit; it would kill it.
        signal.signal(ignored, signal.SIG_IGN)
        if sys.platform.startswith("linux"):
            library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return subprocess.Popen(
        list(command),
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=before,
    )


def _wait_for(worker: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a worker, also where a signal came while that is done.

    ``Popen.wait`` holds a lock meanwhile that a signal's handler would wait for; and
    a signal that comes just before a call that waits is heard only after it.
    """
    look = os.WEXITED | os.WNOWAIT | os.WNOHANG
    with contextlib.suppress(ChildProcessError):
        while os.waitid(os.P_PID, worker.pid, look) is None:
            time.sleep(_LOOK_SECONDS)


@contextlib.contextmanager
def _held() -> Iterator[None]:
    """Let what signals say be said afterwards: a worker half begun would be lost."""
    came: list[int] = []
    numbers: tuple[int, ...] = (signal.SIGTERM, signal.SIGINT, _requeue_signal())
    before = {
        number: signal.signal(number, lambda each, frame: came.append(each))
        for number in numbers
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    for number in dict.fromkeys(came):
        signal.raise_signal(number)


def _requeue_signal() -> signal.Signals:
    name = import_module("submitit").JobEnvironment.USR_SIG
    return signal.Signals[f"SIG{name}"]


def _is_of_slurm() -> bool:
    return os.environ.get("SUBMITIT_EXECUTOR") == "slurm"


def _is_given_up() -> bool:
    """Return whether Slurm ends this job whatever it does, or requeues it itself."""
    if not _is_of_slurm():
        return False
    job = os.environ["SLURM_JOB_ID"]
    if array := os.environ.get("SLURM_ARRAY_JOB_ID"):  # one of its jobs has its number
        job = f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    ask = ["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={job}"]
    try:
        answer = subprocess.run(
            ask, capture_output=True, text=True, check=False, timeout=_ASK_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() in ("CANCELLED", "COMPLETING")
