"""What a task family is: a distribution over tasks, drawn with a passed generator.

A family is a subclass of ``TaskSettings`` in ``workbench.tasks``: its settings, which
can be checked before anything is loaded, and ``open``, which loads the data and returns
the ``TaskFamily`` that draws from it.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Protocol, Self

from typing_extensions import override

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.errors import DataError
from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import Split
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import Params

OF_POLICIES = "of policies"
"""Marks a setting that means nothing where tasks are not acted in."""

SAME_PICTURES = "same pictures"
"""Marks a setting that decides what is drawn from the pictures, not which there are."""

SAME_CLASSES = "same classes"
"""Marks a setting that makes other pictures of the same classes."""


class Limits(NamedTuple):
    """What a split holds: classes, and examples in its smallest class."""

    classes: int
    examples: int


class TaskFamily(Protocol):
    """Draws episodes. Nothing here assumes where an episode's data come from."""

    @property
    def split_hash(self) -> str:
        """Identifies which classes are in which split; empty where there are none."""

    @property
    def data_hash(self) -> str:
        """Identifies the data that are kept; empty where they are made as needed."""

    def sample(
        self,
        split: Split,
        tasks: int,
        generator: torch.Generator,
        examples: tuple[int, int],
    ) -> Episode:
        """Draw ``tasks`` episodes, stacked, with these shots and queries a class."""


class TaskSettings(Settings):
    """The settings shared by all task families, and what each must say."""

    title: ClassVar[str]
    problem: ClassVar[Literal["classification", "regression", "reinforcement"]]
    first_use: ClassVar[str] = ""
    """What takes its time when the data are used for the first time, if anything."""
    told_in_short: ClassVar[tuple[str, ...]] = ()
    """The fields that ``in_short`` tells."""

    kind: str
    shots: int = setting(
        1,
        "Shots",
        "Support examples per class (in all, for a regression).",
        ge=1,
        le=1000,
        symbol="k",
        unit="examples",
        mark=SAME_PICTURES,
    )
    queries: int = setting(
        15,
        "Queries",
        "Query examples per class (in all, for a regression).",
        ge=1,
        le=1000,
        unit="examples",
        mark=SAME_PICTURES,
    )

    @property
    def data_set(self) -> str:
        """The name of the data set that it draws from, where there is one so named."""
        return self.kind

    @classmethod
    def of(cls, data: Path, dataset: str) -> Self:
        """Return the settings that suit the data set ``kind/dataset``."""
        return cls.model_validate({})

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input: (features,) or (channels, height, width)."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """How many numbers the model gives: the ways, or the target's size."""

    @property
    def is_curve(self) -> bool:
        """Whether a task is a curve, which can be drawn over its first input."""
        is_of_one = self.input_shape == (1,) and self.outputs == 1
        return self.problem == "regression" and is_of_one

    def in_short(self) -> str:
        """Return what a run on these tasks is called by, within a sentence."""
        return self.title

    def started(self, params: Params) -> Params:
        """Return a model's parameters before training, with what tasks add to them."""
        return params

    def supports(self, steps: int) -> int:
        """Return how many supports so many inner steps take: one, used again."""
        return 1

    def blank(self, number: int, device: str = "meta") -> Examples:
        """Return so many examples of no content, as the objective takes them."""
        x = torch.zeros((number, *self.input_shape), device=device)
        return Examples(x, torch.zeros((number, self.outputs), device=device))

    @property
    def is_large(self) -> bool:
        """Whether one task keeps a core busy, as pictures do."""
        return len(self.input_shape) == 3

    def limits(self, split: Split) -> Limits | None:
        """Return what the split holds, where that is known without the data."""
        return None

    def holdings(self, data: Path) -> dict[Split, Limits]:
        """Return what the data folder holds of each split, where that is known at once.

        DataError says why it cannot be used. A form asks for it at each edit.
        """
        return {}

    @abstractmethod
    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> TaskFamily:
        """Load what is needed from the data folder and return the family.

        What takes long looks at ``cancel`` meanwhile, and raises ``Cancelled``.
        """


def refuse_acting(task: TaskSettings) -> None:
    """Raise DataError where a task's examples are not there before it is acted in."""
    if task.problem == "reinforcement":
        raise DataError(
            f"{task.title} is acted in: its episodes are collected as a policy adapts, "
            "and there are no examples to look at before"
        )


class ClassificationSettings(TaskSettings):
    """The settings of families whose tasks tell N classes apart."""

    problem = "classification"
    told_in_short = ("ways", "shots")

    ways: int = setting(
        5,
        "Ways",
        "Classes to tell apart in one task.",
        ge=2,
        le=1000,
        symbol="N",
        unit="classes",
        mark=SAME_PICTURES,
    )
    reduction: Literal["mean", "sum over ways"] = setting(
        "mean",
        "Loss reduction",
        "Mean cross-entropy, or N times that, as MAML's published code has it: "
        "the inner learning rate means N times more.",
        advanced=True,
        mark=SAME_PICTURES,
    )

    @property
    def outputs(self) -> int:
        """One logit a class."""
        return self.ways

    @override
    def blank(self, number: int, device: str = "meta") -> Examples:
        labels = torch.zeros(number, dtype=torch.long, device=device)
        return super().blank(number, device)._replace(y=labels)

    @override
    def in_short(self) -> str:
        return f"{self.title} {self.ways}-way {self.shots}-shot"
