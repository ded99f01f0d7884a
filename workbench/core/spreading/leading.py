"""The engine of the process that leads: it asks the others for their part."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, wait
from functools import partial
from typing import Any

from typing_extensions import override

from workbench.core.base.cancelling import Cancelled
from workbench.core.base.devices import OutOfMemoryThere
from workbench.core.base.lazy import torch
from workbench.core.engine.engine import Engine, TaskFunction
from workbench.core.engine.trees import flatten, unflatten
from workbench.core.learning.episode import Episode
from workbench.core.spreading.part import Computing, Part
from workbench.core.spreading.place import Follower, SpreadError
from workbench.core.spreading.waiting import beside, wait_for
from workbench.core.spreading.wire import Lost, Sending, Wire
from workbench.core.spreading.words import Ask, AskAgain, End, Failed


class SpreadEngine(Engine):
    """Shares tasks out among this process and those that follow it.

    One that is gone, or does not answer in time, is left out from then on: its part is
    done here, and ``take_news`` says so. What fails in another process fails here.
    Cancelled ends the waiting for others where the person asks to stop.
    """

    def __init__(
        self,
        computing: Computing,
        wire: Wire,
        followers: list[Follower],
        device: torch.device,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.computing, self.wire, self.device = computing, wire, device
        self.engine = computing.engine
        self.followers, self._is_stopping = followers, is_stopping
        self._news: list[str] = []
        self._numbers: dict[TaskFunction, int] = {}
        self._asked: dict[int, Part] = {}
        self._sent = set[tuple[int, int]]()

    def map(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the stacked results."""
        each = [range(task, task + 1) for task in range(len(episodes.support.x))]
        return Asking(self, function, episodes, each, shared).totals()

    def mean(self, function: TaskFunction, episodes: Episode, *shared: Any) -> Any:
        """Return the mean."""
        tasks = len(episodes.support.x)
        hands = self.engine.hands(tasks)
        asking = Asking(self, function, episodes, hands, shared, is_step=True)
        return self.engine.mean_of(asking.totals(), tasks)

    @override
    def mean_given(
        self, function: TaskFunction, episodes: Episode, *shared: Any
    ) -> Callable[[Any], Any]:
        """Return it; to the others all but the tree is sent once."""
        tasks = len(episodes.support.x)
        hands = self.engine.hands(tasks)
        asking = Asking(self, function, episodes, hands, shared)
        return lambda tree: self.engine.mean_of(asking.totals(tree), tasks)

    def at_once(self, tasks: int) -> int:
        """Return as many as all processes do."""
        return min(tasks, self.engine.at_once(tasks) * (1 + len(self.followers)))

    def take_news(self) -> list[str]:
        """Return what is to be told since it was asked last."""
        news, self._news = self._news, []
        return news

    def close(self, within: float = 60.0) -> None:
        """Tell the others that there is nothing left to do, as far as they listen."""
        told: dict[Follower, Future[None]] = {}
        for follower in self.followers:
            with contextlib.suppress(Lost):
                told[follower] = beside(self.wire.send(follower.number, End()).wait)
        self.followers = []
        try:
            wait(told.values(), within)
        finally:
            for follower, hearing in told.items():
                if not hearing.done():
                    self.wire.cut(follower.number)

    def wait_for(self, answers: Collection[Future[Any]]) -> None:
        """Wait until all are there; Cancelled where the person asks to stop."""
        wait_for(answers, self._stop_if_asked)

    def send(self, to: Follower, asking: Asking, part: Part, first: Any) -> Sending:
        """Send a process its part, as far as it does not have it."""
        if self._asked.get(to.number) is part:
            return self.wire.send(to.number, AskAgain(), first)
        number = self._numbers.setdefault(asking.function, len(self._numbers))
        is_known = (to.number, number) in self._sent
        function = b"" if is_known else _sendable(asking.function)
        word = Ask(number, function, part.sizes, asking.is_step)
        tree = (first, part.episodes, asking.rest)
        sending = self.wire.send(to.number, word, tree)
        self._sent.add((to.number, number))
        self._asked[to.number] = part
        return sending

    def lose(self, follower: Follower, why: Lost) -> None:
        """Go on without a process."""
        self.followers = [each for each in self.followers if each is not follower]
        left = len(self.followers)
        who = f"{left + 1} processes" if left else "one process"
        is_late = "Timed out" in str(why)
        reason = "no answer in time" if is_late else "it ended"
        self._news.append(
            f"{follower} is lost ({reason}); its tasks are done by the others: {who} "
            "from here on, and the same numbers"
        )

    def _stop_if_asked(self) -> None:
        if self._is_stopping():
            raise Cancelled


