"""iMAML: Rajeswaran, Finn, Kakade, Levine (2019), arXiv 1909.04630."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Literal

from typing_extensions import override

from workbench.core.base.lazy import torch
from workbench.core.base.settings import setting
from workbench.core.learning.code import Adapting, descent
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import inner_loop, last, query_gradient
from workbench.core.learning.meta_learner import (
    INNER_RATE,
    Extra,
    MetaLearner,
    Objective,
    TaskGradient,
)
from workbench.core.learning.params import Params, add, clip, dot, subtract, tree_map
from workbench.core.learning.solvers import conjugate_gradient, hessian_of

_RESIDUAL = Extra(
    "cg_residual",
    "CG residual",
    "What conjugate gradient leaves unsolved; too large, and the gradient is off.",
    "relative residual",
    is_log=True,
)
_CURVATURE = Extra(
    "cg_stopped",
    "Negative curvature",
    "The share of tasks where conjugate gradient met a direction in which I + H/λ is "
    "not positive definite, and stopped: more damping or a larger λ helps.",
    "share of tasks",
)
_STEP_SIZES = (0.0, *(0.5**k for k in range(8)))


class ImplicitMaml(MetaLearner):
    """Differentiates the solution of the inner problem, not the path to it."""

    title = "Implicit MAML"
    paper = "Rajeswaran, Finn, Kakade, Levine 2019"
    rank = 50
    order = "implicit"
    adapts = "all weights, held near the initial ones"
    needs_examples = True
    memory = "the same for any number of inner steps"
    update_rule = (
        "φᵢ ← argmin L(φ; S) + λ/2 ‖φ − θ‖²\n"
        "gᵢ ← ((1 + δ) I + ∇²L(φᵢ; S)/λ)⁻¹ ∇L(φᵢ; Q)\n"
        "θ ← θ − η Σ gᵢ / B"
    )
    symbols: ClassVar[dict[str, str]] = {
        "φ": "a task's weights",
        "λ": "proximal strength",
        "g": "a task's meta-gradient",
        "I": "identity",
        "δ": "damping, none in the paper",
        "η": "meta learning rate",
    }
    extras = (_RESIDUAL, _CURVATURE)

    kind: Literal["imaml"] = "imaml"
    inner_lr: float = setting(
        0.1,
        "Inner learning rate",
        "Step size of the inner gradient descent; not used by the Hessian-free solver.",
        gt=0,
        symbol="α",
        mark=INNER_RATE,
    )
    inner_steps: int = setting(
        16,
        "Inner steps",
        "Steps of the inner solver on a task's support set during training.",
        ge=1,
        le=1000,
        unit="steps",
        symbol="K",
    )
    inner_solver: Literal["gradient descent", "hessian-free"] = setting(
        "gradient descent",
        "Inner solver",
        "Gradient descent, or Newton steps by conjugate gradient with a line search.",
    )
    proximal: float = setting(
        2.0,
        "Proximal strength",
        "How strongly a task's weights are held near the initial ones; large enough "
        "that I + H/λ is positive definite.",
        gt=0,
        symbol="λ",
    )
    cg_steps: int = setting(
        5,
        "CG steps",
        "Conjugate-gradient steps for the implicit gradient, and for a Newton step.",
        ge=1,
        le=100,
        unit="steps",
    )
    cg_damping: float = setting(
        0.0,
        "CG damping",
        "Added to the diagonal of I + H/λ when the implicit gradient is solved for, so "
        "that it becomes positive definite; the paper has none, its code has 1.",
        ge=0,
        symbol="δ",
    )

    @override
    def inner_rates(self) -> tuple[str, ...]:
        descends = self.inner_solver == "gradient descent"
        return super().inner_rates() if descends else ()

    def adapt(
        self, task: Objective, meta: Params, batches: Iterable[Examples], state: Params
    ) -> Iterator[Params]:
        """Yield iterates towards argmin L(phi; S) + (lambda/2) |phi - theta|^2."""

        def step(phi: Params, batch: Examples) -> Params:
            def objective(phi: Params) -> torch.Tensor:
                way = subtract(phi, meta)
                return task.loss(phi, batch) + self.proximal / 2 * dot(way, way)

            gradient = clip(torch.func.grad(objective)(phi), self.inner_clip)
            if self.inner_solver == "gradient descent":
                return add(phi, gradient, -self.inner_lr)
            hessian = hessian_of(objective, phi)
            newton = conjugate_gradient(hessian, gradient, self.cg_steps)
            return _line_search(objective, phi, newton.x)

        return inner_loop(step, meta, batches)

    def code(self) -> Adapting:
        """Return the lines of the inner solver; LBFGS stands for Newton steps."""
        if self.inner_solver == "hessian-free":
            return Adapting(self._newton_lines())
        gradient = f"(g + {self.proximal} * (v - w0[k]))"
        steps = descent(str(self.inner_lr), gradient, limit=self.inner_clip)
        return Adapting(["w0 = w", *steps])

    def _newton_lines(self) -> list[str]:
        return [
            "w0, w = w, {k: v.clone().requires_grad_() for k, v in w.items()}",
            "# The workbench takes Newton steps towards the least of what is below.",
            "solver = torch.optim.LBFGS(w.values(), max_iter=10 * steps, "
            'line_search_fn="strong_wolfe")',
            "def objective():",
            "    solver.zero_grad()",
            "    way = sum(((w[k] - w0[k]) ** 2).sum() for k in w)",
            f"    value = loss(w, x, y) + {self.proximal} / 2 * way",
            "    value.backward()",
            "    return value",
            "solver.step(objective)",
        ]

    def meta_gradient(
        self, task: Objective, meta: Params, episode: Episode, state: Params
    ) -> TaskGradient:
        """Solve ((1 + delta) I + H/lambda) g = grad L(phi; Q), H = Hess L(phi; S)."""
        phi = last(self.adapt(task, meta, episode.batches(self.inner_steps), state))
        b, loss, accuracy = query_gradient(task, lambda phi: phi, phi, episode.query)
        hessian = hessian_of(lambda phi: task.loss(phi, episode.support), phi)

        def matrix(v: Params) -> Params:
            image = add(v, hessian(v), 1 / self.proximal)
            return add(image, v, self.cg_damping) if self.cg_damping else image

        found = conjugate_gradient(matrix, b, self.cg_steps)
        said = {_RESIDUAL.name: found.residual, _CURVATURE.name: found.stopped}
        return TaskGradient(found.x, loss, accuracy, state, said)


def _line_search(
    objective: Callable[[Params], torch.Tensor], phi: Params, direction: Params
) -> Params:
    """Return the lowest of phi - s * direction over s = 0, 1, 1/2, ..., 1/128."""
    values = [objective(add(phi, direction, -size)) for size in _STEP_SIZES]
    heights = torch.stack(values).nan_to_num(torch.inf)
    sizes = torch.stack([heights.new_full((), size) for size in _STEP_SIZES])
    chosen = sizes.gather(0, heights.argmin(0, keepdim=True)).squeeze(0)
    return tree_map(lambda p, d: p - chosen * d, phi, direction)
