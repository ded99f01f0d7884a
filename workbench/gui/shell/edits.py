"""What an edit of the configuration is, so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtGui import QUndoCommand
from typing_extensions import override

Values = dict[str, Any]

MOST_UNDONE = 200
"""How many edits can be undone: those before them take memory, and nobody goes back."""


class Edited(NamedTuple):
    """The values of a draft, right or wrong, and the preset that it began as."""

    draft: Values
    preset: str


class Edit(QUndoCommand):
    """Goes from one draft to another by ``restore``.

    One that ``joins`` is undone together with the edit before it.
    """

    def __init__(
        self,
        text: str,
        before: Edited,
        after: Edited,
        restore: Callable[[Edited], None],
        *,
        joins: bool,
    ) -> None:
        super().__init__(text)
        self._restore = restore
        self._before = before
        self.after = after
        self.joins = joins

    @override
    def redo(self) -> None:
        self._restore(self.after)

    @override
    def undo(self) -> None:
        self._restore(self._before)

    @override
    def id(self) -> int:
        return 1

    @override
    def mergeWith(self, other: QUndoCommand) -> bool:
        if not (isinstance(other, Edit) and other.joins):
            return False
        self.after = other.after
        return True
