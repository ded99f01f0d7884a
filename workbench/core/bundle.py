"""Makes a model to ship of a run: its best checkpoint, without the optimiser."""

from __future__ import annotations

from pathlib import Path

from workbench.core.checkpoint import load_checkpoint, save_checkpoint
from workbench.core.files import write_atomically
from workbench.core.run_store import RunFolder


def bundle(run: RunFolder, folder: Path) -> Path:
    """Write a run's configuration, facts and best meta-parameters to a run's folder.

    The optimiser's state is left behind, and with it two thirds of the size.
    """
    checkpoint = load_checkpoint(run.checkpoint("best"))
    info = run.info().model_copy(
        update={"state": "completed", "pid": None, "host": "", "message": ""}
    )
    target = RunFolder(folder)
    target.checkpoints.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "config.toml", run.config().to_toml().encode())
    write_atomically(folder / "run.json", info.model_dump_json(indent=1).encode())
    file = target.checkpoints / "best.safetensors"
    save_checkpoint(file, checkpoint._replace(optimiser={}))
    return file
