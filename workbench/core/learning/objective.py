"""Joins a model to a task's loss: what an algorithm sees of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.base.lazy import torch
from workbench.core.base.plugins import MemberError
from workbench.core.learning.dense import dense
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.meta_learner import MetaLearner, TaskGradient
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params, named_leaves, unflatten
from workbench.core.learning.task_family import ClassificationSettings, TaskSettings
from workbench.core.learning.views import mean_over_views


@dataclass(frozen=True)
class TaskObjective:
    """Losses of one task as pure functions of the model's weights.

    ``ways`` is None for a regression; ``factor`` multiplies the mean loss. The model
    embeds ``views`` of each picture, and its head is applied to their mean.
    """

    model: ModelSettings
    ways: int | None
    factor: float = 1.0
    views: int = 1

    @classmethod
    def of(
        cls, model: ModelSettings, task: TaskSettings, views: int = 1
    ) -> TaskObjective:
        """Return the objective of a model on a family's tasks."""
        if not isinstance(task, ClassificationSettings):
            return cls(model, None, views=views)
        factor = task.ways if task.reduction == "sum over ways" else 1.0
        return cls(model, task.ways, factor, views)

    def serving(self, ways: int) -> TaskObjective:
        """Return the objective of a task with as many classes, for a shared head."""
        if self.ways is None or self.ways == ways:
            return self
        factor = ways if self.factor != 1.0 else 1.0
        return replace(self, ways=ways, factor=factor)

    def unscaled(self) -> TaskObjective:
        """Return the objective of the mean loss, as evaluations report it."""
        return replace(self, factor=1.0)

    def loss(self, params: Params, examples: Examples) -> torch.Tensor:
        """Return the mean cross-entropy or squared error, times the factor."""
        return self.loss_of(self.outputs(params, examples.x), examples.y)

    def outputs(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs [n, outputs] for the inputs [n, ...]."""
        return dense(params, "head", self.embed(params, x))

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return what the model's head is applied to."""
        return mean_over_views(
            lambda view: self.model.embed(params, view), x, self.views
        )

    def head_loss(self, head: Params, embedded: Examples) -> torch.Tensor:
        """Return the loss of a head on examples that have been embedded."""
        return self.loss_of(dense(head, "head", embedded.x), embedded.y)

    def score(
        self, params: Params, examples: Examples
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss and the accuracy; for a regression, zero for the latter."""
        outputs = self.outputs(params, examples.x)
        return self.loss_of(outputs, examples.y), self.accuracy_of(outputs, examples.y)

    def loss_of(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the loss of outputs already computed."""
        if self.ways is None:
            return torch.nn.functional.mse_loss(outputs, y)
        return self.factor * torch.nn.functional.cross_entropy(outputs, y)

    def accuracy_of(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the fraction classified rightly; for a regression, zero."""
        if self.ways is None:
            return outputs.new_zeros(())
        return (outputs.argmax(-1) == y).to(outputs.dtype).mean()

    def told(self, loss: float, accuracy: float) -> tuple[float, float | None]:
        """Return loss and accuracy as events tell them: means, however reduced."""
        return loss / self.factor, None if self.ways is None else accuracy

    def embed_queries(
        self, params: Params, episode: Episode, *, transductive: bool
    ) -> torch.Tensor:
        """Return what the model's head is applied to for each query.

        Transductive: all queries in one batch, sharing its statistics. Otherwise each
        query is alone in a batch with the support set, which is the same as far as the
        model takes every example for itself.
        """
        support, query = episode.support.x, episode.query.x
        if transductive or not self.model.mixes_batch:
            return self.embed(params, query)
        embedded: torch.Tensor = torch.func.vmap(
            lambda x: self.embed(params, torch.cat([support, x[None]]))[-1]
        )(query)
        return embedded

    def answers(
        self, params: Params, episode: Episode, *, transductive: bool
    ) -> torch.Tensor:
        """Return the outputs for the queries, classified together or each alone."""
        embedded = self.embed_queries(params, episode, transductive=transductive)
        return dense(params, "head", embedded)

    def spread(self, tree: Params) -> Params:
        """Copy a shared head's one row to every class, wherever the tree has one."""
        ways = self.ways
        if self.model.head == "per class" or ways is None:
            return tree
        return _heads(tree, lambda row: row.expand(ways, *row.shape[1:]))

    def gather(self, tree: Params, *, mean: bool) -> Params:
        """Bring what concerns every class back to the shared row: its transpose.

        A gradient is summed over the rows; a displacement, or a state, is averaged.
        """
        if self.model.head == "per class" or self.ways is None:
            return tree
        return _heads(
            tree, lambda rows: rows.mean(0, True) if mean else rows.sum(0, True)
        )

    def task_gradient(
        self, learner: MetaLearner, meta: Params, state: Params, episode: Episode
    ) -> TaskGradient:
        """Return the learner's word on one episode, in terms of the meta-parameters."""
        said = learner.meta_gradient(
            self, self.spread(meta), episode, self.spread(state)
        )
        gradient = _by_each_of(meta, said, learner.title)
        return said._replace(
            gradient=self.gather(gradient, mean=learner.is_displacement),
            state=self.gather(said.state, mean=True),
        )


def _by_each_of(meta: Params, said: TaskGradient, title: str) -> Params:
    """Return the gradient in the order of what it is by; MemberError if it is not."""
    if not isinstance(said, TaskGradient):
        raise MemberError(
            f"{title}: meta_gradient returns a {type(said).__name__}, "
            "and must return a TaskGradient"
        )
    slopes = dict(named_leaves(said.gradient))
    names = [name for name, _ in named_leaves(meta)]
    if odd := slopes.keys() ^ set(names):
        one = min(odd)
        wrong = (
            f"no gradient by {one!r}, which start put into meta"
            if one in names
            else f"a gradient by {one!r}, which start did not put into meta"
        )
        raise MemberError(f"{title}: meta_gradient gives {wrong}")
    return unflatten({name: slopes[name] for name in names})


def _heads(tree: Params, change: Callable[[torch.Tensor], torch.Tensor]) -> Params:
    def changed(name: str, leaf: Any) -> Any:
        if isinstance(leaf, dict):
            return _heads(leaf, change)
        return change(leaf) if name.startswith("head.") else leaf

    return {name: changed(name, leaf) for name, leaf in tree.items()}
