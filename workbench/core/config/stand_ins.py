"""Stand-ins for members that are not there: a run of theirs can still be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from pydantic import ConfigDict, ValidationError

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.lazy import torch
from workbench.core.base.plugins import MemberError
from workbench.core.base.settings import Settings
from workbench.core.config.members import kinds
from workbench.core.config.sections import (
    EvaluationSettings,
    TrainingSettings,
)
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import (
    MetaLearner,
    Objective,
    Order,
    TaskGradient,
)
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import (
    ClassificationSettings,
    TaskFamily,
    TaskSettings,
)


def with_stand_ins(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the sections to look at, not to train; None if more is wrong in them."""
    try:
        return {
            "task": _found("task", values, _task_like(values["task"])),
            "model": _found("model", values, MissingModel),
            "algorithm": _found("algorithm", values, MissingLearner),
            "training": TrainingSettings.model_validate(values.get("training", {})),
            "evaluation": EvaluationSettings.model_validate(
                values.get("evaluation", {})
            ),
        }
    except (ValidationError, KeyError, AttributeError, TypeError):
        return None


class _MissingTask(TaskSettings):
    model_config = ConfigDict(extra="allow")

    title = "missing"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Nothing is known of it."""
        return ()

    def open(
        self, data: Path, device: torch.device, cancel: CancelFlag | None = None
    ) -> TaskFamily:
        """Refuse."""
        _refuse(self.kind)


class MissingRegression(_MissingTask):
    """Stands for a regression whose class is not there."""

    problem = "regression"

    @property
    def outputs(self) -> int:
        """Nothing is known of it."""
        return 1


class MissingReinforcement(_MissingTask):
    """Stands for tasks to act in whose class is not there."""

    problem = "reinforcement"

    @property
    def outputs(self) -> int:
        """Nothing is known of it."""
        return 1


class MissingClassification(_MissingTask, ClassificationSettings):
    """Stands for a classification whose class is not there."""


class MissingModel(ModelSettings):
    """Stands for a model whose class is not there."""

    model_config = ConfigDict(extra="allow")

    title = "missing"
    needs_images = False

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Refuse."""
        _refuse(self.kind)

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Refuse."""
        _refuse(self.kind)


class MissingLearner(MetaLearner):
    """Stands for a learner whose class is not there."""

    model_config = ConfigDict(extra="allow")

    title = "missing"
    paper = ""
    order: ClassVar[Order] = "first"
    memory = ""
    update_rule = ""

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Refuse."""
        _refuse(self.kind)

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Refuse."""
        _refuse(self.kind)


def _found(
    section: str, values: Mapping[str, Any], otherwise: type[Settings]
) -> Settings:
    member = kinds(section).get(values[section]["kind"], otherwise)
    return member.model_validate(values[section])


def _task_like(values: Mapping[str, Any]) -> type[TaskSettings]:
    if "ways" in values:
        return MissingClassification
    return MissingReinforcement if "horizon" in values else MissingRegression


def _refuse(kind: str) -> NoReturn:
    raise MemberError(f"{kind!r} is not there")
