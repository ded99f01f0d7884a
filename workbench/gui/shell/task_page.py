"""A page about the task at hand: one of several looks into the same inner loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from workbench.core.insight.at_hand import AtHand


class Hand(NamedTuple):
    """The task at hand for one learner: what it is called, and its colour's number."""

    name: str
    colour: int
    at_hand: AtHand


class TaskPage(QWidget):
    """Shows the same task, adapted to by one or more learners.

    What takes long is computed in the background, and only while the page is seen.
    """

    title: ClassVar[str]
    help: ClassVar[str] = ""

    def show_task(self, hands: Sequence[Hand]) -> None:
        """Show a task; none while there is nothing to show."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Stop computing, and wait: the window is closing."""
