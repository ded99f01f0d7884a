"""The whole configuration of a run: typed, frozen, checked; TOML in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import tomli_w
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from workbench.core.base.settings import NO_VALUE, Settings
from workbench.core.config.holdings import too_large
from workbench.core.config.overrides import ConfigError as ConfigError
from workbench.core.config.overrides import Mistake as Mistake
from workbench.core.config.overrides import check_fields as check_fields
from workbench.core.config.overrides import explain, parse_toml, with_overrides
from workbench.core.config.overrides import parse_override as parse_override
from workbench.core.config.overrides import read_toml as read_toml
from workbench.core.config.sections import AnyAlgorithm, AnyModel, AnyTask
from workbench.core.config.sections import EvaluationSettings as EvaluationSettings
from workbench.core.config.sections import TrainingSettings as TrainingSettings
from workbench.core.config.sections import field_names as field_names
from workbench.core.config.sections import kinds as kinds
from workbench.core.config.sections import section_models as section_models
from workbench.core.learning.meta_learner import INNER_BATCH, TEST_BATCH
from workbench.core.learning.task_family import ClassificationSettings, Split


class RunConfig(Settings):
    """Everything that decides a run, in five sections."""

    task: AnyTask
    model: AnyModel
    algorithm: AnyAlgorithm
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        misfits = [Mistake(place, message) for place, message in _misfits(self)]
        if misfits:
            text = "; ".join(mistake.message for mistake in misfits)
            raise PydanticCustomError(
                "misfit", "{text}", {"text": text, "misfits": misfits}
            )
        return self

    def examples_per_class(
        self, split: Split, *, training: bool | None = None
    ) -> tuple[int, int]:
        """Return the shots and queries of a split's episodes.

        The train split's are those of training, unless it is evaluated.
        """
        if training is None:
            training = split == "train"
        if training:
            return self.algorithm.shots(self.task.shots), self.task.queries
        return (
            self.evaluation.shots or self.task.shots,
            self.evaluation.queries or self.task.queries,
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Validate nested values; ConfigError with every mistake found."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, values)) from None

    @classmethod
    def from_toml(cls, text: str) -> RunConfig:
        """Read a configuration from TOML; ConfigError says what is wrong in it."""
        return cls.from_dict(parse_toml(text))

    def to_toml(self) -> str:
        """Return the whole configuration as TOML; ``none`` stands for no value."""
        return tomli_w.dumps(_without_null(self.model_dump(mode="json")))

    def replace(self, overrides: Mapping[str, Any]) -> RunConfig:
        """Return a copy with dotted fields replaced, validated anew."""
        return self.from_dict(with_overrides(self.model_dump(mode="json"), overrides))


def _misfits(config: RunConfig) -> Iterator[tuple[str, str]]:
    """Yield (field, message) for settings that do not go together."""
    task, model = config.task, config.model
    is_image = len(task.input_shape) == 3
    if model.needs_images and not is_image:
        yield (
            "model.kind",
            f"{model.title} takes images, but {task.title} gives numbers: choose the "
            "mlp model, or a task of images",
        )
    elif refusal := model.refusal(task.input_shape):
        yield "model.kind", refusal
    if model.head == "shared" and task.problem == "regression":
        yield (
            "model.head",
            f"a shared head copies one row per class, but {task.title} has no classes: "
            "choose 'per class'",
        )
    if model.mixes_batch and not model.needs_images:
        yield from _batches_of_one(config)
    if isinstance(task, ClassificationSettings):
        yield from too_large(config, task, task.limits)


def _batches_of_one(config: RunConfig) -> Iterator[tuple[str, str]]:
    """Yield the fields that leave batch statistics a single example."""
    task, judged = config.task, config.evaluation
    every = task.outputs if isinstance(task, ClassificationSettings) else 1
    shots, queries = config.examples_per_class("train")
    test_shots, test_queries = config.examples_per_class("test")
    learner = config.algorithm
    batches = (
        ("task.shots", every * min(shots, test_shots)),
        ("task.queries", every * queries),
        ("evaluation.queries", every * test_queries if judged.transductive else 2),
        (learner.field_for(INNER_BATCH), learner.inner_batch(training=True)),
        (learner.field_for(TEST_BATCH), learner.inner_batch(training=False)),
    )
    for field, examples in batches:
        if examples == 1:
            yield (
                field,
                "batch norm needs two examples at least in a batch, and this leaves "
                "one: choose more, or another norm",
            )


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items()}
    return NO_VALUE if value is None else value
