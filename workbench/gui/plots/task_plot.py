"""What all plots of *This task, now* have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from typing_extensions import override

from workbench.gui.graphs.inner_steps import InnerSteps
from workbench.gui.graphs.plot import Plot, Quarter
from workbench.gui.plots.task_look import Look

if TYPE_CHECKING:
    from workbench.gui.graphs.series import RunHistory

    _Plot = Plot
else:
    _Plot = object

L = TypeVar("L", bound=Look)


class TaskPlot(Generic[L], _Plot):
    """One validation task at an inner step that is chosen; another one on demand.

    A part of a plot, named before the kind of plot that it is: it has no constructor.
    """

    title = "This task, now"
    over = "Nothing to draw: the run ended before its first checkpoint."
    place = Quarter.BOTTOM_RIGHT
    number = 0
    """Of the task that is asked for."""
    look: L | None = None
    steps: InnerSteps

    def show_task(self, look: L | None) -> None:
        """Show a task from now on; None for none."""
        before, self.look = self.look, look
        if look is None:
            self.steps.clear()
        else:
            self.steps.set_steps(look.steps, look.trained_steps)
        if look is None or before is None or look.number != before.number:
            self.begin_task()
        self.redraw()

    def begin_task(self) -> None:
        """Do what is to be done where another task begins to be shown, or none."""

    @override
    def is_empty(self) -> bool:
        return self.look is None

    @override
    def version(self, history: RunHistory) -> int:
        return id(self.look)

    def add_another(self) -> None:
        """Add the button that asks for another task."""
        another = self.add_button(
            "another", "Another task", "mdi6.dice-multiple-outline"
        )
        another.clicked.connect(self._on_another_clicked)

    def _on_another_clicked(self) -> None:
        self.number += 1
        self.task_wanted.emit()
