"""What can be wrong with a cluster."""

from __future__ import annotations

from workbench.core.base.errors import WorkbenchError


class ClusterError(WorkbenchError):
    """A cluster cannot be used; the message says why and what helps."""
