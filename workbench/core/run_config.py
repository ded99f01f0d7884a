"""The whole configuration of a run: typed, frozen, checked; TOML in and out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self, Union

import tomli_w
from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from workbench.core.meta_learner import MetaLearner
from workbench.core.model import ModelSettings
from workbench.core.phrases import what_is_wrong
from workbench.core.registry import members
from workbench.core.settings import NO_VALUE, Settings, setting
from workbench.core.suggestions import did_you_mean
from workbench.core.task_family import ClassificationSettings, Split, TaskSettings

if TYPE_CHECKING:
    AnyTask = TaskSettings
    AnyModel = ModelSettings
    AnyAlgorithm = MetaLearner
else:

    def _one_of(package: str, base: type) -> Any:
        return Annotated[Union[members(package, base)], Field(discriminator="kind")]  # noqa: UP007

    AnyTask = _one_of("workbench.tasks", TaskSettings)
    AnyModel = _one_of("workbench.models", ModelSettings)
    AnyAlgorithm = _one_of("workbench.algorithms", MetaLearner)


class Mistake(NamedTuple):
    """One thing wrong in a configuration: the dotted field, and what to do."""

    field: str
    message: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.field}: {self.message}" if self.field else self.message


class ConfigError(ValueError):
    """A configuration that cannot be run; ``mistakes`` says why, field by field."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class TrainingSettings(Settings):
    """How the meta-parameters are trained: the outer loop."""

    iterations: int = setting(
        2000,
        "Iterations",
        "Meta-steps to train for.",
        ge=1,
        le=10_000_000,
        unit="meta-steps",
    )
    meta_batch: int = setting(
        16,
        "Meta-batch",
        "Tasks whose meta-gradients are averaged in one meta-step.",
        ge=1,
        le=4096,
        unit="tasks",
        symbol="B",
    )
    optimiser: Literal["adam", "sgd"] = setting(
        "adam", "Meta-optimiser", "What turns the meta-gradient into a step."
    )
    meta_lr: float = setting(
        1e-3, "Meta learning rate", "Step size of the outer loop.", gt=0, symbol="β"
    )
    schedule: Literal["constant", "linear", "cosine"] = setting(
        "constant",
        "Schedule",
        "How the meta learning rate goes: constant, or to zero over the iterations.",
    )
    meta_clip: float | None = setting(
        None,
        "Meta-gradient limit",
        "Clip every entry of the meta-gradient to this size; empty for no limit.",
        gt=0,
        advanced=True,
    )
    seed: int = setting(
        0,
        "Seed",
        "Decides every random draw of the run: the same seed, the same run.",
        ge=0,
        le=2**31 - 1,
    )
    checkpoint_every: int = setting(
        500,
        "Checkpoint every",
        "Meta-steps between checkpoints: at most this many are lost to a power cut.",
        ge=1,
        unit="meta-steps",
        advanced=True,
    )
    engine: Literal["auto", "loop", "threads", "vmap"] = setting(
        "auto",
        "Engine",
        "How tasks are mapped over the meta-batch; auto takes the fastest measured.",
        advanced=True,
    )


class EvaluationSettings(Settings):
    """How the learner is judged, during training and after it."""

    every: int = setting(
        200,
        "Validate every",
        "Meta-steps between validations.",
        ge=1,
        unit="meta-steps",
    )
    validation_tasks: int = setting(
        100,
        "Validation tasks",
        "Tasks of the validation split, the same each time.",
        ge=2,
        le=100_000,
        unit="tasks",
    )
    tasks: int = setting(
        600,
        "Test tasks",
        "Tasks of the test split for the final figure.",
        ge=2,
        le=100_000,
        unit="tasks",
    )
    steps: int = setting(
        10,
        "Inner steps at test",
        "Inner steps when a task is evaluated; may go beyond training's.",
        ge=1,
        le=1000,
        unit="steps",
    )
    shots: int | None = setting(
        None,
        "Shots at test",
        "Support examples when a task is evaluated; empty for as many as in training.",
        ge=1,
        le=1000,
        unit="examples",
    )
    queries: int | None = setting(
        None,
        "Queries at test",
        "Query examples when a task is evaluated; empty for as many as in training.",
        ge=1,
        le=1000,
        unit="examples",
    )
    transductive: bool = setting(
        True,
        "Transductive",
        "Classify all queries of a task together, sharing batch statistics, as most "
        "papers do; otherwise each query alone beside the support set.",
    )


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

    def examples_per_class(self, split: Split) -> tuple[int, int]:
        """Return the shots and queries of this split's episodes."""
        if split == "train":
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
    if model.head == "shared" and task.problem == "regression":
        yield (
            "model.head",
            f"a shared head copies one row per class, but {task.title} has no classes: "
            "choose 'per class'",
        )
    if isinstance(task, ClassificationSettings):
        yield from _too_large(config, task)


