"""A trained learner adapted to one support set, kept to answer query after query.

Adapting is the dear part and depends on the support alone; with it kept, a new query
costs one forward pass an inner step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import ConfigError, Mistake
from workbench.core.learning.dense import dense
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.looks import draw_order
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.training.trained import Trained


@dataclass(frozen=True)
class Adapted:
    """A learner's weights at inner steps 0..K of one support set.

    ``support_loss`` [K+1] is the mean cross-entropy, ``support_accuracy`` is [K+1].
    """

    objective: TaskObjective
    support: Examples
    iterates: tuple[Params, ...]
    support_loss: tuple[float, ...]
    support_accuracy: tuple[float, ...]

    @property
    def steps(self) -> int:
        """How many inner steps were made."""
        return len(self.iterates) - 1

    def probabilities(self, x: torch.Tensor, *, transductive: bool) -> torch.Tensor:
        """Return [K+1, queries, ways] for queries [queries, C, H, W].

        Transductive: the queries share a batch and its statistics. Otherwise each is
        alone beside the support set.
        """
        with torch.no_grad():
            apply = _remembering(self.objective)
            if transductive or not self.objective.model.mixes_batch:
                outputs = [apply(theta, x) for theta in self.iterates]
            else:
                beside = [torch.cat([self.support.x, query[None]]) for query in x]
                applied = [_remembering(self.objective) for _ in beside]
                outputs = [
                    torch.stack(
                        [
                            each(theta, batch)[-1]
                            for each, batch in zip(applied, beside, strict=True)
                        ]
                    )
                    for theta in self.iterates
                ]
            return torch.stack(outputs).softmax(-1)


def _remembering(
    objective: TaskObjective,
) -> Callable[[Params, torch.Tensor], torch.Tensor]:
    """Return the model's function of (theta, x), for one x.

    Where nothing but the head has moved since the call before, the rest is not
    computed again.
    """
    before: list[tuple[list[torch.Tensor], torch.Tensor]] = []

    def apply(theta: Params, x: torch.Tensor) -> torch.Tensor:
        body = [leaf for name, leaf in theta.items() if not name.startswith("head.")]
        if not before or any(
            one is not other for one, other in zip(before[0][0], body, strict=True)
        ):
            before[:] = [(body, objective.embed(theta, x))]
        return dense(theta, "head", before[0][1])

    return apply


def adapt(
    trained: Trained, support: Examples, steps: int, *, rate: float = 1.0
) -> Adapted:
    """Adapt to a support set, with ``rate`` times the inner learning rate."""
    trained = _at_rate(trained, rate)
    config, ways = trained.config, int(support.y.max()) + 1
    objective = TaskObjective.of(config.model, config.task).serving(ways)
    order = draw_order(
        config.algorithm,
        support.y[None],
        steps,
        generator_for(0, "order", 0, support.x.device),
        training=False,
    )
    episode = Episode(support, support, None if order is None else order[0])
    iterates, losses, accuracies = [], [], []
    apply = _remembering(objective)
    for theta in config.algorithm.adapt(
        objective,
        objective.spread(trained.meta),
        episode.batches(steps),
        objective.spread(trained.state),
    ):
        with torch.no_grad():
            outputs = apply(theta, support.x)
            loss = objective.loss_of(outputs, support.y) / objective.factor
        iterates.append(theta)
        losses.append(float(loss))
        accuracies.append(float(objective.accuracy_of(outputs, support.y)))
    return Adapted(
        objective, support, tuple(iterates), tuple(losses), tuple(accuracies)
    )


def _at_rate(trained: Trained, rate: float) -> Trained:
    """Return the learner with all its inner learning rates multiplied."""
    if rate == 1.0:
        return trained
    before = trained.config.algorithm
    learner, meta = before.at_rate(trained.meta, rate)
    if learner is before and meta is trained.meta:
        why = f"{learner.title} has no inner learning rate that could be another"
        raise ConfigError([Mistake("", why)])
    config = trained.config.model_copy(update={"algorithm": learner})
    return replace(trained, config=config, meta=meta)
