"""What the palette finds: a command, or whatever else a panel has names for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtGui import QIcon

from workbench.gui.look import theme


class Finding(NamedTuple):
    """Something to go to or to do: ``kind`` stands before its name."""

    kind: str
    name: str
    tip: str
    icon: str
    perform: Callable[[], object]
    keys: str = ""
    is_enabled: bool = True
    words: str = ""
    """What it is also found by, though less well: it is not shown."""

    def text(self) -> str:
        """Return the line that the palette shows."""
        kind = f"{self.kind}: " if self.kind else ""
        return f"{kind}{self.name}{f'    {self.keys}' if self.keys else ''}"

    def rank(self, text: str) -> int | None:
        """Return how well it fits the words typed; None if it does not."""
        words, name = text.lower().split(), self.name.lower()
        shown = f"{self.kind} {name} {self.tip}".lower()
        if not all(word in f"{shown} {self.words.lower()}" for word in words):
            return None
        if name.startswith(text.lower()):
            return 0
        if all(word in name for word in words):
            return 1
        return 2 if all(word in shown for word in words) else 3

    def picture(self) -> QIcon:
        """Return its icon; one that only keeps names in line, if it has none."""
        return theme.row_icon(self.icon) if self.icon else QIcon()
