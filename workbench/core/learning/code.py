"""The lines of Python by which members say what they do, for use without them.

An exported program is put together of a model's lines and a learner's. In it ``w`` has
the weights by name, ``x`` and ``y`` are examples, ``net(w, x)`` is the model and
``loss(w, x, y)`` the loss; ``torch`` and ``F`` are imported. Lines are not indented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Adapting(NamedTuple):
    """How a learner adapts ``w`` to the support ``x``, ``y`` in ``steps`` steps.

    ``trees`` and ``tensors`` give names to what the lines use besides: what is called
    so in the learner's meta-parameters, or in its state.
    """

    lines: list[str]
    trees: Mapping[str, str] = {}
    tensors: Mapping[str, str] = {}


def descent(
    rate: str, gradient: str = "g", *, limit: float | None = None, only: str = ""
) -> list[str]:
    """Return the lines of steps against the gradient of the loss.

    ``rate`` and ``gradient`` are expressions of a leaf's name ``k``, its value ``v``,
    its gradient ``g`` and the number of steps made before, ``step``; ``only`` is a
    condition on the leaves that move.
    """
    if limit is not None:
        gradient += f".clamp(-{limit}, {limit})"
    moved = f" if {only}" if only else ""
    return [
        "for step in range(steps):",
        f"    t = {{k: v.detach().requires_grad_() for k, v in w.items(){moved}}}",
        "    g = torch.autograd.grad(loss(w | t, x, y), list(t.values()))",
        f"    w = w | {{k: v.detach() - {rate} * {gradient} "
        "for (k, v), g in zip(t.items(), g)}",
    ]


def layers(layer: str, norm: str, numbers: range) -> list[str]:
    """Return the lines of layers with a norm and ReLU after each.

    ``layer`` is an expression of ``w``, ``x`` and the layer's number ``i``.
    """
    scales = 'w[f"norm{i}.scale"], w[f"norm{i}.shift"]'
    normed = {
        "batch": f"F.batch_norm(x, None, None, {scales}, training=True, eps=1e-3)",
        "layer": f"F.group_norm(x, 1, {scales}, eps=1e-3)",
        "none": "x",
    }[norm]
    return [
        f"for i in {numbers}:",
        f"    x = {layer}",
        f"    x = {normed}.relu()",
    ]
