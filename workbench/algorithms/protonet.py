"""Prototypical networks: Snell, Swersky, Zemel (2017), arXiv 1703.05175."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from workbench.core.base.lazy import torch
from workbench.core.learning.code import Adapting
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop, last, query_gradient
from workbench.core.learning.meta_learner import MetaLearner, Objective, TaskGradient
from workbench.core.learning.params import Params


class PrototypicalNetworks(MetaLearner):
    """Takes each query for the class whose mean embedding is nearest: no inner loop.

    Its one inner step computes the head from the support, and any further step computes
    the same again. What is learned is the embedding; the head's own weights stay as
    they were drawn.
    """

    title = "Prototypical networks"
    paper = "Snell, Swersky, Zemel 2017"
    rank = 80
    order = "first"
    adapts = "the head alone, in closed form"
    memory = "of a single pass over support and query"
    update_rule = (
        "cₖ ← mean of f(x; θ) over class k of S\n"
        "p(y = k | x) ∝ exp(−‖f(x; θ) − cₖ‖²)\n"
        "L ← mean of −log p(y | x) over Q\n"
        "θ ← θ − β ∇θ Σ L / B"
    )
    symbols: ClassVar[dict[str, str]] = {
        "c": "a class's prototype",
        "f": "embedding, all but the head",
        "p": "probability",
    }
    needs_classes = True
    learns_head = False

    kind: Literal["protonet"] = "protonet"
    inner_steps: ClassVar[int] = 1  # type: ignore[misc]
    inner_clip: ClassVar[None] = None  # type: ignore[misc]

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta, and then theta with a head that measures distances."""

        def step(theta: Params, batch: Examples) -> Params:
            ways = len(theta["head.weight"])
            return theta | _head(_prototypes(task.embed(theta, batch.x), batch.y, ways))

        return inner_loop(step, meta, batches)

    def code(self) -> Adapting:
        """Return the lines of its head; net embeds with one that changes nothing."""
        lines = [
            'rows, width = w["head.weight"].shape',
            'bare = {"head.weight": torch.eye(width), "head.bias": torch.zeros(width)}',
            "x = net(w | bare, x)",
            "c = torch.stack([x[y == k].mean(0) for k in range(rows)])",
            'w = w | {"head.weight": 2 * c, "head.bias": -(c * c).sum(1)}',
        ]
        return Adapting(lines)

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Differentiate L(theta; Q), prototypes and all."""

        def adapted(theta: Params) -> Params:
            return last(self.adapt(task, theta, episode.batches(1), state))

        gradient, loss, accuracy = query_gradient(task, adapted, meta, episode.query)
        return TaskGradient(gradient, loss, accuracy, state, {})


def _prototypes(embedded: torch.Tensor, y: torch.Tensor, ways: int) -> torch.Tensor:
    """Return each class's mean embedding, [ways, width]."""
    is_of = (y == torch.arange(ways, device=y.device)[:, None]).to(embedded.dtype)
    return is_of @ embedded / is_of.sum(1, keepdim=True)


def _head(prototypes: torch.Tensor) -> Params:
    """Return the head whose logits are minus the squared distances to prototypes.

    That is -|x - c|^2 = 2 c x - |c|^2 - |x|^2, and the last term, the same for all
    classes, is nothing to a softmax.
    """
    return {
        "head.weight": 2 * prototypes,
        "head.bias": -prototypes.square().sum(1),
    }
