"""Makes folders of runs for tests: real ones, cheap ones by the thousand, damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from workbench.core.config.run_config import RunConfig
from workbench.core.runs.store import RunFolder, RunInfo

_LONG_AGO = 1.7e9
EPISODES: dict[str, Any] = {
    "split": "test",
    "split_hash": "",
    "ways": None,
    "shots": 5,
    "queries": 10,
    "steps": 1,
    "transductive": True,
    "norm": "none",
    "seed": 0,
}
"""What an evaluation of sinusoids says of its episodes."""


def configuration(**overrides: Any) -> RunConfig:
    """Return sinusoids with MAML; ``__`` stands for the dot of a field's name."""
    config = RunConfig.from_dict(
        {
            "task": {"kind": "sinusoid"},
            "model": {"kind": "mlp"},
            "algorithm": {"kind": "maml"},
        }
    )
    return config.replace({key.replace("__", "."): overrides[key] for key in overrides})


def add_run(
    runs: Path, config: RunConfig | None = None, *, name: str = "", **info: Any
) -> RunFolder:
    """Add a run as if it had been trained."""
    folder = RunFolder.create(runs, config or configuration(), name=name)
    if info:
        folder.update(**info)
    return folder


def add_many(runs: Path, count: int) -> None:
    """Add many runs, with one write for each file and no waiting for the disk."""
    text = [configuration(training__seed=seed).to_toml() for seed in range(5)]
    for number in range(count):
        folder = runs / f"run-{number:05d}-20260101-{number:06d}-abc123"
        folder.mkdir(parents=True)
        info = RunInfo(
            id=f"20260101-{number:06d}-abc123",
            name=f"sweep {number}",
            state="completed",
            created="2026-01-01T00:00:00+00:00",
            step=2000,
            iterations=2000,
            seconds=float(number),
            device="CPU",
            best=number / count,
            test={"loss": number / count, "loss_ci95": 0.01, "accuracy": None},
        )
        (folder / "run.json").write_text(info.model_dump_json())
        (folder / "config.toml").write_text(text[number % 5])


def add_damaged(runs: Path, count: int) -> None:
    """Add folders that are no runs, each broken in one of many ways."""
    for number in range(count):
        folder = add_run(runs, name=f"broken {number}").path
        info, config = folder / "run.json", folder / "config.toml"
        match number % 10:
            case 0:
                info.write_bytes(info.read_bytes()[:40])
            case 1:
                info.write_bytes(b"")
            case 2:
                info.write_bytes(b"\xff\xfe\x00garbage")
            case 3:
                info.unlink()
            case 4:
                config.unlink()
            case 5:
                config.write_bytes(b"\x80\x81 not text")
            case 6:
                config.write_text("task = 5\nmodel = []")
            case 7:
                info.unlink()
                config.unlink()
            case 8:
                info.unlink()
                info.mkdir()
            case 9:
                info.write_text('{"id": 1, "name": [], "created": {}}')
        os.utime(folder, (_LONG_AGO, _LONG_AGO))
