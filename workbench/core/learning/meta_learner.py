"""What a meta-learner is: how to adapt to one task, and what its meta-gradient is.

An algorithm is a subclass of ``MetaLearner`` in ``workbench.algorithms``. It is written
for one task, in its paper's words; the engine maps it over the meta-batch.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self, TypeAlias

from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, marked, setting
from workbench.core.learning.code import Adapting
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import Params

Order: TypeAlias = Literal["first", "second", "implicit"]

TRAINING_SHOTS = "training shots"
"""Marks the setting that ``shots`` answers from, where they are not the task's."""

INNER_BATCH, TEST_BATCH = "inner batch", "inner batch at test"
"""Mark the settings that ``inner_batch`` answers from."""

INNER_RATE = "inner rate"
"""Marks a step size of the inner loop."""

SYMBOLS = {
    "θ": "weights",
    "L": "loss",
    "S": "support",
    "Q": "query",
    "α": "inner learning rate",
    "K": "inner steps",
    "β": "meta learning rate",
    "Σ": "sum over the tasks i",
    "B": "meta-batch",
}
"""What update rules have in common."""

_LETTER = re.compile("(?<![a-z])[A-Za-zΑ-Ωα-ω](?![a-z])")
"""A letter that stands for something, as one of a word does not."""


def inner_lr_setting(default: float) -> Any:
    """Declare the step size of the inner loop."""
    return setting(
        default,
        "Inner learning rate",
        "Step size of the inner loop.",
        gt=0,
        symbol="α",
        mark=INNER_RATE,
    )


def inner_batch_setting(default: int | None) -> Any:
    """Declare how many support examples an inner step of training sees."""
    return setting(
        default,
        "Inner batch",
        "Support examples in one inner step of training; empty for all.",
        none="all",
        ge=1,
        le=10_000,
        unit="examples",
        mark=INNER_BATCH,
    )


def test_batch_setting(default: int | None) -> Any:
    """Declare how many support examples an inner step of an evaluation sees."""
    return setting(
        default,
        "Inner batch at test",
        "Support examples in one inner step of an evaluation; empty for all.",
        none="all",
        ge=1,
        le=10_000,
        unit="examples",
        mark=TEST_BATCH,
    )


def training_shots_setting(default: int | None) -> Any:
    """Declare how many support examples of a class a training task has."""
    return setting(
        default,
        "Training shots",
        "Examples per class of a training task; empty for as many as at test.",
        none="as at test",
        ge=1,
        le=1000,
        unit="examples",
        mark=TRAINING_SHOTS,
    )


