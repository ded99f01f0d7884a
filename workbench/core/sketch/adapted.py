"""A trained learner adapted to one support set, kept to answer query after query.

Adapting is the dear part and depends on the support alone; with it kept, a new query
costs one forward pass an inner step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from workbench.core.acting.policy import objective_of
from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.learning.body import Body
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.looks import draw_order
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.training.trained import Trained


class Replies(NamedTuple):
    """What is said of queries: ``outputs`` [K+1, queries, ways] before the softmax.

    ``likeness`` [queries] is the greatest cosine between what the head sees of a query
    and of any support drawing, after the last step. Of the scores that were tried, the
    outputs' among them, it told drawings of other classes best.
    """

    outputs: torch.Tensor
    likeness: torch.Tensor


@dataclass(frozen=True)
class Adapted:
    """A learner's weights at inner steps 0..K of one support set."""

    objective: TaskObjective
    support: Examples
    iterates: tuple[Params, ...]
    support_outputs: torch.Tensor
    """[K+1, support, ways] before the softmax."""
    embedded: torch.Tensor
    """What the head sees of the support after the last step."""

    @property
    def steps(self) -> int:
        """How many inner steps were made."""
        return len(self.iterates) - 1

    @property
    def support_accuracy(self) -> tuple[float, ...]:
        """The share of the support that is answered rightly, at each step."""
        rows = self.support_outputs
        return tuple(float(self.objective.accuracy_of(r, self.support.y)) for r in rows)

    def support_loss(self, temperature: float = 1.0) -> tuple[float, ...]:
        """Return the mean cross-entropy of the support, at each step."""
        rows, of = self.support_outputs / temperature, self.objective.unscaled()
        return tuple(float(of.loss_of(row, self.support.y)) for row in rows)

    def replies(self, x: torch.Tensor, *, transductive: bool) -> Replies:
        """Return what is said of queries [queries, C, H, W].

        Transductive: the queries share a batch and its statistics. Otherwise each is
        alone beside the support set.
        """
        with torch.no_grad():
            if transductive or not self.objective.model.mixes_batch:
                outputs, embedded = self._apply(x)
                return Replies(outputs, _likeness(embedded, self.embedded))
            alone = [self._beside_support(query) for query in x]
            return Replies(
                torch.stack([each.outputs for each in alone], 1),
                torch.cat([each.likeness for each in alone]),
            )

    def _beside_support(self, query: torch.Tensor) -> Replies:
        outputs, embedded = self._apply(torch.cat([self.support.x, query[None]]))
        return Replies(outputs[:, -1], _likeness(embedded[-1:], embedded[:-1]))

    def _apply(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the outputs at every iterate, and what the head sees at the last."""
        body = Body(lambda theta: self.objective.embed(theta, x))
        return torch.stack([body.outputs(each) for each in self.iterates]), body.seen


def _likeness(one: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return each row's greatest cosine to any of the other rows."""
    normalise = torch.nn.functional.normalize
    return (normalise(one, dim=-1) @ normalise(others, dim=-1).T).amax(-1)


def adapt(
    trained: Trained,
    support: Examples,
    steps: int,
    *,
    rate: float = 1.0,
    views: int | None = None,
) -> Adapted:
    """Adapt to a support set, with ``rate`` times the inner learning rate.

    Each picture is seen in so many views, or in as many as the run is evaluated with.
    """
    trained = trained.at_rate(rate)
    config, ways = trained.config, int(support.y.max()) + 1
    views = views or config.evaluation.views
    objective = objective_of(config.model, config.task, views).serving(ways)
    order = draw_order(
        config.algorithm,
        support.y[None],
        steps,
        generator_for(0, "order", 0, support.x.device),
        training=False,
    )
    episode = Episode(support, support, None if order is None else order[0])
    body = Body(lambda theta: objective.embed(theta, support.x))
    iterates, outputs = [], []
    for theta in config.algorithm.adapt(
        objective,
        objective.spread(trained.meta),
        episode.batches(steps),
        objective.spread(trained.state),
    ):
        with torch.no_grad():
            outputs.append(body.outputs(theta))
        iterates.append(theta)
    return Adapted(objective, support, tuple(iterates), torch.stack(outputs), body.seen)
