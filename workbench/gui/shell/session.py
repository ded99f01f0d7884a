"""The current configuration with undo and redo, and the run that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from workbench.core.base import figures
from workbench.core.base.files import write_atomically
from workbench.core.config.holdings import data_mistakes
from workbench.core.config.known import Known, comes_with, offered
from workbench.core.config.presets import is_preset, take_preset
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig, read_toml
from workbench.core.config.sections import titled_text
from workbench.core.runs.store import RunFolder
from workbench.gui.look import preferences
from workbench.gui.shell import drafts
from workbench.gui.shell.actions import ActionRegistry
from workbench.gui.shell.beside import Beside
from workbench.gui.shell.edits import MOST_UNDONE, Edit, Edited, Values


class Notice(NamedTuple):
    """News for a toast: what happened, and perhaps one thing to do about it."""

    text: str
    kind: str = "info"
    """``info``, ``good``, ``warning`` or ``error``."""
    action: str = ""
    """The id of the action its button performs."""


class Ending(NamedTuple):
    """That something which took long has ended: what it was, and how it went."""

    title: str
    text: str
    is_well: bool = True


class Progress(NamedTuple):
    """How far the run is that is being trained here, or watched: no figure is newer."""

    folder: Path
    name: str
    config: RunConfig
    step: int
    seconds_left: float | None = None
    seconds: float | None = None
    """What it takes in all, as far as it knows."""

    @property
    def percent(self) -> int:
        """The share of its meta-steps that are made."""
        return figures.percent_done(self.step, self.config.training.iterations)


class Session(QObject):
    """What all panels share: the configuration being edited and the run being shown.

    ``beside`` says what else is trained: by other processes, and by the queue.
    ``is_picked`` says that a person chose the run: what is trained next leaves it.

    Signals:
        config_changed(RunConfig | None): the draft's configuration; None while wrong.
        draft_changed(): ``draft``, ``mistakes``, ``preset``, ``file`` changed.
        data_changed(): a data set came, or is another now.
        run_changed(RunFolder | None): another run is shown.
        overlaid_changed(tuple): other runs are shown beside the run.
        shown_changed(dict): the folders in the plots, with the number of each colour.
        evaluated(object): a run was evaluated; its folder holds a new result.
        runs_changed(frozenset): runs whose folders, named here, came, went or changed,
            whoever did it; those being trained change all the time and are left out.
        rows_changed(): ``rows``, what is read of every run, is another; also of those
            being trained.
        renamed(Path, str): a run's folder, and what the run is called now.
        run_state_changed(str): ``run_state`` changed; empty while nothing trains here.
        progress_changed(): ``progress`` is another; None while nothing trains.
        queued(str): runs, called so, were put into the queue, and are to be trained.
        notified(Notice): news for a toast.
        ended(Ending): what took long has ended; told to a person who looks elsewhere.
        failed(str, str): an error to show: one sentence, and the details.
        unforeseen(str, str): the same of what nobody foresaw, and may be reported.
        panel_requested(str): bring the panel with this title to the front.
        field_requested(str): bring this dotted field of the form into view.
        import_requested(Path): a path that may be a data set was opened or dropped.
        sketch_requested(Path): a path that may be a sketch session, likewise.
    """

    config_changed = Signal(object)
    draft_changed = Signal()
    data_changed = Signal()
    run_changed = Signal(object)
    overlaid_changed = Signal(object)
    shown_changed = Signal(object)
    evaluated = Signal(object)
    runs_changed = Signal(object)
    rows_changed = Signal()
    renamed = Signal(object, str)
    run_state_changed = Signal(str)
    progress_changed = Signal()
    queued = Signal(str)
    notified = Signal(object)
    ended = Signal(object)
    failed = Signal(str, str)
    unforeseen = Signal(str, str)
    panel_requested = Signal(str)
    field_requested = Signal(str)
    import_requested = Signal(object)
    sketch_requested = Signal(object)

    def __init__(self, data: Path, runs: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data = data
        self.runs = runs
        self.actions = ActionRegistry()
        self.beside = Beside(self)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self.draft: Values = drafts.default_draft()
        self.preset = ""
        self.file: Path | None = None
        self.title = ""
        self.config: RunConfig | None = None
        self.mistakes: tuple[Mistake, ...] = ()
        self.run: RunFolder | None = None
        self.is_picked = False
        self.overlaid: tuple[RunFolder, ...] = ()
        self.rows: Mapping[str, Any] = {}
        self.run_state = ""
        self.progress: Progress | None = None
        self.doubt = ""
        self._typing = ""
        self._check()

    # The configuration.

    def set_field(self, dotted: str, value: Any, *, typing: bool = False) -> None:
        """Set one field of the draft; edits made while ``typing`` are undone as one."""
        if drafts.get(self.draft, dotted) == value:
            return
        joins = typing and self._typing == dotted
        changed = drafts.with_field(self.draft, dotted, value)
        self._change(f"change {dotted}", changed, joins=joins)
        self._typing = dotted if typing else ""

    def end_typing(self) -> None:
        """Let the next edit be undone on its own."""
        self._typing = ""

    def set_kind(self, section: str, kind: str) -> Known | None:
        """Choose another task, model or algorithm; what was set and fits is kept.

        A learner comes with the settings known to work for it, which are returned,
        unless those of the one before were edited.
        """
        if self.draft[section].get("kind") == kind:
            return None
        chosen = drafts.with_kind(self.draft, section, kind)
        if section == "algorithm":
            known = comes_with(self.draft, self.preset, chosen)
            if known is not None:
                return self._take_over(known, chosen)
        self._change(f"choose {kind}", chosen)
        return None

    def use_known(self) -> Known | None:
        """Set the learner as is known to work, undone as one; return what that is."""
        known = offered(self.draft, self.preset)
        return None if known is None else self._take_over(known, self.draft)

    def reset_field(self, dotted: str) -> None:
        """Set one field back to its default."""
        self.set_field(dotted, drafts.default_of(self.draft, dotted))

    def load_config(self, config: RunConfig, preset: str = "") -> None:
        """Edit another configuration from now on; undo brings the old one back."""
        self.load_draft(drafts.from_config(config), preset)

    def load_draft(self, values: Mapping[str, Any], preset: str = "") -> None:
        """Edit nested values, right or wrong, filled up with defaults."""
        self._change(f"load {preset or 'configuration'}", drafts.filled(values), preset)
        self.file, self.title = None, ""
        self.draft_changed.emit()

    def restore_last(self) -> bool:
        """Edit what was edited when the window was closed; return whether there was."""
        stored = preferences.draft()
        if stored is None:
            return False
        try:
            self.load_draft(*stored)
        except ConfigError:  # what keeps preferences was changed by hand
            return False
        self.undo_stack.clear()
        return True

    def undo(self) -> None:
        """Take back the last edit."""
        self.undo_stack.undo()

    def redo(self) -> None:
        """Make the edit taken back last again."""
        self.undo_stack.redo()

    def apply_overrides(self, overrides: Mapping[str, Any]) -> None:
        """Change several fields at once, undone as one."""
        self._change("change fields", drafts.with_fields(self.draft, overrides))

    def leave_out(self, names: Iterable[str]) -> None:
        """Do without fields that nothing knows, undone as one."""
        changed = self.draft
        for dotted in names:
            changed = drafts.without(changed, dotted)
        self._change("leave fields out", changed)

    def recheck(self) -> None:
        """Check the draft anew: the data sets have changed."""
        self._check()
        self.data_changed.emit()

    # Files.

    def load_file(self, path: Path) -> None:
        """Edit the configuration in a TOML file; ConfigError if it has none."""
        values = read_toml(path)
        name, title = take_preset(values)
        self.load_draft(values, name)
        self._is_now(path, title or path.name)

    def save(self, path: Path) -> bool:
        """Write the configuration as TOML; return whether that went well."""
        if self.config is None:
            self.failed.emit("The configuration is not complete.", self.why_not())
            return False
        try:
            write_atomically(path.resolve(), self.config.to_toml().encode())
        except OSError as error:
            self.failed.emit(f"Cannot write {path.name}: {error.strerror}.", str(error))
            return False
        self._is_now(path, path.name)
        self.notify(f"Saved {path.name}", "good")
        return True

    def _is_now(self, path: Path, title: str) -> None:
        """Say that a file holds the configuration as it is edited."""
        self.file, self.title = path, title
        self.undo_stack.setClean()
        preferences.remember_recent(path)
        self.draft_changed.emit()

    # The run.

    def set_run(self, run: RunFolder | None, *, is_picked: bool = True) -> None:
        """Show another run, or none; ``is_picked`` where a person chose that run."""
        self.run, self.is_picked = run, is_picked
        self.run_changed.emit(run)

    def set_overlaid(self, runs: Iterable[Any]) -> None:
        """Show these runs (``RunFolder``s) beside the run, in the plots."""
        self.overlaid = tuple(runs)
        self.overlaid_changed.emit(self.overlaid)

    def set_rows(self, rows: Mapping[str, Any]) -> None:
        """Say what is read of every run (``RunRow``s), by the name of its folder."""
        self.rows = rows
        self.rows_changed.emit()

    def set_shown(self, shown: Mapping[Path, int]) -> None:
        """Say which folders the plots show, each with the number of its colour."""
        self.shown_changed.emit(dict(shown))

    def set_run_state(self, state: str) -> None:
        """Say what the run that trains here does, like ``running``; empty for none."""
        if state != self.run_state:
            self.run_state = state
            self.run_state_changed.emit(state)

    def set_progress(self, progress: Progress | None) -> None:
        """Say how far the run is that is being trained; None for none."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit()

    def set_doubt(self, doubt: str) -> None:
        """Say why the configuration may not train, if so: Start asks before it does."""
        self.doubt = doubt

    # News.

    def notify(self, text: str, kind: str = "info", action: str = "") -> None:
        """Show a toast; ``action`` is the id of what its button performs."""
        self.notified.emit(Notice(text, kind, action))

    def tell_end(self, title: str, text: str, *, is_well: bool = True) -> None:
        """Tell a person who looks elsewhere that what took long has ended."""
        self.ended.emit(Ending(title, text, is_well))

    def fail(self, summary: str, details: str = "") -> None:
        """Show an error: one clear sentence, and details that are folded away."""
        self.failed.emit(summary, details)

    def show_panel(self, title: str) -> None:
        """Bring the panel with this title to the front."""
        self.panel_requested.emit(title)

    def show_field(self, dotted: str) -> None:
        """Bring a field of the form into view, wherever it is."""
        self.show_panel("Experiment")
        self.field_requested.emit(dotted)

    def why_not(self) -> str:
        """Return why the draft cannot be run, one mistake a line; empty if it can."""
        return "\n".join(map(titled_text, self.mistakes))

    def _change(
        self,
        text: str,
        draft: Values,
        preset: str | None = None,
        *,
        joins: bool = False,
    ) -> None:
        before = Edited(self.draft, self.preset)
        after = Edited(draft, self.preset if preset is None else preset)
        self._typing = ""
        if after != before:
            edit = Edit(text, before, after, self._restore, joins=joins)
            self.undo_stack.push(edit)

    def _restore(self, edited: Edited) -> None:
        self.draft, self.preset = edited
        self._check()

    def _take_over(self, known: Known, draft: Values) -> Known:
        """Edit a draft with what a preset knows to work; it is of that preset then."""
        changed = drafts.with_fields(draft, known.changes)
        preset = known.preset.name if is_preset(self.preset) else self.preset
        self._change(f"learn as {known.preset.name}", changed, preset)
        return known

    def _check(self) -> None:
        config: RunConfig | None = None
        try:
            checked = RunConfig.from_dict(self.draft)
            self.mistakes = data_mistakes(checked, self.data)
            config = None if self.mistakes else checked
        except ConfigError as error:
            self.mistakes = error.mistakes
        self.draft_changed.emit()
        if config is None or config != self.config:
            self.config = config
            self.config_changed.emit(config)
