"""The runs at hand: what is known of each, and what reads those of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.core.runs.events import Event
from workbench.core.runs.names import told_apart
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.training.follow_thread import FollowThread

if TYPE_CHECKING:
    from workbench.core.runs.store import RunFolder, RunInfo


class Histories(QObject):
    """Keeps the history of each run that is shown or trained, by its folder's path.

    Signals:
        updated(): events arrived of a run that is followed, or it is over now.
        info_changed(Path, RunInfo): the folder of a run that is followed says this now.
    """

    updated = Signal()
    info_changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: dict[Path, ShownRun] = {}
        self._names: dict[Path, str] = {}
        self._followers: dict[Path, FollowThread] = {}

    def __getitem__(self, path: Path) -> RunHistory:
        return self._runs[path].history

    def shown(self, paths: Iterable[Path | None]) -> tuple[ShownRun, ...]:
        """Return those of these runs that are at hand, each once."""
        return tuple(
            self._runs[path]
            for path in dict.fromkeys(paths)
            if path is not None and path in self._runs
        )

    def begin(self, folder: RunFolder) -> None:
        """Begin the history of a run, for who trains it; RunError if it is damaged."""
        path, name, config = folder.path, folder.info().name, folder.shown_config()
        self._stop_following(path)
        index = self._runs[path].index if path in self._runs else self._free_index()
        self._runs[path] = ShownRun(RunHistory(str(path), name, config), index)
        self._names[path] = name

    def follow(self, folder: RunFolder) -> None:
        """Read a run that is not at hand yet, whoever writes it; RunError as above."""
        if folder.path in self._runs:
            return
        self.begin(folder)
        thread = FollowThread(folder, self)
        self._followers[folder.path] = thread
        thread.events_ready.connect(self._on_follower_events_ready)
        thread.restarted.connect(self._on_follower_restarted)
        thread.info_changed.connect(self._on_follower_info_changed)
        thread.start()

    def rename(self, path: Path, name: str) -> bool:
        """Call a run by another name, if it is at hand; return whether it was so."""
        is_new = path in self._runs and self._names[path] != name
        if is_new:
            self._names[path] = name
            self._call_by_name()
        return is_new

    def keep_only(self, paths: Collection[Path | None]) -> None:
        """Let go of all other runs."""
        for path in [path for path in self._runs if path not in paths]:
            self._stop_following(path)
            del self._runs[path], self._names[path]
        self._call_by_name()

    def shut_down(self) -> None:
        """Follow no run any more, and wait."""
        for path in list(self._followers):
            self._stop_following(path)

    def _free_index(self) -> int:
        taken = {run.index for run in self._runs.values()}
        return next(at for at in range(len(taken) + 1) if at not in taken)

    def _stop_following(self, path: Path) -> None:
        thread = self._followers.pop(path, None)
        if thread is not None:
            thread.shut_down()
            thread.deleteLater()

    def _call_by_name(self) -> None:
        """Give every history its run's name, or a longer one if others have it too."""
        apart = told_apart((str(path), name) for path, name in self._names.items())
        for path, name in self._names.items():
            self[path].title = apart.get(str(path), name)

    def _on_follower_events_ready(self, path: Path, events: list[Event]) -> None:
        if path in self._followers:
            self._followers[path].outbox.taken()
            self[path].add(events)
            self.updated.emit()

    def _on_follower_restarted(self, path: Path) -> None:
        if path in self._followers:
            self[path].clear()

    def _on_follower_info_changed(self, path: Path, info: RunInfo) -> None:
        self.info_changed.emit(path, info)
        is_over = info.state != "created" and not info.is_alive
        if path in self._runs and self[path].is_over is not is_over:
            self[path].is_over = is_over
            self.updated.emit()