def _too_large(
    config: RunConfig, task: ClassificationSettings
) -> Iterator[tuple[str, str]]:
    splits: tuple[Split, ...] = ("train", "validation", "test")
    for split in splits:
        limits = task.limits(split)
        if limits is None:
            continue
        if task.ways > limits.classes:
            yield (
                "task.ways",
                f"{task.ways} ways, but the {split} split has only "
                f"{limits.classes} classes",
            )
        shots, queries = config.examples_per_class(split)
        if shots + queries > limits.examples:
            yield (
                "task.queries",
                f"{shots} shots + {queries} queries = {shots + queries}, but a class "
                f"of the {split} split has {limits.examples} examples",
            )


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items()}
    return NO_VALUE if value is None else value


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; ConfigError with line and column if it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Mistake("", f"not valid TOML: {error}")]) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; ConfigError names the file where it cannot be read."""
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ConfigError([Mistake("", f"{path} is not a text file")]) from None
    except OSError as error:
        raise ConfigError(
            [Mistake("", f"cannot read {path}: {error.strerror}")]
        ) from None


def with_overrides(
    values: Mapping[str, Any], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Return nested ``values`` with dotted fields replaced.

    A new ``kind`` starts its section from the defaults, keeping the fields it shares.
    """
    result = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    for dotted in sorted(overrides, key=lambda name: not name.endswith(".kind")):
        section, _, field = dotted.partition(".")
        if not field or section not in RunConfig.model_fields:
            raise ConfigError([Mistake(dotted, _unknown(dotted, field_names()))])
        if field == "kind":
            result[section] = _switched(
                section, result.get(section, {}), overrides[dotted]
            )
        result.setdefault(section, {})[field] = overrides[dotted]
    return result


def _switched(section: str, values: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    choice = kinds(section).get(kind)
    if choice is None or values.get("kind") == kind:
        return dict(values)
    return {key: value for key, value in values.items() if key in choice.model_fields}


def parse_override(text: str) -> tuple[str, Any]:
    """Parse ``section.field=value``, the value as in TOML or as plain text."""
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise ConfigError([Mistake("", f"{text!r}: write it as section.field=value")])
    value = value.strip()
    if value.lower() in (NO_VALUE, ""):
        return name.strip(), None
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value


def kinds(section: str) -> dict[str, type[Settings]]:
    """Return the choices of a section by their ``kind``; empty if it has none."""
    package_base: dict[str, tuple[str, type[Any]]] = {
        "task": ("workbench.tasks", TaskSettings),
        "model": ("workbench.models", ModelSettings),
        "algorithm": ("workbench.algorithms", MetaLearner),
    }
    if section not in package_base:
        return {}
    return {
        choice.model_fields["kind"].default: choice
        for choice in members(*package_base[section])
    }


def section_models(section: str) -> tuple[type[BaseModel], ...]:
    """Return the settings classes a section may hold."""
    choices = tuple(kinds(section).values())
    annotation = RunConfig.model_fields[section].annotation
    return choices or ((annotation,) if isinstance(annotation, type) else ())


def field_names() -> list[str]:
    """Return every dotted field name there is."""
    return sorted(
        {
            f"{section}.{field}"
            for section in RunConfig.model_fields
            for model in section_models(section)
            for field in model.model_fields
        }
    )


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"there is no such field{did_you_mean(name, known)}"


def explain(error: ValidationError, values: Mapping[str, Any]) -> list[Mistake]:
    """Turn pydantic's errors into mistakes that name field, value and limits."""
    mistakes: list[Mistake] = []
    for item in error.errors(include_url=False):
        misfits = item.get("ctx", {}).get("misfits")
        mistakes += misfits or [_mistake(dict(item), values)]
    return mistakes


def _mistake(item: dict[str, Any], values: Mapping[str, Any]) -> Mistake:
    location = [str(part) for part in item["loc"]]
    section = location[0] if location else ""
    if len(location) > 1 and location[1] in kinds(section):
        del location[1]
    field = ".".join(location)
    if item["type"] == "extra_forbidden":
        known = (
            _known_fields(section, values)
            if len(location) > 1
            else RunConfig.model_fields
        )
        prefix = f"{section}." if len(location) > 1 else ""
        return Mistake(field, _unknown(field, (prefix + name for name in known)))
    if item["type"] == "missing":
        return Mistake(field, "is missing")
    if item["type"].startswith("union_tag"):
        given = (
            item["input"].get("kind")
            if isinstance(item["input"], dict)
            else item["input"]
        )
        hint = did_you_mean(str(given), kinds(section))
        return Mistake(
            f"{field}.kind",
            f"{given!r} is not one of {', '.join(kinds(section))}{hint}",
        )
    return Mistake(field, what_is_wrong(item))


def _known_fields(section: str, values: Mapping[str, Any]) -> Iterable[str]:
    chosen = values.get(section, {})
    kind = chosen.get("kind") if isinstance(chosen, Mapping) else None
    model = kinds(section).get(str(kind)) or next(iter(section_models(section)), None)
    return model.model_fields if model else ()