class Asking:
    """One function of one meta-batch, asked of all processes, once or repeatedly."""

    def __init__(
        self,
        by: SpreadEngine,
        function: TaskFunction,
        episodes: Episode,
        hands: list[range],
        rest: tuple[Any, ...],
        *,
        is_step: bool = False,
    ) -> None:
        self.function, self.rest, self.is_step = function, rest, is_step
        self._by, self._episodes, self._hands = by, episodes, hands
        self._members: list[Follower | None] = []
        self._dealt: dict[Follower | None, range] = {}
        self._parts: dict[Follower | None, Part] = {}

    def totals(self, *first: Any) -> Any:
        """Return each hand's sum for these first arguments, stacked in their order."""
        self._deal()
        asked: dict[Follower, Future[Any]] = {}
        try:
            self._send(first, asked)
            done = {self._dealt[None]: self._own(self._parts[None], first)}
        except Exception:
            self._answers(asked)  # none is left for the next question
            raise
        for follower, answer in self._answers(asked).items():
            if isinstance(answer, Exception):
                raise answer
            done[self._dealt[follower]] = answer
        for member, which in self._dealt.items():
            if which not in done:
                done[which] = self._own(self._parts[member], first)
        return _in_order(done)

    def _own(self, part: Part, first: tuple[Any, ...]) -> Any:
        return self._by.computing.totals(
            part, self.function, *first, *self.rest, is_step=self.is_step
        )

    def _deal(self) -> None:
        """Deal the hands out, anew where a process was lost since."""
        members = [None, *self._by.followers]
        if self._members == members:
            return
        self._members = members
        dealt = [
            range(at, len(self._hands), len(members)) for at in range(len(members))
        ]
        self._dealt = {
            member: which for member, which in zip(members, dealt, strict=True) if which
        }
        self._parts = {
            member: Part.of(self._episodes, [self._hands[hand] for hand in which])
            for member, which in self._dealt.items()
        }

    def _send(self, first: tuple[Any, ...], asked: dict[Follower, Future[Any]]) -> None:
        """Ask all the others for their part, and add what those answer."""
        for member, part in self._parts.items():
            if member is not None:
                with self._losing(member):
                    sending = self._by.send(member, self, part, first)
                    asked[member] = beside(partial(self._answer, member, sending))

    def _answer(self, follower: Follower, sending: Sending) -> Any:
        sending.wait()
        return self._by.wire.receive(follower.number, self._by.device)

    def _answers(self, asked: dict[Follower, Future[Any]]) -> dict[Follower, Any]:
        """Return what each says, or its error; nothing of those that are lost."""
        self._by.wait_for(asked.values())
        answers = {}
        for follower, answer in asked.items():
            with self._losing(follower):
                word, totals = answer.result()
                is_error = isinstance(word, Failed)
                answers[follower] = _error(word, follower) if is_error else totals
        return answers

    @contextlib.contextmanager
    def _losing(self, follower: Follower) -> Iterator[None]:
        try:
            yield
        except Lost as error:
            self._by.lose(follower, error)


def _sendable(function: TaskFunction) -> bytes:
    try:
        return pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise SpreadError(
            f"{function} cannot be sent to another process ({error}): write its class "
            "in a module, or train in one process"
        ) from error


def _error(said: Failed, follower: Follower) -> Exception:
    """Return the error of another process, as one of this one."""
    if said.out_of:
        return OutOfMemoryThere(said.text, f"{said.out_of}, {follower}")
    if said.error:
        error: Exception = pickle.loads(said.error)
        return error
    return RuntimeError(f"{said.text} (in {follower})")


def _in_order(done: dict[range, Any]) -> Any:
    """Bring together what was done of each range of hands, in their order."""
    trees = [flatten(totals) for totals in done.values()]
    hands = [hand for which in done for hand in which]
    places = torch.tensor(hands).argsort().to(trees[0][0][0].device)
    rows = zip(*(leaves for leaves, _ in trees), strict=True)
    ordered = [torch.cat(each).index_select(0, places) for each in rows]
    return unflatten(ordered, trees[0][1])
