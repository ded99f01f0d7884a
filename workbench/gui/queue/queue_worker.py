"""The process that works the queue off, beside the window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from workbench.core.queue.workers import WorkerRecord

_CODE = "import sys; from workbench.cli import entry_point; sys.exit(entry_point())"
_PATIENCE_MS = 60_000


class QueueWorker(QObject):
    """Starts ``sweep`` without a configuration, and stops it with a checkpoint.

    That begins as many workers as are usual, or are asked for.

    Signals:
        started(): it is at work.
        ended(str): it is no longer; what it complained of, unless it was to stop.
    """

    started = Signal()
    ended = Signal(str)

    def __init__(self, data: Path, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data, self._runs = data, runs
        self._workers = 0
        self._process: QProcess | None = None
        self._is_to_stop = False

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None

    def has(self, worker: WorkerRecord) -> bool:
        """Whether a worker is this process, or one of those that it began."""
        pid = self._process.processId() if self._process is not None else 0
        return bool(pid) and worker.is_here and pid in (worker.pid, worker.parent)

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop, and is still there."""
        return self.is_running and self._is_to_stop

    def set_workers(self, number: int) -> None:
        """Say how many are to train from the next start; 0 is what is usual."""
        self._workers = number

    def start(self) -> None:
        """Start the process, unless it is there."""
        if self._process is not None:
            return
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        root = str(Path(__file__).parents[3])
        others = environment.value("PYTHONPATH")
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (root, others))))
        process.setProcessEnvironment(environment)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.started.connect(self.started)
        process.finished.connect(self._on_process_finished)
        process.errorOccurred.connect(self._on_process_error)
        self._process, self._is_to_stop = process, False
        folders = ["--runs", str(self._runs), "--data", str(self._data)]
        how = ["sweep", "--json", "--stay"]
        how += ["--workers", str(self._workers)] if self._workers else []
        process.start(sys.executable, ["-c", _CODE, *how, *folders])

    def stop(self) -> None:
        """Ask it to stop after the present meta-step, with a checkpoint.

        It is asked once: a second time it would stop without.
        """
        if self._process is None or self._is_to_stop:
            return
        # What is sent before it has become the new program reaches nobody.
        if not self._process.waitForStarted():
            return
        self._is_to_stop = True
        if sys.platform == "win32":
            self._process.kill()
        else:
            # Not SIGINT, which a program that was started in the background ignores.
            self._process.terminate()

    def shut_down(self) -> None:
        """Stop it and wait; what it trained goes on from its checkpoint."""
        process, self._process = self._process, None
        if process is None:
            return
        process.finished.disconnect(self._on_process_finished)
        self._process = process
        self.stop()
        self._process = None
        if not process.waitForFinished(_PATIENCE_MS):
            process.kill()
            process.waitForFinished()

    def _on_process_finished(self, code: int, _status: object) -> None:
        process, self._process = self._process, None
        complaint = ""
        if process is not None:
            said = bytes(process.readAllStandardError().data()).decode(errors="replace")
            # Asked to stop before it is up, Python complains of the interruption.
            complaint = said.strip() if code and not self._is_to_stop else ""
            process.deleteLater()
        self.ended.emit(complaint)

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._process = None
            self.ended.emit("The process that trains the queue cannot be started.")
