"""What the palette finds: commands, settings of the form, presets and runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from PySide6.QtGui import QIcon

from workbench.core.config.presets import list_presets
from workbench.core.config.sections import SECTION_TITLES
from workbench.core.runs.index import RunIndex
from workbench.core.runs.store import RunFolder
from workbench.gui.look import theme
from workbench.gui.shell import drafts
from workbench.gui.shell.actions import Action
from workbench.gui.shell.session import Session

_MOST_RUNS = 20


class Finding(NamedTuple):
    """Something to go to or to do: ``kind`` stands before its name."""

    kind: str
    name: str
    tip: str
    icon: str
    perform: Callable[[], object]
    keys: str = ""
    is_enabled: bool = True

    def text(self) -> str:
        """Return the line that the palette shows."""
        kind = f"{self.kind}: " if self.kind else ""
        return f"{kind}{self.name}{f'    {self.keys}' if self.keys else ''}"

    def rank(self, text: str) -> int | None:
        """Return how well it fits the words typed; None if it does not."""
        words, name = text.lower().split(), self.name.lower()
        everything = f"{self.kind} {name} {self.tip}".lower()
        if not all(word in everything for word in words):
            return None
        if name.startswith(text.lower()):
            return 0
        return 1 if all(word in name for word in words) else 2

    def picture(self) -> QIcon:
        """Return its icon; one that only keeps names in line, if it has none."""
        return theme.icon(self.icon) if self.icon else QIcon()


def findings(session: Session) -> list[Finding]:
    """Return all there is to be found, but for runs, of which there may be many."""
    return [*_commands(session), *_settings(session), *_presets(session)]


class RunFinder:
    """Finds runs by words in their names; use it from one thread, and close it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._index = RunIndex(session.runs)

    def find(self, text: str) -> list[Finding]:
        """Return the newest runs with all these words in their names."""
        try:
            found = self._index.named(text.split(), _MOST_RUNS) if text.strip() else []
        except sqlite3.DatabaseError:
            return []
        return [
            Finding("Run", name, folder, "mdi6.chart-line", partial(self._show, folder))
            for folder, name in found
        ]

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def _show(self, folder: str) -> None:
        self._session.set_run(RunFolder(self._session.runs / folder))
        self._session.show_panel("Training")


def _commands(session: Session) -> Iterator[Finding]:
    for action in session.actions:
        if action.menu() is None:
            yield Finding(
                action.place.menu,
                action.plain_text,
                action.tip,
                action.icon_name,
                partial(_trigger, action),
                action.keys,
                action.isEnabled(),
            )


def _trigger(action: Action) -> None:
    if action.isEnabled():
        action.trigger()


def _settings(session: Session) -> Iterator[Finding]:
    for section in drafts.SECTIONS:
        title = SECTION_TITLES[section]
        show = partial(session.show_field, f"{section}.kind")
        if "kind" in session.draft[section]:
            yield Finding("Setting", title, f"Choose the {title.lower()}", _PEN, show)
        fields = drafts.settings_of(session.draft, section).model_fields
        for name, field in fields.items():
            if name != "kind":
                yield Finding(
                    f"Setting, {title}",
                    field.title or name,
                    field.description or "",
                    _PEN,
                    partial(session.show_field, f"{section}.{name}"),
                )


def _presets(session: Session) -> Iterator[Finding]:
    for preset in list_presets():
        load = partial(session.load_draft, preset.config, preset.name)
        about = f"{preset.description} {preset.paper}".strip()
        yield Finding("Preset", preset.title, about, "mdi6.bookmark-outline", load)


_PEN = "mdi6.tune-variant"
