"""Classes made in a notebook or a script, as members like ours."""

from __future__ import annotations

import inspect
from typing import TypeVar

from workbench.core.base.plugins import Origin
from workbench.core.base.settings import Settings
from workbench.core.config.members import admit, section_of
from workbench.core.config.members import register as admitted
from workbench.core.config.sections import Sections

Member = TypeVar("Member", bound=type[Settings])


def register(member: Member) -> Member:
    """Make a class of a learner, a model or a task a choice like ours.

    It can decorate the class. One that is defined again takes its own place.
    """
    admitted(member)
    Sections.take_new_kinds()
    return member


def registered(member: type[Settings], module: str) -> None:
    """Make a class a choice that importing this module makes again."""
    admit(section_of(member), member, Origin(module=module))
    Sections.take_new_kinds()


def caller() -> str:
    """Return the module outside this package from which it was called."""
    frame = inspect.currentframe()
    while frame and str(frame.f_globals.get("__name__")).startswith("workbench."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else "__main__"
