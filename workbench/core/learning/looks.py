"""One task looked at while a learner adapts to it, inner step by inner step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.base.phrases import counted
from workbench.core.base.plugins import MemberError
from workbench.core.learning.body import Body
from workbench.core.learning.episode import Episode
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params


class Look(NamedTuple):
    """What one episode looks like at one inner step, or stacked at 0..K.

    Losses are [K+1]: mean cross-entropies, or squared errors, whatever training's loss
    is multiplied by. Outputs are [K+1, examples, outputs]: logits, or predictions.
    """

    support_loss: torch.Tensor
    query_loss: torch.Tensor
    support_outputs: torch.Tensor
    query_outputs: torch.Tensor


def looks_at(
    learner: MetaLearner,
    objective: TaskObjective,
    meta: Params,
    state: Params,
    episode: Episode,
    steps: int,
    *,
    transductive: bool,
) -> Iterator[Look]:
    """Adapt to one episode, and yield a look at every inner step 0..K."""
    judge = objective.unscaled()
    of_support = Body(lambda theta: objective.embed(theta, episode.support.x))
    of_query = Body(
        lambda theta: objective.embed_queries(theta, episode, transductive=transductive)
    )
    for weights in adapting(learner, objective, meta, state, episode, steps):
        support, query = of_support.outputs(weights), of_query.outputs(weights)
        yield Look(
            judge.loss_of(support, episode.support.y),
            judge.loss_of(query, episode.query.y),
            support,
            query,
        )


def adapting(
    learner: MetaLearner,
    objective: TaskObjective,
    meta: Params,
    state: Params,
    episode: Episode,
    steps: int,
) -> Iterator[Params]:
    """Adapt to one episode, and yield the weights at every inner step 0..K."""
    spread = objective.spread(meta)
    iterates = learner.adapt(
        objective, spread, episode.batches(steps), objective.spread(state)
    )
    return _all_of(iterates, learner.weights(spread), steps, learner.title)


def _all_of(
    iterates: Iterable[Params], needed: Iterable[str], steps: int, title: str
) -> Iterator[Params]:
    """Yield the weights at every inner step; MemberError if they are not all there."""
    found = 0
    for weights in iterates:
        if missing := [name for name in needed if name not in weights]:
            raise MemberError(
                f"{title}: adapt yields no {missing[0]!r}, and must yield all of the "
                "model's weights"
            )
        yield weights
        found += 1
    if found != steps + 1:
        raise MemberError(
            f"{title}: adapt yields weights {counted(found, 'time')} in "
            f"{counted(steps, 'inner step')}, and must yield them at the start and "
            "after each step"
        )


def draw_order(
    learner: MetaLearner,
    support_y: torch.Tensor,
    steps: int,
    generator: torch.Generator,
    *,
    training: bool,
) -> torch.Tensor | None:
    """Draw which support rows each inner step sees, as [tasks, steps, batch].

    Minibatches go through the shuffled support, and through it again, shuffled anew;
    with replacement each is drawn for itself. None where every step sees the whole
    support.
    """
    tasks, examples = support_y.shape[:2]
    batch = learner.inner_batch(training=training)
    if batch is None or batch >= examples:
        return None
    is_anew = learner.with_replacement()
    passes = steps if is_anew else -(-steps * batch // examples)
    keys = torch.rand(
        tasks, passes, examples, generator=generator, device=generator.device
    )
    rows = keys.argsort(-1)
    if is_anew:
        return rows[:, :, :batch]
    return rows.flatten(1)[:, : steps * batch].reshape(tasks, steps, batch)
