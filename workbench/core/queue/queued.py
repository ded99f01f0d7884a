"""What is in the queue: a configuration each, and how it stands."""

from __future__ import annotations

import functools
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.base.errors import MALFORMED, Problem, Remedy
from workbench.core.config.overrides import parse_toml
from workbench.core.searching.search import Search, TrialNote

State = Literal["waiting", "running", "done", "pruned", "failed"]


class Queued(BaseModel):
    """One configuration in the queue; ``run`` is its folder's name once it began.

    One with a ``search`` is not trained itself: of it come trials, of which so many
    have ``begun``, until there are enough; each of them says so in its ``trial``.
    ``worker`` is who trains it, or did when it was killed. ``deaths`` has of each death
    without a word how many bytes of events there were. ``is_paused`` says that its run
    waits while those beside it go on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    config: str
    preset: str = ""
    sweep: str = ""
    search: Search | None = None
    begun: int = 0
    trial: TrialNote | None = None
    state: State = "waiting"
    run: str = ""
    worker: str = ""
    deaths: tuple[int, ...] = ()
    is_paused: bool = False
    message: str = ""
    remedies: tuple[Remedy, ...] = ()

    @property
    def title(self) -> str:
        """Its name with its seed, which that of a sweep's run may have already."""
        if self.search is not None:
            return f"{self.name}, {self.begun:,} of {self.search.trials:,} trials begun"
        seed = f"seed {_seed_of(self.config)}"
        return self.name if self.name.endswith(seed) else f"{self.name}, {seed}"

    @property
    def to_come(self) -> int:
        """How many runs a search is still to have, of trials that are not begun."""
        if self.search is None or self.state != "waiting":
            return 0
        left = self.search.trials - self.begun
        return left * max(1, len(self.search.seeds))

    @property
    def runs(self) -> int:
        """How many runs it is: one, or those that a search is still to have."""
        return 1 if self.search is None else self.to_come

    @property
    def is_free(self) -> bool:
        """Whether a worker may take it."""
        return self.state in ("waiting", "running") and not self.worker

    @property
    def problem(self) -> Problem:
        """Why it failed, and what helps."""
        return Problem(self.message, self.remedies)


def item_of(entry: dict[str, Any]) -> Queued:
    """Return an item as it was written; one in a state that is unknown has failed."""
    state = entry.get("state", "waiting")
    if state in get_args(State):
        return Queued.model_validate(entry)
    message = f"its state was {state!r}, which this version does not know"
    return Queued.model_validate(entry | {"state": "failed", "message": message})


@functools.lru_cache(maxsize=4096)
def _seed_of(config: str) -> object:
    try:
        return parse_toml(config)["training"]["seed"]
    except MALFORMED:
        return "unknown"


class QueueState(BaseModel):
    """All there is in the queue, in the order in which it is trained.

    ``is_held`` says that the run being trained waits as well, while it is paused.
    ``notice`` says what happened to its file, until what is finished is taken out.
    Where ``is_whole`` is false just now not all of the file could be read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    paused: bool = False
    is_held: bool = False
    notice: str = ""
    is_whole: bool = Field(default=True, exclude=True)
    items: tuple[Queued, ...] = ()

    @cached_property
    def ids(self) -> frozenset[str]:
        """Of all its items."""
        return frozenset(item.id for item in self.items)

    @cached_property
    def paused_alone(self) -> frozenset[str]:
        """The ids of those that wait while the runs beside them go on."""
        return frozenset(item.id for item in self.items if item.is_paused)

    @property
    def waiting(self) -> tuple[Queued, ...]:
        """What is still to be trained: waiting, or begun by a process now gone."""
        return tuple(i for i in self.items if i.state in ("waiting", "running"))

    def of(self, worker: str) -> tuple[Queued, ...]:
        """Return what a worker trains."""
        return tuple(item for item in self.items if item.worker == worker)

    def having(self, id: str, **changes: object) -> QueueState:
        """Return the queue with one item changed."""
        items = (
            item.model_copy(update=changes) if item.id == id else item
            for item in self.items
        )
        return self.model_copy(update={"items": tuple(items)})

    @property
    def begun(self) -> Queued | None:
        """The first of what is being trained, or was by a process that is gone."""
        return next(iter(self.all_begun), None)

    @property
    def all_begun(self) -> tuple[Queued, ...]:
        """What is being trained side by side, or was by a process that is gone."""
        return tuple(i for i in self.items if i.state == "running")

    @property
    def finished(self) -> tuple[Queued, ...]:
        """What is done, was given up, or failed."""
        over = ("done", "pruned", "failed")
        return tuple(item for item in self.items if item.state in over)

    @property
    def failed(self) -> tuple[Queued, ...]:
        """What failed."""
        return tuple(i for i in self.items if i.state == "failed")


def as_read_again(state: QueueState) -> QueueState:
    """Return what is read where this is written; ValueError where nothing can be."""
    return QueueState.model_validate_json(state.model_dump_json())
