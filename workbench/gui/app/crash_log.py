"""What is left of a session that died: faulthandler's log, shown at the next start."""

from __future__ import annotations

import faulthandler
from pathlib import Path
from typing import TextIO


class CrashLog:
    """Has Python write where every thread was, should the process crash."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "crash.log"
        self._file: TextIO | None = None

    def take_last(self) -> str:
        """Return what the last session left, and forget it; empty if it ended well."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
            self._path.unlink()
        except OSError:
            return ""
        return text.strip()

    def start(self) -> None:
        """Write to the log from now on, if the process crashes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._file, all_threads=True)

    def stop(self) -> None:
        """End without a crash: nothing is left to show."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)
