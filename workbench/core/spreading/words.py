"""What processes say to each other."""

from __future__ import annotations

import pickle
from typing import NamedTuple

from workbench.core.base.devices import describe, is_out_of_memory
from workbench.core.base.lazy import torch


class Ask(NamedTuple):
    """Asks for a part of a mean; with it come first arguments, tasks and the rest.

    The function is sent once, and has a number from then on.
    """

    number: int
    function: bytes
    sizes: tuple[int, ...]
    is_step: bool
    """Whether it is a meta-step's, of which all are alike."""


class AskAgain(NamedTuple):
    """Asks for the same part with other first arguments, which come with it."""


class End(NamedTuple):
    """Says that there is nothing left to do."""


class Totals(NamedTuple):
    """Says that each hand's sum comes with it."""


class Failed(NamedTuple):
    """Says that something failed, and what: an error, or the want of memory."""

    error: bytes
    text: str
    out_of: str = ""
    """The device without memory."""

    @classmethod
    def by(cls, error: Exception, device: torch.device) -> Failed:
        """Return what is said of an error."""
        out_of = describe(device) if is_out_of_memory(error) else ""
        text = str(error) or type(error).__name__
        try:
            kept = pickle.dumps(error)
            pickle.loads(kept)
        except Exception:  # whatever errors of others do when they are taken apart
            kept = b""
        return cls(kept, text, out_of)
