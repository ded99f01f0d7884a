"""Lets an error in a handler of Qt's events be shown, where it would end the program.

WORKAROUND: before Python 3.12 an error that C code raises, as ``[][0]`` does, has no
instance yet while it is on its way. PySide 6.11 looks for the instance's arguments when
an overridden handler raises below another call from Python, and crashes. An error that
Python code has caught and let go on has one.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject

_HANDLER = re.compile(r"event|eventFilter|\w+Event|paint|data|(minimumS|s)izeHint")


def raise_errors_whole() -> None:
    """See to the handlers of all classes that are made from now on."""
    if sys.version_info < (3, 12):
        QObject.__init_subclass__ = classmethod(_see_to)  # type: ignore[assignment]


def _see_to(cls: type) -> None:
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and _HANDLER.fullmatch(name):
            setattr(cls, name, _raising_whole(method))


def _raising_whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def handler(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except BaseException:
            raise  # with an instance

    return handler
