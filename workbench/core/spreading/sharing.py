"""Whether several processes share a run's tasks."""

from __future__ import annotations

from workbench.core.base.devices import choose_device
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import PartedEngine, choose_engine
from workbench.core.spreading.launched import launched


def is_shared_out(config: RunConfig, device: str) -> bool:
    """Whether several processes share a run's tasks.

    On a CPU small networks are computed for all tasks as one batch, in less than a
    message takes, and rounded as its size has it: one process does that alone.
    """
    at = choose_device(device)
    engine = choose_engine(config.training.engine, at, config.task, 1)
    return isinstance(engine, PartedEngine) and (engine.is_exact or at.type != "cpu")


def why_alone(config: RunConfig, device: str) -> str:
    """Return why one process computes what several are there for; empty if not so."""
    place = launched()
    processes = place.processes if place else config.training.processes
    if processes == 1 or is_shared_out(config, device):
        return ""
    is_compiled = config.training.engine == "compiled"
    return f"one of {processes} processes computes: " + (
        "what is compiled is not shared out"
        if is_compiled
        else "small networks take a CPU less time than a message takes"
    )
