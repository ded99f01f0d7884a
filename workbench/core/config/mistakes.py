"""What is wrong in a configuration, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.core.base.errors import Remedy, WorkbenchError
from workbench.core.base.phrases import one_line


class Mistake(NamedTuple):
    """One thing wrong in a configuration: the dotted field, and what to do."""

    field: str
    message: str

    def __str__(self) -> str:
        """Return it as one line."""
        field = one_line(self.field)  # of a name that nobody knows it may be any text
        return f"{field}: {self.message}" if field else self.message


class ConfigError(WorkbenchError, ValueError):
    """A configuration that cannot be run; ``mistakes`` says why, field by field."""

    def __init__(self, mistakes: Iterable[Mistake], *remedies: Remedy) -> None:
        self.mistakes = tuple(mistakes)
        text = "\n".join(str(mistake) for mistake in self.mistakes)
        super().__init__(text, *remedies)
