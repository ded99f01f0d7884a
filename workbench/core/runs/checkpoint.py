"""Checkpoints: one safetensors file with all that a run needs to go on."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.base.errors import MALFORMED
from workbench.core.base.files import open_to_read, read, write_atomically
from workbench.core.base.lazy import torch
from workbench.core.base.phrases import one_line
from workbench.core.learning.params import Params, named_leaves, unflatten
from workbench.core.runs.errors import RunError, Unreadable
from workbench.core.runs.events import MetaStep

_MOST_BYTES = 2**34
_HEADER_BYTES = 2**22


class Facts(BaseModel):
    """What a checkpoint says besides its tensors.

    ``config`` are the values of the configuration that it was trained with; those that
    earlier versions wrote have none.
    """

    model_config = ConfigDict(extra="allow")

    step: MetaStep
    best: float | None = None
    evaluated: int = -1
    saved: int = -1
    seconds: float = Field(0.0, ge=0, allow_inf_nan=False)
    length: int = Field(0, ge=0, lt=2**53)
    split_hash: str = ""
    data_hash: str = ""
    config: dict[str, Any] = {}


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
    facts, order = json.dumps(checkpoint.facts), json.dumps(list(tensors))
    digest = _digest(facts, order, tensors)
    about = {"workbench": facts, "order": order, "digest": digest}
    write_atomically(path, save(tensors, metadata=about))


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint; RunError if the file is none, or is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        content = read(path, _MOST_BYTES)
        loaded, metadata = load(content), _metadata(content)
        order = metadata["order"]
        tensors = {name: loaded[name] for name in json.loads(order)}
        _verify(metadata, _digest(metadata["workbench"], order, tensors))
        facts = Facts.model_validate_json(metadata["workbench"]).model_dump()
        trees = unflatten(tensors)
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror}") from None
    except (SafetensorError, RuntimeError, struct.error, *MALFORMED) as error:
        why = one_line(str(error))
        raise RunError(f"{path} is not a checkpoint, or is damaged: {why}") from None
    on_device = {
        name: _to(trees.get(name, {}), device)
        for name in ("meta", "state", "optimiser")
    }
    return Checkpoint(**on_device, facts=facts)


def facts_of(path: Path) -> Facts:
    """Read what a checkpoint says of itself, unverified; RunError if it is none."""
    try:
        with open_to_read(path) as file:
            start = file.read(_HEADER_BYTES)
        return Facts.model_validate_json(_metadata(start)["workbench"])
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None
    except (*MALFORMED, struct.error) as error:
        why = one_line(str(error))
        raise RunError(f"{path} is not a checkpoint, or is damaged: {why}") from None


def _digest(facts: str, order: str, tensors: dict[str, torch.Tensor]) -> str:
    """Return what no change of a fact, of a tensor or of a single bit leaves alone."""
    digest = hashlib.sha256(f"{facts}\n{order}".encode())
    for name, leaf in tensors.items():
        digest.update(f"\n{name} {leaf.dtype} {tuple(leaf.shape)}\n".encode())
        digest.update(leaf.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _verify(metadata: dict[str, str], digest: str) -> None:
    """Raise ValueError where the content is not that which was written.

    Version 0.1.0 wrote no digest.
    """
    if metadata.get("digest", digest) != digest:
        raise ValueError("its digest differs")


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
