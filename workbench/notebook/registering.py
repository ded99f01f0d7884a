"""Classes made in a notebook or a script, as members like ours."""

from __future__ import annotations

import inspect
from typing import Any, Literal, TypeVar

from workbench.core.base.plugins import Origin
from workbench.core.base.settings import Settings
from workbench.core.config.members import admit, section_of
from workbench.core.config.members import register as admitted
from workbench.core.config.sections import Sections

Member = TypeVar("Member", bound=type[Settings])
Made = TypeVar("Made", bound=Settings)


def register(member: Member) -> Member:
    """Make a class of a learner, a model or a task a choice like ours.

    It can decorate the class. One that is defined again takes its own place.
    """
    admitted(member)
    Sections.take_new_kinds()
    return member


def made(base: type[Made], kind: str, doc: str, **about: Any) -> type[Made]:
    """Make a class of this kind, a choice that importing the caller makes again."""
    own = {"__module__": __name__, "__doc__": doc, "kind": kind, "title": kind}
    annotations = {"__annotations__": {"kind": Literal[kind]}}
    member: type[Made] = type(kind, (base,), {**own, **annotations, **about})
    admit(section_of(member), member, Origin(module=caller()))
    Sections.take_new_kinds()
    return member


def caller() -> str:
    """Return the module outside this package from which it was called."""
    frame = inspect.currentframe()
    while frame and str(frame.f_globals.get("__name__")).startswith("workbench."):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else "__main__"
