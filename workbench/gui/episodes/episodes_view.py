"""The episode browser: what the configuration trains on, and how a run solves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.phrases import counted
from workbench.core.base.splits import Split
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.acted_episode import ActedEpisode
from workbench.core.episodes.shown_episode import Address
from workbench.core.learning.task_family import ClassificationSettings
from workbench.core.pictures.distortion import Distortion
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.core.training.outer_loop import EVALUATION_SEED
from workbench.gui.episodes import episode_actions
from workbench.gui.episodes.episode_bar import EpisodeBar
from workbench.gui.episodes.episode_card import EpisodeCard
from workbench.gui.episodes.episode_desk import Answered, EpisodeDesk, Seen, Wanted
from workbench.gui.episodes.hardest_box import COUNT, HardestBox
from workbench.gui.episodes.learner_box import LearnerBox
from workbench.gui.episodes.search_thread import Search
from workbench.gui.look import theme
from workbench.gui.shell.actions import Action

_MOST_PINS = 3
_SIDE = 280
_SLOW_MS = 500
"""A wait longer than this is said, and the episode before goes."""
_USED_IN = {"train": "training", "validation": "validation", "test": "the test"}
_TURNED = {
    "drawn": "turned at random",
    "classes": "every turn is a class",
    "tasks": "turned as a whole",
    "none": "not turned",
}


class EpisodesView(QWidget):
    """Shows one episode and the pinned ones beside it.

    Signals:
        class_wanted(int): the person asked for a class, by its row in the bank.
        data_wanted(): the person wants to see the data sets.
        said(str, str, str): news, its kind, and an action's id, for a toast.
        shown_first(): the view was brought to the front.
    """

    class_wanted = Signal(int)
    data_wanted = Signal()
    said = Signal(str, str, str)
    shown_first = Signal()

    def __init__(self, desk: EpisodeDesk, data: Path) -> None:
        super().__init__()
        self.setObjectName("episodes")
        self._desk, self._data = desk, data
        self._config: RunConfig | None = None
        self._is_due = False
        self._pins = 0
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._slow.timeout.connect(self._on_slow_timeout)
        self._saved: Path | None = None
        self.bar = EpisodeBar()
        self.hardest = HardestBox()
        self.learner = LearnerBox(self.hardest)
        self._about = QLabel()
        self._about.setObjectName("episode.about")
        self._about.setProperty("role", "muted")
        self._about.setWordWrap(True)
        self.cards: dict[int, EpisodeCard] = {}
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self.actions_by_name = self._make_actions()
        self._lay_out()
        self._add_card(pinned=False)
        self._connect()

    @property
    def card(self) -> EpisodeCard:
        """The card of the episode chosen in the bar."""
        return self.cards[0]

    def show_config(self, config: RunConfig | None) -> None:
        """Show episodes of another configuration; None while it is wrong."""
        same = config is not None and config == self._config
        self._config = config
        if config is not None:
            acts = config.task.problem == "reinforcement"
            self.learner.suit(config.evaluation.steps, acts=acts)
            seed = config.training.seed
            self.bar.show_seeds(
                {
                    "train": seed,
                    "validation": EVALUATION_SEED,
                    "test": EVALUATION_SEED,
                }
            )
            training, evaluation = config.training, config.evaluation
            self.bar.take_counts(
                {
                    "train": training.iterations * training.meta_batch,
                    "validation": evaluation.validation_tasks,
                    "test": evaluation.tasks,
                }
            )
        if not same:
            self._restart()

    def refresh(self) -> None:
        """Draw everything anew: the data have changed."""
        self.hardest.clear()
        self._restart()

    def go(self, address: Address) -> None:
        """Show an episode."""
        self.bar.go(address)

    def shut_down(self) -> None:
        """Stop searching."""
        self._slow.stop()
        self.hardest.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown_first.emit()
        if self._is_due:
            self._want()

    # Building.

    def _make_actions(self) -> dict[str, Action]:
        performs: dict[str, Callable[[], object]] = {
            "previous": partial(self.bar.advance, -1),
            "next": partial(self.bar.advance, 1),
            "random": self.bar.jump,
            "pin": self._on_pin,
            "copy": self._on_copy,
            "save_png": partial(self._on_save, ".png"),
            "save_npz": partial(self._on_save, ".npz"),
            "open_folder": self._on_open_folder,
        }
        found = episode_actions.episode_actions(performs, self)
        for name, action in found.items():
            if name != "open_folder":
                self.bar.add_button(action)
        found["open_folder"].setEnabled(False)
        self.bar.finish()
        return found

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(theme.SPACE, 0, 0, 0)
        column.addWidget(self.learner)
        side.setMinimumWidth(_SIDE)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.addWidget(self._make_cards_area())
        across.addWidget(side)
        across.setStretchFactor(0, 4)
        across.setStretchFactor(1, 1)
        across.setSizes([4 * _SIDE, _SIDE])
        page = QVBoxLayout(self)
        page.setContentsMargins(*(theme.SPACE,) * 4)
        page.setSpacing(theme.SPACE // 2)
        page.addWidget(self.bar)
        page.addWidget(self._about)
        page.addWidget(across, 1)

    def _make_cards_area(self) -> QScrollArea:
        """Let the cards be scrolled where there is no room for all beside another."""
        area = QScrollArea()
        area.setObjectName("episodes.cards")
        area.setAccessibleName("Episodes, the pinned ones beside the one chosen")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumSize(_SIDE, _SIDE // 2)
        area.setWidget(self._splitter)
        return area

    def _add_card(self, *, pinned: bool) -> EpisodeCard:
        self._pins += pinned
        number = self._pins if pinned else 0
        card = EpisodeCard(number, pinned=pinned)
        card.closed.connect(self._on_card_closed)
        card.class_wanted.connect(self.class_wanted)
        card.data_wanted.connect(self.data_wanted)
        self.cards[number] = card
        self._splitter.addWidget(card)
        return card

    def _connect(self) -> None:
        self.bar.address_changed.connect(self._on_bar_address_changed)
        self._desk.seen.connect(self._on_desk_seen)
        self._desk.answered.connect(self._on_desk_answered)
        self._desk.failed.connect(self._on_desk_failed)
        self.learner.learner_changed.connect(self._on_learner_changed)
        self.learner.step_changed.connect(self._on_learner_step_changed)
        self.hardest.search_wanted.connect(self._on_search_wanted)
        self.hardest.episode_wanted.connect(self.go)
        self.hardest.class_wanted.connect(self.class_wanted)

    # What happens.

    def _restart(self) -> None:
        self._follow()
        self._say_what_is_shown()
        self._want()

    def _say_what_is_shown(self) -> None:
        config, split = self._config, self.bar.address.split
        self._about.setText("" if config is None else about(config, split))

    def _want(self) -> None:
        self._is_due = not self.isVisible()
        if self._is_due:
            return
        self._slow.stop()
        if self._config is None:
            self._desk.forget(0)
            self.bar.clear_place()
            self.card.show_message(
                "The configuration is not complete: mend it in the Experiment panel, "
                "and its episodes are drawn here."
            )
            return
        self._slow.start()
        self._desk.want(Wanted(0, self._config, self.bar.address))

    def _on_slow_timeout(self) -> None:
        if self._config is not None:
            self.bar.clear_place()
            text = f"The episode is being drawn. {self._config.task.first_use}"
            self.card.show_waiting(text.strip())

    def _on_bar_address_changed(self, _address: Address) -> None:
        self._follow()
        self._say_what_is_shown()
        self._want()

    def _question(self) -> object:
        """Return all that decides which episodes are the hardest."""
        split, seed, _ = self.bar.address
        return (self._config, split, seed, self.learner.learner)

    def _follow(self) -> None:
        self.hardest.follow(self._question())

    def _on_desk_seen(self, seen: Seen) -> None:
        card = self.cards.get(seen.wanted.card)
        if card is not None:
            card.show_episode(seen)
            if card is self.card:
                self._slow.stop()
                self.bar.show_place(*seen.shown.meta_batch)
            if card is self.card and self._desk.learner is None:
                self.learner.show_answers(None, ())

    def _on_desk_answered(self, answered: Answered) -> None:
        card = self.cards.get(answered.wanted.card)
        if card is None:
            return
        if card is self.card and card.shown is not None:
            self.learner.show_answers(answered.answers, card.shown.class_names)
        card.show_answers(answered, self.learner.step)

    def _on_desk_failed(self, what: str, request: object, error: str) -> None:
        if what == "episode" and isinstance(request, Wanted):
            card = self.cards.get(request.card)
            if card is self.card:
                self._slow.stop()
                self.bar.clear_place()
            if card is not None:
                card.show_message(error, about_data=True)
        elif what == "answers" and isinstance(request, tuple):
            card = self.cards.get(request[0].card)
            if card is not None:
                card.acted.show_problem(error)
            if card is self.card:
                self.learner.show_problem(error)

    def _on_learner_changed(self, learner: object) -> None:
        for card in self.cards.values():
            card.show_answers(None, 0)
        self._follow()
        self.hardest.set_possible(self.learner.learner is not None)
        self._desk.choose(self.learner.learner)

    def _on_learner_step_changed(self, step: int) -> None:
        for card in self.cards.values():
            card.show_step(step)

    def _on_search_wanted(self) -> None:
        learner = self.learner.learner
        if learner is None or self._config is None:
            return
        first = self.bar.address._replace(number=0)
        addresses = [first._replace(number=number) for number in range(COUNT)]
        search = Search(self._data, self._config, addresses, *learner)
        self.hardest.search(search, self._question())

    def _on_pin(self) -> None:
        shown = self.card.shown
        if shown is None:
            return
        if len(self.cards) > _MOST_PINS:
            self.said.emit(f"At most {_MOST_PINS} episodes can be pinned", "info", "")
            return
        card = self._add_card(pinned=True)
        self._splitter.setSizes([1] * len(self.cards))
        self._desk.want(Wanted(card.number, shown.config, shown.address))

    def _on_card_closed(self, number: int) -> None:
        card = self.cards.pop(number)
        self._desk.forget(number)
        card.hide()
        card.deleteLater()

    def _on_copy(self) -> None:
        if episode_actions.copy_picture(self.card.to_image()):
            self.said.emit("The episode's picture is on the clipboard", "good", "")

    def _on_open_folder(self) -> None:
        if self._saved is not None:
            folder = QUrl.fromLocalFile(str(self._saved.parent))
            if not QDesktopServices.openUrl(folder):
                self.said.emit(f"The folder is {self._saved.parent}", "info", "")

    def _on_save(self, ending: str) -> None:
        shown = self.card.shown
        if shown is None:
            return
        path = episode_actions.ask_where(self, shown, ending)
        if path is not None:
            answers, image = self.card.answers, self.card.to_image()
            more = answers.arrays() if isinstance(answers, ActedEpisode) else None
            problem = episode_actions.save(shown, image, path, more)
            if problem:
                self.said.emit(problem, "error", "")
            else:
                self._saved = path
                self.actions_by_name["open_folder"].setEnabled(True)
                text = f"Saved {path.name} in {path.parent}"
                self.said.emit(text, "good", "data.open_folder")


def _distorted(how: Distortion) -> Iterator[str]:
    if how.mirrored:
        yield "half of the tasks mirrored"
    if how.moved:
        yield f"distorted by up to {how.moved:g}"
    if how.bent:
        yield f"bent by {how.bent:g}"


def about(config: RunConfig, split: Split) -> str:
    """Return what episodes a configuration has of a split, as one line."""
    task = config.task
    shots, queries = config.examples_per_class(split)
    if task.problem == "reinforcement":
        acted = f"{counted(shots, 'trajectory', 'trajectories')} an inner step"
        return (
            f"{task.title}: {acted}, and {queries} after them, as in {_USED_IN[split]}"
        )
    if not isinstance(task, ClassificationSettings):
        points = f"{shots} support and {counted(queries, 'query point')}"
        return f"{task.title}: {points}, as in {_USED_IN[split]}"
    asked = counted(queries, "query", "queries")
    parts = [f"{task.title}: {task.ways}-way {shots}-shot", f"{asked} a class"]
    if isinstance(task, ImageTaskSettings):
        parts.append(_TURNED[task.turning(split)])
        if split == "train":
            parts += _distorted(task.distortion_in_training)
        if task.one_group:
            parts.append("classes from one alphabet")
    return ", ".join([*parts, f"as in {_USED_IN[split]}"])
