"""MAML++: Antoniou, Edwards, Storkey (2019), arXiv 1810.09502."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal, Self

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop
from workbench.core.learning.meta_learner import (
    INNER_RATE,
    Extra,
    MetaLearner,
    Objective,
    TaskGradient,
)
from workbench.core.learning.params import Params, clip, tree_map

_LAST_WEIGHT = Extra(
    "last_weight",
    "Annealing",
    "What the query loss after the last inner step counts in the multi-step loss: an "
    "equal share at first, and all of it once annealed.",
    "weight of the last step",
)


class MamlPlusPlus(MetaLearner):
    """MAML with learned rates for each layer and step, judged after every step.

    Of the paper it has LSLR, the rates per layer and step, and MSL, the multi-step loss
    with its annealing: from the mean over all steps, linearly, to the last alone. It
    has not the batch norm statistics, scales and shifts per step (BNRS, BNWB), nor
    derivative-order annealing (DA); cosine annealing of the meta learning rate is the
    training's schedule. Queries are judged after every step also once only the last
    counts.
    """

    title = "MAML++"
    paper = "Antoniou, Edwards, Storkey 2019"
    rank = 70
    order = "second"
    adapts = "all weights, each layer at its own rates"
    needs_examples = True
    memory = "grows with every inner step"
    update_rule = (
        "θᵢₖ ← θᵢₖ₋₁ − αₖ ∇L(θᵢₖ₋₁; S), k = 1, …, K\n"
        "(θ, α) ← (θ, α) − β ∇ Σ Σₖ wₖ L(θᵢₖ; Q) / B"
    )
    symbols: ClassVar[dict[str, str]] = {
        "α": "a learned rate for each layer and step",
        "Σ": "sum over the tasks i and the steps k",
        "w": "weight of a step, 1/K annealed to the last step's alone",
    }
    extras = (_LAST_WEIGHT,)

    kind: Literal["maml-pp"] = "maml-pp"
    inner_lr: float = setting(
        0.01,
        "Initial inner rate",
        "All learned rates begin with it.",
        gt=0,
        symbol="α",
        mark=INNER_RATE,
    )
    annealing: int = setting(
        1000,
        "Loss annealing",
        "Meta-steps in which the multi-step loss goes from the mean over all inner "
        "steps to the last one's; 0 for that of the last alone from the start.",
        ge=0,
        le=10_000_000,
        unit="meta-steps",
    )

    def start(self, params: Params, generator: torch.Generator) -> Params:
        """Return theta, and alpha with a rate for each step in every layer's vector."""
        like = {_layer(name): leaf for name, leaf in params.items()}
        steps = self.inner_steps
        alpha = tree_map(lambda leaf: leaf.new_full((steps,), self.inner_lr), like)
        return {"theta": params, "alpha": alpha}

    def state(self, params: Params) -> Params:
        """Return the number of meta-steps made, by which the loss is annealed."""
        return {"steps": torch.zeros((), device=next(iter(params.values())).device)}

    def weights(self, meta: Params) -> Params:
        """Return theta."""
        theta: Params = meta["theta"]
        return theta

    def at_rate(self, meta: Params, rate: float) -> tuple[Self, Params]:
        """Return itself, and theta with ``rate`` times alpha."""
        return self, meta | {"alpha": tree_map(lambda a: rate * a, meta["alpha"])}

    def histograms(self, meta: Params) -> dict[str, Params]:
        """Return the learned rates."""
        return {"Learned rates": meta["alpha"]}

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield theta_k = theta_k-1 - alpha_k grad L(theta_k-1; S), layer by layer.

        Beyond the steps trained with, all are made at the last one's rate.
        """

        def step(iterate: tuple[Params, int], batch: Examples) -> tuple[Params, int]:
            theta, k = iterate
            gradient = clip(torch.func.grad(task.loss)(theta, batch), self.inner_clip)
            alpha = {name: rates[: k + 1][-1] for name, rates in meta["alpha"].items()}
            moved = {
                name: leaf - alpha[_layer(name)] * gradient[name]
                for name, leaf in theta.items()
            }
            return moved, k + 1

        for theta, _ in inner_loop(step, (meta["theta"], 0), batches):
            yield theta

    def code(self) -> Adapting:
        """Return the lines of steps at the learned rates."""
        rate = 'rates[k.rpartition(".")[0]][: step + 1][-1]'
        steps = descent(rate, limit=self.inner_clip)
        return Adapting(steps, {"rates": "alpha"}, {"meta_steps": "steps"})

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Differentiate sum_k w_k L(theta_k; Q) with respect to theta and alpha."""
        weights = self._step_weights(state["steps"])

        def judged(meta: Params) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
            iterates = self.adapt(task, meta, episode.batches(self.inner_steps), state)
            next(iterates)  # theta itself is not judged
            scores = [task.score(theta, episode.query) for theta in iterates]
            losses = torch.stack([loss for loss, _ in scores])
            return (weights * losses).sum(), scores[-1]

        gradient, (loss, accuracy) = torch.func.grad(judged, has_aux=True)(meta)
        said = {_LAST_WEIGHT.name: weights[-1]}
        return TaskGradient(
            gradient, loss, accuracy, {"steps": state["steps"] + 1}, said
        )

    def _step_weights(self, steps: torch.Tensor) -> torch.Tensor:
        """Return w after so many meta-steps: from 1/K, ..., 1/K to 0, ..., 0, 1."""
        begun = steps.new_full((self.inner_steps,), 1 / self.inner_steps)
        ended = torch.cat([torch.zeros_like(begun[1:]), torch.ones_like(begun[:1])])
        if not self.annealing:
            return ended
        return torch.lerp(begun, ended, (steps / self.annealing).clamp(max=1))


def _layer(name: str) -> str:
    """Return the layer of a weight: ``conv1`` of ``conv1.weight``."""
    return name.rpartition(".")[0]
