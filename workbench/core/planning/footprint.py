"""How large a run is: its parameters, and its memory at peak, without running it.

One task's meta-gradient is taken on torch's ``meta`` device, where tensors have shapes
but no numbers, while what is alive at once is added up.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any, NamedTuple

from workbench.core.acting.curvature import Curvature
from workbench.core.acting.policy import PolicyObjective, objective_of
from workbench.core.base.lazy import torch
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.engine import choose_engine
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import Params, count
from workbench.core.learning.task_family import ClassificationSettings

_BYTES = 4
_OTHERS_PER_PARAMETER = {"adam": 3, "sgd": 1, "trust region": 6}
"""Copies of the parameters beside them: the meta-gradient, and Adam's two moments or
what conjugate gradient and the line search keep."""


class Footprint(NamedTuple):
    """The size of a run: numbers learned, and bytes at the peak of training.

    ``fixed_bytes`` are there whatever is computed, ``task_bytes`` for each task that is
    worked on, and ``at_once`` is how many are.
    """

    parameters: int
    fixed_bytes: int
    task_bytes: int
    at_once: int

    @property
    def peak_bytes(self) -> int:
        """The most bytes of tensors that training holds."""
        return self.fixed_bytes + self.at_once * self.task_bytes


def footprint(config: RunConfig, device: str = "cpu") -> Footprint:
    """Return a configuration's footprint on a type of device; allocates nothing."""
    meta = _shapes(config)
    return least_footprint(config, device)._replace(task_bytes=_peak(config, meta))


@functools.lru_cache(maxsize=16)
def least_footprint(config: RunConfig, device: str = "cpu") -> Footprint:
    """Return at once what a configuration needs at least: adapted weights per task."""
    meta = _shapes(config)
    parameters = count(meta)
    others = _OTHERS_PER_PARAMETER[config.training.optimiser]
    return Footprint(
        parameters,
        fixed_bytes=parameters * _BYTES * (1 + others),
        task_bytes=count(config.algorithm.weights(meta)) * _BYTES,
        at_once=_tasks_at_once(config, device),
    )


def _shapes(config: RunConfig) -> Params:
    """Return the meta-parameters' shapes."""
    generator = _no_numbers()
    outputs = 1 if config.model.head == "shared" else config.task.outputs
    params = config.model.start(config.task.input_shape, outputs, generator)
    return config.algorithm.start(config.task.started(params), generator)


def _no_numbers() -> torch.Generator:
    """Return a generator with which tensors are drawn that have shapes alone."""

    class NoNumbers(torch.Generator):
        device = torch.device("meta")

    return NoNumbers()


def _tasks_at_once(config: RunConfig, device: str) -> int:
    """Return how many tasks of a meta-batch are worked on at the same time."""
    engine = choose_engine(config.training.engine, torch.device(device), config.task)
    return engine.at_once(config.training.meta_batch)


def _peak(config: RunConfig, meta: Params) -> int:
    """Return the most bytes alive during one task's meta-gradient.

    Or during a product with the curvature, where a trust region takes some.
    """
    objective = objective_of(config.model, config.task)
    learner, episode = config.algorithm, _episode(config)
    state = learner.state(learner.weights(meta))
    is_in_region = config.training.optimiser == "trust region"
    with _counter() as counter:
        objective.task_gradient(learner, meta, state, episode)
        if isinstance(objective, PolicyObjective) and is_in_region:
            Curvature(learner, objective)(meta, meta, state, episode)
    return int(counter.peak)


def _episode(config: RunConfig) -> Episode:
    task, learner = config.task, config.algorithm
    classes = task.ways if isinstance(task, ClassificationSettings) else 1
    shots, supports = learner.shots(task.shots), task.supports(learner.inner_steps)
    support = task.blank(supports * classes * shots)
    batch = shots if supports > 1 else learner.inner_batch(training=True)
    order = None
    if batch is not None:
        shape = (learner.inner_steps, min(batch, len(support.x)))
        order = torch.zeros(shape, dtype=torch.long, device="meta")
    return Episode(support, task.blank(classes * task.queries), order)


def _counter() -> Any:
    """Return a context in which the bytes of new tensors are counted while alive."""
    from torch.utils import _pytree
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
        peak = 0
        alive = 0

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._known: dict[int, Any] = {}

        def __torch_dispatch__(
            self, function: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            result = function(*args, **(kwargs or {}))
            for leaf in _pytree.tree_leaves(result):
                if isinstance(leaf, torch.Tensor):
                    self._count(leaf.untyped_storage())
            return result

        def _count(self, storage: Any) -> None:
            key = storage._cdata  # noqa: SLF001  (what two views of one storage share)
            if key in self._known:
                return
            size = storage.nbytes()

            def forget(_reference: Any) -> None:
                self.alive -= size
                del self._known[key]

            self._known[key] = weakref.ref(storage, forget)
            self.alive += size
            self.peak = max(self.peak, self.alive)

    return Counter()
