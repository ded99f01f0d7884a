"""This task, now: the pictures of an episode, and what the model takes them for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from workbench.core.base import figures
from workbench.gui.graphs.export import Table
from workbench.gui.graphs.inner_steps import InnerSteps
from workbench.gui.graphs.plot import Plot
from workbench.gui.graphs.series import RunHistory
from workbench.gui.plots.episode_view import EpisodeView
from workbench.gui.plots.task_look import TaskLook, is_picture_task
from workbench.gui.plots.task_plot import TaskPlot


class TaskPictures(TaskPlot[TaskLook], Plot):
    """A validation episode: a row per class, its queries framed right or wrong."""

    key = "task_pictures"
    help = (
        "One validation episode with the meta-parameters of now, a row per class: its "
        "support, then its queries with the class and confidence the model gives them."
    )
    empty = "Press Start to train: one episode is classified here, query by query."
    waiting = "Nothing yet: one episode will be classified here, query by query."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = EpisodeView(self)
        self.body.addWidget(self.view, 1)
        self.steps = InnerSteps(self)
        self.steps.moved.connect(self.redraw)
        self.body.addWidget(self.steps)
        self.add_another()
        self.finish_controls()
        self.paint_colours()

    @classmethod
    @override
    def applies(cls, history: RunHistory) -> bool:
        return is_picture_task(history.config)

    @override
    def exported(self) -> QWidget:
        return self.view

    @override
    def paint_colours(self) -> None:
        self.view.paint_colours(self.colours)

    @override
    def draw(self) -> None:
        look = self.look
        step = 0 if look is None else min(self.steps.step, look.steps)
        self.view.show_task(look, step)
        if look is not None:
            right = look.right_at(step)
            loss = figures.number(float(look.query_loss[step]))
            self.steps.write(f"{right.sum()} of {len(right)} right, loss {loss}")

    @override
    def table(self) -> Table:
        look = self.look
        columns = ("inner step", "query", "class", "predicted", "confidence")
        if look is None:
            return Table(columns, ())
        rows = (
            (step, query, int(look.query_y[query]), int(p.argmax()), float(p.max()))
            for step in range(look.steps + 1)
            for query, p in enumerate(look.outputs[step])
        )
        return Table(columns, rows)
