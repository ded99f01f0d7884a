"""Configurations that train in a moment, and runs of them."""

from __future__ import annotations

from tests.made_stores import configuration
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train
from workbench.gui.shell.session import Session


def small(**overrides: object) -> RunConfig:
    """Return sinusoids, three meta-steps of them."""
    return configuration(
        **{
            "training__iterations": 3,
            "training__meta_batch": 2,
            "evaluation__every": 3,
            "evaluation__tasks": 4,
            "evaluation__validation_tasks": 2,
            **overrides,
        }
    )


def trained(session: Session, **overrides: object) -> RunFolder:
    """Train a small run to its end."""
    folder = RunFolder.create(session.runs, small(**overrides), name="trained")
    list(train(folder, data=session.data))
    return folder
