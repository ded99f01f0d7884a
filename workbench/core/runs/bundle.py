"""Makes a small run folder of a run: what uses its model needs, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.core.base.files import made_atomically, write_atomically
from workbench.core.base.temporaries import sweep
from workbench.core.runs.checkpoint import load_checkpoint, save_checkpoint
from workbench.core.runs.errors import RunError, refused_by_disk
from workbench.core.runs.evaluations import own_test, write_evaluation
from workbench.core.runs.store import RunFolder
from workbench.core.runs.targets import refuse_taken

_OVER: dict[str, Any] = {
    "state": "completed",
    "message": "",
    "remedies": (),
    "pid": None,
    "host": "",
    "process_mark": "",
    "heartbeat": 0.0,
}


def bundle(
    run: RunFolder,
    folder: Path,
    changes: Mapping[str, Any] | None = None,
    which: str = "best",
) -> Path:
    """Write a run's configuration, facts and meta-parameters to a run's folder.

    They are those of the best checkpoint or the ``latest``; the optimiser's state is
    left behind, and with it two thirds of the size. ``changes`` are fields of the
    configuration that serve better than those of training, as
    ``{"algorithm.inner_steps": 5}``.
    """
    refuse_taken(folder, replace=True)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} is there already: name a new folder")
    checkpoint = load_checkpoint(run.checkpoint(which))
    config = run.config().replace(changes or {})
    facts = checkpoint.facts | {"config": config.model_dump(mode="json")}
    kept = checkpoint._replace(optimiser={}, facts=facts)
    test = own_test(run.path)
    over = {**_OVER, "test": None if test is None else test.id}
    info = run.info().model_copy(update=over)
    sweep(folder.parent, folder.name)
    with refused_by_disk(folder), made_atomically(folder) as part:
        write_atomically(part / "config.toml", config.to_toml().encode())
        write_atomically(part / "run.json", info.model_dump_json(indent=1).encode())
        if test is not None:
            write_evaluation(part, test)
        checkpoints = RunFolder(part).checkpoints
        checkpoints.mkdir()
        save_checkpoint(checkpoints / "best.safetensors", kept)
    return folder
