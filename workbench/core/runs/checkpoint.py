"""Checkpoints: one safetensors file with all that a run needs to go on."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from workbench.core.base.files import read, write_atomically
from workbench.core.base.lazy import torch
from workbench.core.learning.params import Params, named_leaves, unflatten
from workbench.core.runs.errors import RunError


class Facts(BaseModel):
    """What a checkpoint says besides its tensors."""

    model_config = ConfigDict(extra="allow")

    step: int
    best: float | None = None
    evaluated: int = -1
    saved: int = -1
    seconds: float = 0.0
    length: int = 0
    split_hash: str = ""


class Checkpoint(NamedTuple):
    """Meta-parameters, the learner's state, the optimiser's, and plain facts.

    Random generators are not among them: every draw is a function of the seed and the
    step (``base.randomness``).
    """

    meta: Params
    state: Params
    optimiser: Params
    facts: dict[str, Any]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint under a temporary name and rename it."""
    from safetensors.torch import save

    trees = {
        "meta": checkpoint.meta,
        "state": checkpoint.state,
        "optimiser": checkpoint.optimiser,
    }
    tensors = {
        name: leaf.detach().cpu().contiguous().clone()
        for name, leaf in named_leaves(trees)
    }
    # safetensors sorts by size; sums over a tree are bit-identical only in its order.
    facts = {
        "workbench": json.dumps(checkpoint.facts),
        "order": json.dumps(list(tensors)),
    }
    write_atomically(path, save(tensors, metadata=facts))


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint; RunError if the file is none, or is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        content = read(path)
        tensors, metadata = load(content), _metadata(content)
        facts = Facts.model_validate_json(metadata["workbench"]).model_dump()
        trees = unflatten(
            {name: tensors[name] for name in json.loads(metadata["order"])}
        )
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None
    except (
        SafetensorError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        raise RunError(f"{path} is not a checkpoint, or is damaged: {error}") from None
    on_device = {
        name: _to(trees.get(name, {}), device)
        for name in ("meta", "state", "optimiser")
    }
    return Checkpoint(**on_device, facts=facts)


def _metadata(content: bytes) -> dict[str, str]:
    (length,) = struct.unpack("<Q", content[:8])
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    metadata: dict[str, str] = header["__metadata__"]
    return metadata


def _to(tree: Params, device: torch.device | str) -> Params:
    return {
        name: _to(leaf, device) if isinstance(leaf, dict) else leaf.to(device)
        for name, leaf in tree.items()
    }
