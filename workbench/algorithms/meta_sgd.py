"""Meta-SGD: Li, Zhou, Chen, Li (2017), arXiv 1707.09835."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop, query_gradient
from workbench.core.learning.meta_learner import MetaLearner, Objective, TaskGradient
from workbench.core.learning.params import Params, clip, tree_map


class MetaSgd(MetaLearner):
    """Learns the weights and, for each of them, its own inner learning rate."""

    title = "Meta-SGD"
    paper = "Li, Zhou, Chen, Li 2017"
    rank = 40
    order = "second"
    adapts = "all weights, each at its learned rate"
    memory = "grows with every inner step"
    update_rule = "θᵢ′ ← θ − α ∘ ∇L(θ; S)\n(θ, α) ← (θ, α) − β ∇ Σ L(θᵢ′; Q) / B"
    symbols: ClassVar[dict[str, str]] = {"α": "a learned rate for each weight"}

    kind: Literal["meta-sgd"] = "meta-sgd"
    lowest_rate: float = setting(
        0.005,
        "Lowest initial rate",
        "All rates start equal, drawn between the lowest and the highest.",
        gt=0,
        symbol="α from",
    )
    highest_rate: float = setting(
        0.1,
        "Highest initial rate",
        "All rates start equal, drawn between the lowest and the highest.",
        gt=0,
        symbol="α to",
    )

    @model_validator(mode="after")
    def _rates_are_ordered(self) -> Self:
        if self.lowest_rate > self.highest_rate:
            raise ValueError(
                f"lowest_rate {self.lowest_rate} is above highest_rate "
                f"{self.highest_rate}"
            )
        return self

    def start(self, params: Params, generator: torch.Generator) -> Params:
        """Return theta and alpha; all of alpha is one number drawn uniformly."""
        span = self.highest_rate - self.lowest_rate
        drawn = torch.rand((), generator=generator, device=generator.device)
        rate = self.lowest_rate + span * drawn
        alpha = tree_map(lambda leaf: torch.ones_like(leaf) * rate, params)
        return {"theta": params, "alpha": alpha}

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
        """Yield theta' = theta - alpha * grad L(theta; S), elementwise."""

        def step(theta: Params, batch: Examples) -> Params:
            gradient = clip(torch.func.grad(task.loss)(theta, batch), self.inner_clip)
            return tree_map(lambda t, a, g: t - a * g, theta, meta["alpha"], gradient)

        return inner_loop(step, meta["theta"], batches)

    def code(self) -> Adapting:
        """Return the lines of steps at the learned rates."""
        steps = descent("rates[k]", limit=self.inner_clip)
        return Adapting(steps, trees={"rates": "alpha"})

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Differentiate L(theta'; Q) with respect to theta and alpha."""

        def adapted(meta: Params) -> Params:
            return self.adapted(task, meta, episode, state)

        gradient, loss, accuracy = query_gradient(task, adapted, meta, episode.query)
        return TaskGradient(gradient, loss, accuracy, state, {})
