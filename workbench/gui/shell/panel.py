"""What a panel of the window is: a module ``..._panel`` beside its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal

from PySide6.QtWidgets import QWidget

from workbench.core.base.registry import members, packages_of
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.session import Session


class Panel(QWidget):
    """A part of the window: a tab of the centre, or a dock at the bottom or the left.

    A panel is whole once it is made: it knows the session and follows it, and its
    actions are added to it with Qt's ``addAction``. The window makes every panel,
    registers the actions of all, and only then calls ``open`` on each: there, every
    action can be found in ``session.actions``, and there threads are begun. What only
    those need who look at the panel is made in ``fill``, so that the first paint need
    not wait for it.
    """

    title: ClassVar[str]
    order: ClassVar[int] = 100
    place: ClassVar[Literal["centre", "bottom", "left"]] = "centre"
    alone: ClassVar[bool] = False
    """Whether it begins without docks beside it, where the screen is small."""

    icon: ClassVar[str] = ""
    help: ClassVar[str] = ""
    """One sentence: what the panel is for; shown as its tab's tooltip."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.help)
        self.setWhatsThis(self.help)

    def findings_for(self, text: str) -> Iterable[Finding]:
        """Return what of this panel the words typed in the palette may mean."""
        return ()

    def status_widgets(self) -> Sequence[QWidget]:
        """Return what this panel shows in the status bar, left to right."""
        return ()

    def open(self) -> None:
        """Begin: the other panels are there; called once, before they are shown."""

    def fill(self) -> Iterator[None]:
        """Make what is not seen at first, a piece between two yields; called once.

        The window takes a piece whenever it is idle, and all of them at once when the
        panel is shown before that. A window that is closed may have taken none.
        """
        return iter(())

    def busy_with(self) -> str:
        """Return what quitting would interrupt, as a sentence; empty for nothing."""
        return ""

    def stop_work(self) -> None:
        """Ask what ``busy_with`` tells of to stop; it does so a moment later."""

    def shut_down(self) -> None:
        """Stop, save and wait: the window is closing."""


def panels() -> list[type[Panel]]:
    """Return the panel classes in the order of their tabs."""
    rooms = packages_of("workbench.gui")
    found = [panel for room in rooms for panel in members(room, Panel, "*_panel")]
    return sorted(found, key=lambda panel: (panel.order, panel.title))