class Objective(Protocol):
    """What an algorithm may ask of one task: losses as pure functions of parameters."""

    def loss(self, params: Params, examples: Examples) -> torch.Tensor:
        """Return the loss on the examples, as a scalar tensor."""

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return what the model's head, the leaves ``head.*``, is applied to."""

    def head_loss(self, head: Params, embedded: Examples) -> torch.Tensor:
        """Return the loss of a head on examples that have been embedded."""

    def score(
        self, params: Params, examples: Examples
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss and the accuracy; for a regression, zero for the latter."""


class Extra(NamedTuple):
    """A figure of each meta-step that only some learners have, and how to plot it."""

    name: str
    title: str
    help: str
    axis: str
    is_log: bool = False


class TaskGradient(NamedTuple):
    """What one task says about the meta-parameters.

    ``loss`` and ``accuracy`` are of the query after adaptation; ``state`` is what the
    learner carries from task to task; ``extras`` are the learner's own figures.
    """

    gradient: Params
    loss: torch.Tensor
    accuracy: torch.Tensor
    state: Params
    extras: dict[str, torch.Tensor]


class MetaLearner(Settings):
    """The settings shared by all meta-learners, and what each must say.

    Class attributes tell the window what the learner is: ``title``, ``paper``,
    ``order`` (of the derivatives used), ``adapts`` and ``update_rule``, in the paper's
    notation; ``symbols`` says what those mean that are not among ``SYMBOLS``, or
    mean something else here. ``is_displacement`` says that its ``gradient`` is a way
    moved in parameters rather than a gradient.

    A learner whose inner loop leaves nothing to set fixes ``inner_steps`` and
    ``inner_clip`` as class variables; its form then has no such fields.
    """

    title: ClassVar[str]
    paper: ClassVar[str]
    order: ClassVar[Order]
    adapts: ClassVar[str] = "all weights"
    memory: ClassVar[str]
    update_rule: ClassVar[str]
    symbols: ClassVar[Mapping[str, str]] = {}
    is_displacement: ClassVar[bool] = False
    """Whether ``gradient`` is a way moved in parameters rather than a gradient."""

    needs_classes: ClassVar[bool] = False
    """Whether it can only tell classes apart."""

    needs_regression: ClassVar[bool] = False
    """Whether it learns nothing of classes, which are numbered anew in every task."""

    learns_head: ClassVar[bool] = True
    """Whether the head is learned, and not made anew from each support."""

    adapts_head: ClassVar[bool] = True
    """Whether a task changes the head, so that classes that share a row can part."""

    needs_examples: ClassVar[bool] = False
    """Whether it cannot do with what is collected as it adapts, as trajectories are."""

    adapts_in_training: ClassVar[bool] = True
    """Whether training judges adapted weights, and not those that it begins with."""

    extras: ClassVar[tuple[Extra, ...]] = ()
    """Its own figures, of which ``meta_gradient`` gives the values by name."""

    kind: str
    inner_steps: int = setting(
        1,
        "Inner steps",
        "Gradient steps on a task's support set during training.",
        ge=1,
        le=1000,
        symbol="K",
        unit="steps",
    )
    inner_clip: float | None = setting(
        None,
        "Inner gradient limit",
        "Clip every entry of the inner gradient to this size; empty for no limit.",
        none="no limit",
        gt=0,
        advanced=True,
    )

    @classmethod
    def legend(cls) -> dict[str, str]:
        """Return what the symbols of its update rule mean, in the rule's order."""
        known = {**SYMBOLS, **cls.symbols}
        found = dict.fromkeys(_LETTER.findall(cls.update_rule))
        return {symbol: known[symbol] for symbol in found if symbol in known}

    def start(self, params: Params, generator: torch.Generator) -> Params:
        """Return the meta-parameters to begin training with."""
        return params

    def state(self, params: Params) -> Params:
        """Return what is carried from task to task besides the meta-parameters."""
        return {}

    def weights(self, meta: Params) -> Params:
        """Return the part of the meta-parameters that the model takes."""
        return meta

    def shots(self, shots: int) -> int:
        """Return the support examples per class of a training task."""
        return shots

    def inner_batch(self, *, training: bool) -> int | None:
        """Return how many support examples an inner step sees; None for all."""
        return None

    def with_replacement(self) -> bool:
        """Return whether every inner step draws anew from the whole support."""
        return False

    def code(self) -> Adapting | None:
        """Return the lines that adapt exported weights; None if there are none.

        They say what ``adapt`` does: a subclass that overrides it writes its own.
        """
        return None

    def inner_rates(self) -> tuple[str, ...]:
        """Return its fields that are step sizes of its inner loop."""
        return marked(type(self), INNER_RATE)

    def at_rate(self, meta: Params, rate: float) -> tuple[Self, Params]:
        """Return itself, and its meta-parameters, with ``rate`` times its inner rates.

        Both as they are, if it has none.
        """
        changes = {name: rate * getattr(self, name) for name in self.inner_rates()}
        return (self.model_copy(update=changes) if changes else self), meta

    @classmethod
    def field_for(cls, mark: str) -> str:
        """Return the dotted field marked so; the choice of learner if there is none."""
        return f"algorithm.{next(iter(marked(cls, mark)), 'kind')}"

    def histograms(self, meta: Params) -> dict[str, Params]:
        """Return named trees of numbers whose distribution is worth a look."""
        return {}

    @abstractmethod
    def adapt(
        self,
        task: Objective,
        meta: Params,
        batches: Iterable[Examples],
        state: Params,
    ) -> Iterator[Params]:
        """Yield the model's weights at inner step 0, 1, 2, ...: one step a batch."""

    def adapted(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> Params:
        """Return the weights that training judges on the query."""
        batches = episode.batches(self.inner_steps)
        for iterate in self.adapt(task, meta, batches, state):
            weights = iterate
        return weights

    @abstractmethod
    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Return what one episode says about the meta-parameters."""
