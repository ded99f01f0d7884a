"""Which of the classes in an evaluation's tasks were there in training already."""

from __future__ import annotations

from workbench.core.learning.task_family import Split, TaskFamily, TaskSettings
from workbench.core.pictures.class_bank import ImageFamily
from workbench.core.pictures.image_settings import ImageTaskSettings

_SAME_PICTURES = frozenset(
    {"ways", "shots", "queries", "rotation", "reduction", "within_alphabet", "ink"}
    | {"split", "split_seed", "train_share", "validation_share", "leave_out_small"}
    | {"distortion_in_training"}
)
"""Settings that decide what is drawn from the pictures, and not which there are."""


def same_pictures(one: TaskSettings | None, other: TaskSettings | None) -> bool:
    """Return whether two tasks draw from the same pictures, if by other splits."""
    if one is None or other is None or type(one) is not type(other):
        return False
    left, right = one.model_dump(), other.model_dump()
    return all(left[name] == right[name] for name in left.keys() - _SAME_PICTURES)


def classes_seen(trained_on: TaskSettings, family: TaskFamily, split: Split) -> int:
    """Return how many classes of the split belong to the training split of a task."""
    if (
        not isinstance(family, ImageFamily)
        or not isinstance(trained_on, ImageTaskSettings)
        or not same_pictures(trained_on, family.settings)
    ):
        return 0
    trained = set(trained_on.splits(family.bank.listed)["train"])
    return len(trained.intersection(family.splits[split]))
