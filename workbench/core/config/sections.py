"""The five sections of a configuration, and the choices each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workbench.core.base.settings import Settings, setting
from workbench.core.base.splits import Split
from workbench.core.config.members import OneOf
from workbench.core.config.members import kinds as kinds
from workbench.core.config.mistakes import Mistake
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.task_family import OF_POLICIES, TaskSettings
from workbench.core.learning.views import MOST_VIEWS

SECTION_TITLES = {
    "task": "Task",
    "model": "Model",
    "algorithm": "Learner",
    "training": "Training",
    "evaluation": "Evaluation",
}
SECTIONS = tuple(SECTION_TITLES)

SAME_RESULT = "same result"
"""Marks a setting that decides how a run is done, and not what comes of it."""

SEED = "seed"
"""Marks the seed: runs that differ in it alone are the same experiment again."""

CHANGEABLE_LATER = (
    "training.iterations",
    "training.checkpoint_every",
    "training.processes",
    "training.engine",
)
"""Fields that may be others, as those of the evaluation, when a run goes on."""


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
    optimiser: Literal["adam", "sgd", "trust region"] = setting(
        "adam",
        "Meta-optimiser",
        "What turns the meta-gradient into a step. A trust region (TRPO) is of "
        "policies; its steps are as long as its limit lets them, and the meta learning "
        "rate is not used.",
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
        none="no limit",
        gt=0,
        advanced=True,
    )
    kl_limit: float = setting(
        0.01,
        "Trust region",
        "Mean KL of adapted policies before and after a meta-step, at the most.",
        gt=0,
        le=10,
        advanced=True,
        mark=OF_POLICIES,
    )
    seed: int = setting(
        0,
        "Seed",
        "Decides every random draw of the run: the same seed, the same run.",
        ge=0,
        le=2**31 - 1,
        mark=SEED,
    )
    checkpoint_every: int = setting(
        500,
        "Checkpoint every",
        "Meta-steps between checkpoints: at most this many are lost to a power cut.",
        ge=1,
        unit="meta-steps",
        advanced=True,
        mark=SAME_RESULT,
    )
    processes: int = setting(
        1,
        "Processes",
        "Processes that share the tasks of a meta-batch, on this machine; one for each "
        "GPU where there are some. On a CPU the numbers are the same with any number "
        "of them, and tasks too small to be sent are computed in one. On several "
        "machines torchrun starts them.",
        ge=1,
        le=1024,
        unit="processes",
        advanced=True,
        mark=SAME_RESULT,
    )
    engine: Literal["auto", "loop", "threads", "vmap", "compiled"] = setting(
        "auto",
        "Engine",
        "How tasks are mapped over the meta-batch; auto takes the fastest that needs "
        "no compiler. Compiled is faster on small networks, such as sinusoids', and "
        "rounds otherwise; it waits for a C++ compiler before the first run.",
        advanced=True,
        mark=SAME_RESULT,
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
        "Inner steps when a task is evaluated; may go beyond training's. The best "
        "checkpoint is that of the best validation after as many.",
        ge=1,
        le=1000,
        unit="steps",
    )
    shots: int | None = setting(
        None,
        "Shots at test",
        "Support examples when a task is evaluated; empty for as many as in training.",
        none="as trained",
        ge=1,
        le=1000,
        unit="examples",
    )
    queries: int | None = setting(
        None,
        "Queries at test",
        "Query examples when a task is evaluated; empty for as many as in training.",
        none="as trained",
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
    views: int = setting(
        1,
        "Views",
        "Slightly moved, turned and scaled views of each picture whose mean feature "
        "counts when a task is evaluated: less error, at as many times the cost.",
        ge=1,
        le=MOST_VIEWS,
        unit="views",
        advanced=True,
    )


class Sections(Settings):
    """Everything that decides a run, whether its sections fit together or not."""

    task: Annotated[TaskSettings, OneOf("task", "tasks", TaskSettings)]
    model: Annotated[ModelSettings, OneOf("model", "models", ModelSettings)]
    algorithm: Annotated[MetaLearner, OneOf("algorithm", "algorithms", MetaLearner)]
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    @classmethod
    def take_new_kinds(cls) -> None:
        """Know all members that there are now."""
        for model in (cls, *cls.__subclasses__()):
            model.model_rebuild(force=True)

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


def is_changeable_later(dotted: str) -> bool:
    """Return whether a field may be another one when a run that has begun goes on."""
    return dotted in CHANGEABLE_LATER or dotted.startswith("evaluation.")


def section_models(section: str) -> tuple[type[BaseModel], ...]:
    """Return the settings classes a section may hold."""
    single: dict[str, type[BaseModel]] = {
        "training": TrainingSettings,
        "evaluation": EvaluationSettings,
    }
    return (single[section],) if section in single else tuple(kinds(section).values())


def field_of(dotted: str, kind: str = "") -> FieldInfo | None:
    """Return a field of this kind of its section, or of the first that has it."""
    section, _, name = dotted.partition(".")
    own = kinds(section).get(kind)
    models = section_models(section) if section in SECTIONS else ()
    found = [each for each in (own, *models) if each and name in each.model_fields]
    return found[0].model_fields[name] if found else None


def field_title(dotted: str) -> str:
    """Return what forms call a field; its name, where no section has it."""
    field, name = field_of(dotted), dotted.partition(".")[2]
    return (field.title if field else "") or name


def titled_text(mistake: Mistake) -> str:
    """Return what is wrong with a field, which is called what the form calls it."""
    section, _, name = mistake.field.partition(".")
    title = SECTION_TITLES.get(section, "") if name in ("", "kind") else ""
    title = title or field_title(mistake.field)
    # What is of no section is not in the form: it is called as the file calls it.
    return str(mistake if title == name else mistake._replace(field=title))


def field_names() -> list[str]:
    """Return every dotted field name there is."""
    return sorted(
        {
            f"{section}.{field}"
            for section in SECTIONS
            for model in section_models(section)
            for field in model.model_fields
        }
    )
