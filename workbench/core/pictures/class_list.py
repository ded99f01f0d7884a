"""The classes of a data set without their pictures: what a form can know at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from workbench.core.base.splits import Split


class ClassList(NamedTuple):
    """What classes are called, how many pictures each has, and in which group it is.

    ``given_splits`` are the rows of each split, where the data set comes with splits.
    """

    names: tuple[str, ...]
    counts: Sequence[int]
    groups: Sequence[int]
    given_splits: Mapping[Split, list[int]]


def drawn_from(
    classes: ClassList, rows: Iterable[int], turns: int, ways: int, *, by_group: bool
) -> list[list[int]]:
    """Return the lists of classes that a task's are drawn from: one, or one a group.

    A member stands for class ``member // 4`` turned by ``member % 4`` quarters. Groups
    with fewer than ``ways`` members are left out; if all have fewer, the largest stays.
    """
    by_key: dict[int, list[int]] = {}
    for row in rows:
        members = by_key.setdefault(classes.groups[row] if by_group else 0, [])
        members.extend(4 * row + turn for turn in range(turns))
    eligible = [members for members in by_key.values() if len(members) >= ways]
    return eligible or [max(by_key.values(), key=len, default=[])]
