"""What in a configuration does not go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.core.base.phrases import counted, shots_and_queries
from workbench.core.base.splits import SPLITS, Split
from workbench.core.config.mistakes import Mistake
from workbench.core.config.sections import Sections, kinds
from workbench.core.learning.meta_learner import INNER_BATCH, TEST_BATCH, TRAINING_SHOTS
from workbench.core.learning.task_family import (
    ClassificationSettings,
    Limits,
    TaskSettings,
)


def misfits(config: Sections) -> Iterator[Mistake]:
    """Yield what is wrong with settings that do not go together."""
    yield from _of_the_model(config)
    yield from _of_the_learner(config)
    task, model = config.task, config.model
    if config.evaluation.views > 1 and not _is_image(task):
        yield Mistake(
            "evaluation.views",
            f"views are of pictures, and {task.title} gives numbers: choose 1",
        )
    if task.problem == "reinforcement":
        yield from _not_of_acting(config)
    elif config.training.optimiser == "trust region":
        yield Mistake(
            "training.optimiser",
            f"a trust region is of policies, and {task.title} has none: choose 'adam' "
            "or 'sgd'",
        )
    if model.mixes_batch and not model.needs_images:
        yield from _batches_of_one(config)
    if isinstance(task, ClassificationSettings):
        yield from too_large(config, task, task.limits)


def _is_image(task: TaskSettings) -> bool:
    return len(task.input_shape) == 3


def _of_the_model(config: Sections) -> Iterator[Mistake]:
    """Yield what a model cannot take, or a head cannot be."""
    task, model, learner = config.task, config.model, config.algorithm
    if model.needs_images and not _is_image(task):
        yield Mistake(
            "model.kind",
            f"{model.title} takes images, but {task.title} gives numbers: choose the "
            f"{_of_numbers()} model, or a task of images",
        )
    elif refusal := model.refusal(task.input_shape):
        yield Mistake("model.kind", refusal)
    if model.head == "shared" and task.problem != "classification":
        yield Mistake(
            "model.head",
            f"a shared head copies one row per class, but {task.title} has no classes: "
            "choose 'per class'",
        )
    elif model.head == "shared" and not learner.adapts_head:
        yield Mistake(
            "model.head",
            f"all classes begin with a shared head's one row, and {learner.title} does "
            "not adapt the head: choose 'per class'",
        )


def _of_the_learner(config: Sections) -> Iterator[Mistake]:
    """Yield what a learner cannot learn from."""
    task, learner = config.task, config.algorithm
    has_classes = task.problem == "classification"
    if learner.needs_classes and not has_classes:
        yield Mistake(
            "algorithm.kind",
            f"{task.title} has no classes, which {learner.title} cannot do without: "
            "choose another learner, or a task of classes",
        )
    if learner.needs_regression and has_classes:
        yield Mistake(
            "algorithm.kind",
            f"{task.title} numbers its classes anew in every task, and {learner.title} "
            "learns only what all tasks have in common: choose another learner, or a "
            "regression",
        )


def _not_of_acting(config: Sections) -> Iterator[Mistake]:
    """Yield what cannot learn from trajectories."""
    task, model, learner = config.task, config.model, config.algorithm
    if learner.needs_examples:
        yield Mistake(
            "algorithm.kind",
            f"{learner.title} learns from examples that are there before it adapts, "
            f"and {task.title}'s trajectories are collected meanwhile: choose another "
            "learner, or another task",
        )
    if model.mixes_batch:
        yield Mistake(
            "model.kind",
            "a policy acts step by step, and batch norm needs all steps at once: "
            "choose another norm, or another model",
        )


def _of_numbers() -> str:
    """Return the models that take numbers."""
    models = kinds("model").items()
    return " or ".join(
        kind for kind, model in models if not getattr(model, "needs_images", True)
    )


def _batches_of_one(config: Sections) -> Iterator[Mistake]:
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
            yield Mistake(
                field,
                "batch norm needs two examples at least in a batch, and this leaves "
                "one: choose more, or another norm",
            )


def too_large(
    config: Sections,
    task: ClassificationSettings,
    held: Callable[[Split], Limits | None],
) -> Iterator[Mistake]:
    """Yield what asks for more than a split holds."""
    for split in SPLITS:
        limits = held(split)
        if limits is None:
            continue
        if task.ways > limits.classes:
            yield Mistake(
                "task.ways",
                f"{counted(task.ways, 'way')}, but the {split} split has only "
                f"{counted(limits.classes, 'class', 'classes')}",
            )
        shots, queries = config.examples_per_class(split)
        if shots + queries > limits.examples:
            yield Mistake(
                _asking(config, task, split),
                f"{shots_and_queries(shots, queries)}, but a class of the {split} "
                f"split has {counted(limits.examples, 'example')}",
            )


def _asking(config: Sections, task: ClassificationSettings, split: Split) -> str:
    """Return the field to change where a split's examples are too many."""
    if split == "train":
        has_own = config.algorithm.shots(task.shots) != task.shots
        own = config.algorithm.field_for(TRAINING_SHOTS)
        return own if has_own else "task.queries"
    if config.evaluation.queries:
        return "evaluation.queries"
    return "evaluation.shots" if config.evaluation.shots else "task.queries"
