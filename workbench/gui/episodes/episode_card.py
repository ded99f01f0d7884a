"""One episode on a card: what it is, its pictures or its curve, and a message."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)
from typing_extensions import override

from workbench.core.base.measure import Measure
from workbench.core.base.phrases import counted, percent
from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.answers import Answers
from workbench.core.episodes.episode_picture import caption
from workbench.core.episodes.shown_episode import ShownEpisode
from workbench.core.results.score_text import score_text
from workbench.gui.episodes.acted_view import ActedView
from workbench.gui.episodes.charts import CurveChart
from workbench.gui.episodes.episode_desk import Answered, Seen
from workbench.gui.episodes.episode_grid import EpisodeGrid
from workbench.gui.look import theme
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.look.message_page import MessagePage

_NARROW = 160
_WIDE = 400
"""From here on the title and the result go on one line."""


class EpisodeCard(QFrame):
    """Shows one episode; ``number`` tells it from the other cards.

    Signals:
        closed(int): the person closed the card with this number.
        class_wanted(int): the person asked for a class, by its row in the bank.
        data_wanted(): the person wants to see the data sets.
    """

    closed = Signal(int)
    class_wanted = Signal(int)
    data_wanted = Signal()

    def __init__(self, number: int, *, pinned: bool) -> None:
        super().__init__()
        self.number = number
        self.setObjectName(f"episode.card_{number}")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.shown: ShownEpisode | None = None
        self.answers: Answers | ActedEpisode | None = None
        self.grid = EpisodeGrid()
        self.grid.class_wanted.connect(self.class_wanted)
        self.curve = CurveChart()
        self.acted = ActedView()
        self.message = MessagePage("episode", "The episode is being drawn.")
        self.message.data_wanted.connect(self.data_wanted)
        self._caption = ElidedLabel()
        self._caption.setObjectName("episode.caption")
        self._caption.setMinimumHeight(theme.CONTROL_HEIGHT)
        self._result = ElidedLabel()
        self._result.setObjectName("episode.result")
        self._texts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._texts.setSpacing(0)
        self._result.setFont(theme.tabular(self._result.font()))
        self._close = self._make_close()
        self._close.setVisible(pinned)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(self.grid)
        self._area.setObjectName("episode.area")
        self._area.setAccessibleName("Episode")
        self._area.viewport().installEventFilter(self)
        self._stack = QStackedWidget()
        for widget in (self.message, self._area, self.curve, self.acted):
            self._stack.addWidget(widget)
        self._lay_out()
        self._paint_colours()
        theme.changes().changed.connect(self._paint_colours)

    def show_episode(self, seen: Seen) -> None:
        """Show an episode; answers come later."""
        self.shown, self.answers = seen.shown, None
        split, seed, number = seen.shown.address
        text = f"Episode {number:,} of {split}, seed {seed}"
        self._caption.show_text(text, caption(seen.shown))
        self._result.show_text(self._about())
        if seen.atlas is not None:
            self.grid.show_episode(seen.shown, seen.atlas)
            self.grid.fit(self._area.viewport().size())
            self._stack.setCurrentWidget(self._area)
        elif seen.shown.curve is not None:
            self.curve.show_episode(seen.shown)
            self._stack.setCurrentWidget(self.curve)
        elif seen.shown.goals is not None:
            self.acted.show_episode(seen.shown)
            self._stack.setCurrentWidget(self.acted)
        else:
            self.show_message("These tasks are of numbers that have no picture.")

    def show_answers(self, answered: Answered | None, step: int) -> None:
        """Show a learner's answers at an inner step, or none."""
        self.answers = answered.answers if answered is not None else None
        self.show_step(step)

    def show_step(self, step: int) -> None:
        """Show another inner step of the answers."""
        answers = self.answers
        if isinstance(answers, ActedEpisode):
            self.acted.show_acted(answers, step)
            self._result.show_text(what_was_done(answers, step))
            return
        self.acted.show_acted(None, 0)
        self.grid.show_answers(answers if self._shows_pictures else None, step)
        self.curve.show_answers(None if self._shows_pictures else answers, step)
        if self.shown is not None:
            text = self._about() if answers is None else result(answers, step)
            self._result.show_text(text)

    def show_message(self, text: str, *, about_data: bool = False) -> None:
        """Show why there is no episode, and what to do."""
        self.shown = self.answers = None
        self._caption.show_text("")
        self._result.show_text("")
        self.message.say(text, about_data=about_data)
        self._stack.setCurrentWidget(self.message)

    def show_waiting(self, text: str) -> None:
        """Show that an episode is being drawn, and what takes so long."""
        self.show_message("")
        self.message.wait(text)

    def to_image(self) -> QImage:
        """Return a picture of the episode as shown."""
        if self._shows_pictures:
            return self.grid.to_image()
        drawn = self._stack.currentWidget()
        if drawn in (self.curve, self.acted):
            image: QImage = drawn.grab().toImage()
            return image
        return QImage()

    @property
    def _shows_pictures(self) -> bool:
        return self._stack.currentWidget() is self._area

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE
        way = QBoxLayout.Direction
        self._texts.setDirection(way.LeftToRight if is_wide else way.TopToBottom)
        side = Qt.AlignmentFlag.AlignRight if is_wide else Qt.AlignmentFlag.AlignLeft
        self._result.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.grid.fit(self._area.viewport().size())
        return False

    def _about(self) -> str:
        """Return what tells a pinned episode from others, of other sizes."""
        return about(self.shown) if self.number and self.shown is not None else ""

    def _make_close(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"episode.close_{self.number}")
        button.setAutoRaise(True)
        button.setToolTip("Unpin this episode")
        button.setAccessibleName("Unpin this episode")
        button.clicked.connect(self._on_close_clicked)
        return button

    def _lay_out(self) -> None:
        self._texts.addWidget(self._caption, 1)
        self._texts.addWidget(self._result, 1)
        head = QHBoxLayout()
        head.addLayout(self._texts, 1)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(_NARROW)

    def _paint_colours(self) -> None:
        self._close.setIcon(theme.icon("mdi6.close"))
        self.grid.update()

    def _on_close_clicked(self) -> None:
        self.closed.emit(self.number)


def about(shown: ShownEpisode) -> str:
    """Return how large an episode is, as a few words."""
    queries = counted(shown.queries, "query", "queries")
    if shown.goals is not None:
        return counted(shown.shots, "trajectory", "trajectories")
    if not shown.ways:
        return f"{counted(shown.shots, 'support point')}, {queries}"
    return f"{shown.ways}-way {shown.shots}-shot, {queries} a class"


def result(answers: Answers, step: int) -> str:
    """Return how good the answers are at an inner step, as a few words."""
    step = min(step, answers.steps)
    value = float(answers.query_loss[step])
    loss = f"loss {value:.3g}" if math.isfinite(value) else "loss diverged"
    if not answers.classifies:
        return f"query {loss}"
    return f"{percent(answers.accuracy(step), 1)} right, {loss}"


def what_was_done(acted: ActedEpisode, step: int) -> str:
    """Return who acted and what it is worth at an inner step, as a few words."""
    who = f"meta-step {acted.step:,}" if acted.is_trained else "untrained"
    step = min(step, acted.steps)
    told = score_text(float(acted.returns[step]), None, Measure.RETURN)
    return f"{who}, inner step {step}: return {told}"
