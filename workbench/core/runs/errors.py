"""What can be wrong with a run."""

from __future__ import annotations

from workbench.core.base.errors import WorkbenchError


class RunError(WorkbenchError):
    """A run cannot be used; the message says which and why."""
