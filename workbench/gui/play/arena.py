"""What runs on one kind of tasks are watched in, and their goal is chosen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from workbench.core.acting.settings import ActingSettings
    from workbench.core.episodes.actor import Goal
    from workbench.gui.play.film import Reel
    from workbench.gui.play.play_bar import PlayBar
    from workbench.gui.play.walking import Walked


class Arena(QWidget):
    """Shows the runs that play, side by side; what they do is worked out elsewhere.

    Signals:
        goal_moved(): the person has another goal, perhaps not for long.
        released(): what moves the goal was let go.
        play_asked(): the space bar was pressed.
        update_shown(int): what is done after so many updates is shown.
    """

    goal_moved = Signal()
    released = Signal()
    play_asked = Signal()
    update_shown = Signal(int)

    bar: PlayBar
    plays_at_once: ClassVar[bool] = False
    """Whether there is little to see of other runs until they move."""

    @property
    @abstractmethod
    def goal(self) -> Goal:
        """The goal that the person chose."""

    @property
    def start(self) -> tuple[float, float]:
        """Where tasks start whose start is part of them."""
        return (0.0, 0.0)

    @abstractmethod
    def show_runs(self, titles: Sequence[str], task: ActingSettings | None) -> None:
        """Have room for each run, under its title."""

    @abstractmethod
    def forget(self) -> None:
        """Forget what was done before, as other runs will act."""

    @abstractmethod
    def show_walked(self, walked: Walked) -> None:
        """Show how an errand goes."""

    @abstractmethod
    def set_updates(self, updates: int) -> None:
        """Show so many updates."""

    @abstractmethod
    def go_to(self, update: int) -> None:
        """Show what is done after so many updates."""

    @abstractmethod
    def begin_to_drag(self, updates: int) -> None:
        """Show the end of the adaptation while the goal moves."""

    @abstractmethod
    def take_another_goal(self, chance: Random) -> None:
        """Choose another goal by chance."""

    @abstractmethod
    def reel(self) -> Reel | None:
        """Return a film of what is shown; None where there is nothing yet."""
