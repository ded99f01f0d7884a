"""Draws episodes and asks learners about them, in a thread of its own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.core.base.cancelling import Asked
from workbench.core.config.run_config import RunConfig
from workbench.core.episodes.acted_episode import ActedEpisode, ActedEpisodes
from workbench.core.episodes.answers import Answers, answer, check_fits
from workbench.core.episodes.shown_episode import Address, EpisodeSource, ShownEpisode
from workbench.core.runs.store import RunFolder
from workbench.core.training.trained import Trained
from workbench.gui.episodes.class_table import ClassTable, class_table
from workbench.gui.look.atlas import Atlas, atlas_of
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt


class Wanted(NamedTuple):
    """An episode that a card is to show."""

    card: int
    config: RunConfig
    address: Address


class Learner(NamedTuple):
    """The run to ask, and how many inner steps it makes."""

    run: Path
    steps: int


class Seen(NamedTuple):
    """An episode ready to be painted."""

    wanted: Wanted
    shown: ShownEpisode
    atlas: Atlas | None


class Answered(NamedTuple):
    """What a learner says, or does, in the episode on a card.

    Where it is acted in, the policy before training does so without a learner.
    """

    wanted: Wanted
    learner: Learner | None
    answers: Answers | ActedEpisode


class EpisodeDesk(QObject):
    """Fetches what is wanted; of requests for one card only the newest counts.

    Signals:
        seen(Seen): an episode is there.
        answered(Answered): a learner's answers to it are there.
        classes_ready(ClassTable): the classes of a data set are there.
        failed(str, object, str): what could not be had (``episode``, ``answers`` or
            ``classes``), its request, and why.
    """

    seen = Signal(object)
    answered = Signal(object)
    classes_ready = Signal(object)
    failed = Signal(str, object, str)

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._source: EpisodeSource | None = None
        self._wanted: dict[int, Wanted] = {}
        self._learner: Learner | None = None
        self._trained: tuple[Path, tuple[int, ...], Trained] | None = None
        self._acting = ActedEpisodes()
        self._classes: object = None
        self._opening: object = None
        self._stale = False
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)

    @property
    def learner(self) -> Learner | None:
        """The run that is asked."""
        return self._learner

    def want(self, wanted: Wanted) -> None:
        """Ask for an episode and, with a learner or to be acted in, for its answers."""
        self._wanted[wanted.card] = wanted
        self._background.submit(
            f"episode {wanted.card}",
            lambda: attempt(wanted, lambda: self._see(wanted)),
        )
        self._ask(wanted)

    def forget(self, card: int) -> None:
        """Want nothing for a card any more."""
        self._wanted.pop(card, None)
        for what in ("episode", "answers"):
            self._background.forget(f"{what} {card}")

    def choose(self, learner: Learner | None) -> None:
        """Ask another run, or none, about the episodes of all cards."""
        self._learner = learner
        for wanted in list(self._wanted.values()):
            self._background.forget(f"answers {wanted.card}")
            self._ask(wanted)

    def want_classes(self, task: object) -> None:
        """Ask for the classes of a task's data set."""
        self._classes = task
        self._background.submit(
            "classes",
            lambda: attempt(task, lambda: class_table(self._open(task), task)),
        )

    def forget_classes(self) -> None:
        """Want no classes any more."""
        self._classes = None
        self._background.forget("classes")

    def refresh_data(self) -> None:
        """Open the data anew from now on: they have changed."""
        self._stale = True

    def shut_down(self) -> None:
        """Stop the thread and wait for it."""
        self._background.shut_down()

    # In the background thread.

    def _is_needless(self) -> bool:
        """Return whether the data being opened are wanted by nobody any more."""
        wanted = [each.config.task for each in list(self._wanted.values())]
        return self._background.is_over.is_set() or (
            self._opening != self._classes and self._opening not in wanted
        )

    def _open(self, task: object) -> EpisodeSource:
        self._opening = task
        if self._source is None:
            self._source = EpisodeSource(self._data, Asked(self._is_needless))
        if self._stale:
            self._stale = False
            self._source.forget()
        return self._source

    def _see(self, wanted: Wanted) -> Seen:
        source = self._open(wanted.config.task)
        shown = source.episode(wanted.config, wanted.address)
        is_picture = len(wanted.config.task.input_shape) == 3
        return Seen(wanted, shown, atlas_of(shown.pictures()) if is_picture else None)

    def _answer(self, wanted: Wanted, learner: Learner | None) -> Answered:
        config = wanted.config
        if learner is None:
            trained, steps = Trained.untrained(config), config.evaluation.steps
        else:
            trained, steps = self._load(learner.run), learner.steps
        source = self._open(config.task)
        shown = source.episode(config, wanted.address)
        if shown.goals is None:
            return Answered(wanted, learner, answer(trained, shown, steps))
        check_fits(trained, config)
        acted = self._acting.act(trained, source, shown, steps)
        return Answered(wanted, learner, acted)

    def _load(self, run: Path) -> Trained:
        folder = RunFolder(run)
        files = sorted(folder.checkpoints.glob("*.safetensors"))
        # Not the newest time: a clock may be set back.
        times = tuple(file.stat().st_mtime_ns for file in files)
        if self._trained is None or self._trained[:2] != (run, times):
            self._trained = (run, times, Trained.load(folder))
        return self._trained[2]

    # In the window's thread.

    def _ask(self, wanted: Wanted) -> None:
        learner = self._learner
        if learner is not None or wanted.config.task.problem == "reinforcement":
            self._background.submit(
                f"answers {wanted.card}",
                lambda: attempt(
                    (wanted, learner), lambda: self._answer(wanted, learner)
                ),
            )

    def _on_background_done(self, key: str, outcome: JobOutcome) -> None:
        what = key.split()[0]
        request, value, error = outcome
        if not self._is_wanted(what, request):
            return
        if error:
            self.failed.emit(what, request, error)
        elif what == "episode":
            self.seen.emit(value)
        elif what == "answers":
            self.answered.emit(value)
        elif isinstance(value, ClassTable):
            self.classes_ready.emit(value)

    def _is_wanted(self, what: str, request: object) -> bool:
        if what == "classes":
            return bool(request == self._classes)
        if what == "episode" and isinstance(request, Wanted):
            return self._wanted.get(request.card) == request
        if isinstance(request, tuple):
            wanted, learner = request
            mine = self._wanted.get(wanted.card) == wanted
            return mine and bool(learner == self._learner)
        return False
