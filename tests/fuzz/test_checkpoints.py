"""Checkpoints that are damaged, or of something else: none is taken for a whole one."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from random import Random
from typing import Any

import torch

from tests.fuzz.damage import ODD_VALUES, damaged, json_value
from tests.fuzz.holding import Holder, held
from tests.made_runs import finish, made, stop_after
from workbench.core.base.errors import MALFORMED
from workbench.core.learning.params import named_leaves
from workbench.core.runs.checkpoint import (
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
)


def parts(content: bytes) -> tuple[bytes, bytes]:
    """Return the header, which is JSON, and the numbers."""
    (length,) = struct.unpack("<Q", content[:8])
    return content[8 : 8 + length], content[8 + length :]


def with_header(header: bytes, numbers: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + numbers


def header_value(content: bytes, draw: Random) -> bytes:
    """Change a value of the header."""
    try:
        header, numbers = parts(content)
    except struct.error:
        return content
    return with_header(json_value(header, draw), numbers)


def undigested(content: bytes, draw: Random) -> bytes:
    """Change what is said about the tensors, as of a version that kept no digest."""
    try:
        header, numbers = parts(content)
        record = json.loads(header)
        about = record["__metadata__"]
        about.pop("digest", None)
        name = draw.choice(("order", "workbench"))
        text = about[name].encode()
        about[name] = draw.choice(
            (draw.choice(ODD_VALUES), json_value(text, draw).decode(errors="replace"))
        )
        return with_header(json.dumps(record).encode(), numbers)
    except (struct.error, *MALFORMED):
        return content


def same(one: Checkpoint, other: Checkpoint) -> bool:
    ours, theirs = (dict(named_leaves(c._asdict())) for c in (one, other))
    ours.pop("facts", None)
    return ours.keys() == theirs.keys() and all(
        torch.equal(torch.as_tensor(ours[name]), torch.as_tensor(theirs[name]))
        for name in ours
        if isinstance(ours[name], torch.Tensor)
    )


def test_a_damaged_checkpoint_is_refused_or_says_what_it_said(run, holder: Holder):
    file = run.checkpoint("best")
    original, expected = file.read_bytes(), load_checkpoint(file)

    def read(path: Path) -> None:
        found = load_checkpoint(path)
        assert same(found, expected)
        assert found.facts == expected.facts

    def case(draw: Random) -> None:
        holder.hold(file, damaged(original, draw), read)

    holder.each(case)


def test_a_checkpoint_without_a_digest_is_read_or_refused(run, holder: Holder):
    file = run.checkpoint("best")
    original = file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, header_value, undigested)
        holder.hold(file, content, load_checkpoint)

    holder.each(case)


def test_a_checkpoint_of_other_tensors_is_never_trained_on(tmp_path, holder: Holder):
    folder = made(tmp_path)
    stop_after(folder, 12)
    for file in folder.checkpoints.glob("*-before.safetensors"):
        file.unlink()
    file = folder.checkpoint()
    whole = load_checkpoint(file)

    def case(draw: Random) -> None:
        save_checkpoint(file, other(whole, draw))
        assert not held(lambda: finish(folder), folder.path.name, "checkpoint")

    holder.each(case, share=0.2)


def other(whole: Checkpoint, draw: Random) -> Checkpoint:
    """Return the checkpoint with tensors of other shapes, kinds or names, or facts."""
    part = draw.choice(("meta", "optimiser"))
    tree = _copied(getattr(whole, part))
    within = tree
    while isinstance(next(iter(within.values())), dict):
        within = within[draw.choice([*within])]
    name = draw.choice([*within])
    leaf = within[name]
    odd = draw.randrange(5)
    if odd == 0:
        del within[name]
    elif odd == 1:
        within[f"{name}x"] = leaf
    elif odd == 2:
        within[name] = torch.cat([leaf.reshape(-1), leaf.reshape(-1)])
    elif odd == 3:
        within[name] = leaf.reshape(-1)[:0]
    else:
        within[name] = leaf[None]
    return whole._replace(**{part: tree})


def _copied(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _copied(leaf) if isinstance(leaf, dict) else leaf
        for name, leaf in tree.items()
    }
