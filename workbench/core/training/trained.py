"""A learner with trained meta-parameters, for evaluations, browsers and sketches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.lazy import torch
from workbench.core.base.randomness import generator_for
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.episode import Episode
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params
from workbench.core.learning.task_family import TaskSettings
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.store import RunFolder


class Look(NamedTuple):
    """What one episode looks like at one inner step, or stacked at 0..K.

    Losses are [K+1]: mean cross-entropies, or squared errors, whatever training's loss
    is multiplied by. Outputs are [K+1, examples, outputs]: logits, or predictions.
    """

    support_loss: torch.Tensor
    query_loss: torch.Tensor
    support_outputs: torch.Tensor
    query_outputs: torch.Tensor


@dataclass(frozen=True)
class Trained:
    """A configuration with the meta-parameters that training made after ``step``.

    ``trained_on`` is the task it was trained on, where ``config`` has another.
    """

    config: RunConfig
    meta: Params
    state: Params
    step: int
    trained_on: TaskSettings | None = None

    @classmethod
    def load(
        cls,
        run: RunFolder | Path,
        which: str = "best",
        device: torch.device | str = "cpu",
    ) -> Trained:
        """Load a run's checkpoint; ``best`` falls back to ``latest``."""
        folder = run if isinstance(run, RunFolder) else RunFolder(run)
        if which == "best" and not (folder.checkpoints / "best.safetensors").is_file():
            which = "latest"
        checkpoint = load_checkpoint(folder.checkpoint(which), device)
        return cls(
            folder.config(), checkpoint.meta, checkpoint.state, checkpoint.facts["step"]
        )

    @property
    def ways(self) -> int | None:
        """The number of classes it serves; None if any (a shared head)."""
        return None if self.config.model.head == "shared" else self.config.task.outputs

    def look(
        self, episode: Episode, steps: int, *, transductive: bool | None = None
    ) -> Look:
        """Adapt to one episode (no task axis) and look at it at inner steps 0..K."""
        objective = TaskObjective.of(self.config)
        if objective.ways is not None and self.ways is None:
            objective = objective.serving(int(episode.support.y.max()) + 1)
        if transductive is None:
            transductive = self.config.evaluation.transductive
        if episode.order is None:
            generator = generator_for(0, "order", 0, episode.support.x.device)
            order = draw_order(
                self.config, episode.support.y[None], steps, generator, training=False
            )
            episode = episode._replace(order=None if order is None else order[0])
        looks = looks_at(
            self.config, objective, self.meta, self.state, episode, steps, transductive
        )
        stacked = (torch.stack(column) for column in zip(*looks, strict=True))
        return Look(*(column.detach().cpu() for column in stacked))


def looks_at(
    config: RunConfig,
    objective: TaskObjective,
    meta: Params,
    state: Params,
    episode: Episode,
    steps: int,
    transductive: bool,
) -> Iterator[Look]:
    """Adapt to one episode, and yield a look at every inner step 0..K."""
    judge = objective.unscaled()
    for weights in config.algorithm.adapt(
        objective,
        objective.spread(meta),
        episode.batches(steps),
        objective.spread(state),
    ):
        support, query = objective.predict(weights, episode, transductive=transductive)
        yield Look(
            judge.loss_of(support, episode.support.y),
            judge.loss_of(query, episode.query.y),
            support,
            query,
        )


def draw_order(
    config: RunConfig,
    support_y: torch.Tensor,
    steps: int,
    generator: torch.Generator,
    *,
    training: bool,
) -> torch.Tensor | None:
    """Draw which support rows each inner step sees, as [tasks, steps, batch].

    Minibatches go through the shuffled support, and through it again, shuffled anew.
    None where every step sees the whole support.
    """
    tasks, examples = support_y.shape[:2]
    batch = config.algorithm.inner_batch(training=training)
    if batch is None or batch >= examples:
        return None
    passes = -(-steps * batch // examples)
    keys = torch.rand(
        tasks, passes, examples, generator=generator, device=generator.device
    )
    rows = keys.argsort(-1).flatten(1)
    return rows[:, : steps * batch].reshape(tasks, steps, batch)
