"""What a data set is: what there is of it here, and how it gets here.

A data set is a subclass of ``DataSet`` in a module of ``workbench.tasks``; the command
line and the window's Data tab list all there are. Nothing here needs torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress
from workbench.core.base.errors import DataError, Remedy, RemedyKind
from workbench.core.base.registry import members
from workbench.core.base.settings import Settings
from workbench.core.base.suggestions import did_you_mean
from workbench.core.pictures.store import PictureIndex


class DataState(StrEnum):
    """How much of a data set there is."""

    READY = "ready"
    PARTLY = "partly there"
    MISSING = "not here"


@dataclass(frozen=True)
class DataReport:
    """What there is of a data set: ``message`` says what to do, or what to know."""

    state: DataState
    message: str = ""
    folder: Path | None = None
    bytes: int = 0
    classes: int = 0
    pictures: int = 0
    groups: int = 0
    left_out: tuple[str, ...] = ()
    made: str = ""
    """The name of the data set that an import made, where it made a new one."""
    splits: tuple[str, ...] = ()
    """How it is split here, where that is more than the data set's own lines say."""

    @property
    def size(self) -> str:
        """How much room it takes, in words; empty where it is not here."""
        if self.state is DataState.READY and not self.bytes:
            return "drawn when needed"
        return size_text(self.bytes)

    @classmethod
    def of(
        cls, index: PictureIndex, folder: Path, size: int, message: str = ""
    ) -> DataReport:
        """Return the report on pictures that are all there."""
        return cls(
            DataState.READY,
            message,
            folder,
            size,
            len(index.names),
            index.total,
            len(index.group_names),
            index.left_out,
        )


def size_text(size: int) -> str:
    """Return a number of bytes as a person would say it; empty for none."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B" if size else ""


class DataSet(ABC):
    """One data set; what it holds is told by class attributes and ``report``."""

    name: str
    """What the command line calls it."""
    title: str
    licence: ClassVar[str]
    splits: ClassVar[tuple[str, ...]]
    """A line on each way to split it."""
    imports: ClassVar[str]
    """What can be imported, in a sentence."""
    signs: ClassVar[tuple[str, ...]] = ()
    """Parts of names by which its files are known, in small letters; else its own."""
    can_fetch: ClassVar[bool] = False
    can_import: bool = True
    """Whether it is offered where something is to be imported."""
    options: ClassVar[type[Settings] | None] = None
    """What there is to choose when it is imported, as a form."""

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """How it gets here."""
        ways = {RemedyKind.FETCH: self.can_fetch, RemedyKind.IMPORT: self.can_import}
        return tuple(
            Remedy(kind=kind, subject=self.name) for kind in ways if ways[kind]
        )

    @classmethod
    def all_in(cls, data: Path) -> tuple[DataSet, ...]:
        """Return the data sets of this kind; most kinds have one."""
        return (cls(),)

    def is_made_here(self, data: Path) -> bool:
        """Return whether pictures that are missing are made again when needed."""
        return False

    @abstractmethod
    def report(self, data: Path) -> DataReport:
        """Return what there is of it in the data folder; never DataError."""

    def fetch(
        self,
        data: Path,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> None:
        """Download it; DataError says what to do where that cannot be done."""
        text = f"{self.title} cannot be downloaded here. {self.imports}"
        raise DataError(text, *self.remedies)

    def made_by(self, path: Path, options: Settings | None = None) -> str:
        """Return the name of the data set that importing a path makes, or replaces."""
        return self.name

    @abstractmethod
    def import_from(
        self,
        data: Path,
        path: Path,
        options: Settings | None = None,
        progress: Progress = no_progress,
        cancel: CancelFlag | None = None,
    ) -> DataReport:
        """Bring in a local copy; what was there before stays if that fails."""


def data_sets(data: Path) -> tuple[DataSet, ...]:
    """Return every data set there is or could be."""
    return tuple(
        found
        for kind in members("workbench.tasks", DataSet)  # type: ignore[type-abstract]
        for found in kind.all_in(data)
    )


def data_set(name: str, data: Path) -> DataSet:
    """Return the data set of that name; DataError names those there are."""
    known = {found.name: found for found in data_sets(data)}
    if name not in known:
        hint = did_you_mean(name, known)
        raise DataError(
            f"there is no data set {name!r}{hint} (there are: {', '.join(known)})"
        )
    return known[name]
