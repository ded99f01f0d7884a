"""Which of the classes in an evaluation's tasks were there in training already."""

from __future__ import annotations

from workbench.core.base.settings import marked
from workbench.core.base.splits import Split
from workbench.core.learning.task_family import (
    SAME_CLASSES,
    SAME_PICTURES,
    TaskFamily,
    TaskSettings,
)
from workbench.core.pictures.image_family import ImageFamily, ImageTaskSettings


def same_pictures(one: TaskSettings | None, other: TaskSettings | None) -> bool:
    """Return whether two tasks draw from the same pictures, if by other splits."""
    return _are_equal_but_for(one, other, SAME_PICTURES)


def _are_equal_but_for(
    one: TaskSettings | None, other: TaskSettings | None, *marks: str
) -> bool:
    if one is None or other is None or type(one) is not type(other):
        return False
    left, right = one.model_dump(), other.model_dump()
    aside = {name for mark in marks for name in marked(type(one), mark)}
    return all(left[name] == right[name] for name in left.keys() - aside)


def classes_seen(trained_on: TaskSettings, family: TaskFamily, split: Split) -> int:
    """Return how many classes of the split belong to the training split of a task."""
    if (
        not isinstance(family, ImageFamily)
        or not isinstance(trained_on, ImageTaskSettings)
        or not _are_equal_but_for(
            trained_on, family.settings, SAME_PICTURES, SAME_CLASSES
        )
    ):
        return 0
    trained = set(trained_on.splits(family.bank.listed)["train"])
    return len(trained.intersection(family.splits[split]))
