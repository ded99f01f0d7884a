"""Sends trained runs to a goal, in a thread: what is asked last is done next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.shell.background import Background

if TYPE_CHECKING:
    from workbench.core.episodes.actor import Errand
    from workbench.core.episodes.walkers import Journey, Walkers


@dataclass(frozen=True)
class Walked:
    """How every run fared on an errand, or as far as it went."""

    errand: Errand
    journeys: tuple[Journey, ...]
    is_whole: bool = True


class Walking(QObject):
    """Lets runs find goals, off the window's thread.

    While a goal is dragged errands come faster than they are done. Each that was begun
    is shown, so that the walks follow the goal; of those that wait only the newest is
    done. One that takes long is left for the next as soon as something is shown of it.

    Signals:
        walked(Walked): how an errand went.
        went(Walked): how it goes, as far as it went.
    """

    walked = Signal(object)
    went = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._walkers: list[Walkers] = []
        self._next: Errand | None = None
        self.is_busy = False

    def send(self, errand: Errand) -> None:
        """Send the runs to a goal as soon as they are back from the last."""
        if self.is_busy:
            self._next = errand
        else:
            self._submit(errand)

    def shut_down(self) -> None:
        """Let the errand under way end, and wait."""
        self._next = None
        self._background.shut_down()

    def _submit(self, errand: Errand) -> None:
        kept = self._walkers
        self.is_busy = True

        def walk() -> Walked:
            # Made in the thread that uses it, since it imports torch.
            if not kept:
                from workbench.core.base.threads import use_one_thread
                from workbench.core.episodes.walkers import Walkers

                # So little is computed that a second core would only be waited for.
                use_one_thread()
                kept.append(Walkers())
            return self._walked(kept[0], errand)

        self._background.submit("walk", walk)

    def _walked(self, walkers: Walkers, errand: Errand) -> Walked:
        """Return how an errand went, in the thread; tell of it as it goes."""
        from workbench.core.episodes.walkers import are_whole

        walked = Walked(errand, (), is_whole=False)
        for journeys in walkers.going(errand):
            walked = Walked(errand, journeys, are_whole(errand, journeys))
            if not walked.is_whole:
                self.went.emit(walked)
                if self._next is not None or self._background.is_over.is_set():
                    break
        return walked

    def _on_background_done(self, _key: str, walked: Walked) -> None:
        self.is_busy = False
        following, self._next = self._next, None
        if following is not None:
            self._submit(following)
        if walked.is_whole:
            self.walked.emit(walked)
