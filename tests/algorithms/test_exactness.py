"""The meta-gradients, in float64, against truths that owe nothing to the code."""

from __future__ import annotations

import pytest
import torch

from tests.algorithms.problems import (
    central_differences,
    classification,
    flat,
    like,
    regression,
    seeded,
    ways,
)
from workbench.algorithms.anil import Anil
from workbench.algorithms.fomaml import FirstOrderMaml
from workbench.algorithms.imaml import ImplicitMaml
from workbench.algorithms.joint import Joint
from workbench.algorithms.maml import Maml
from workbench.algorithms.meta_sgd import MetaSgd
from workbench.algorithms.reptile import Reptile
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.inner_loop import last
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.objective import TaskObjective
from workbench.core.learning.params import Params, tree_map
from workbench.core.learning.solvers import (
    Solution,
    conjugate_gradient,
    hessian_of,
)


def query_loss_after_adapting(
    learner: MetaLearner, task: TaskObjective, meta: Params, episode: Episode
) -> torch.Tensor:
    batches = episode.batches(learner.inner_steps)
    return task.loss(last(learner.adapt(task, meta, batches, {})), episode.query)


@pytest.mark.parametrize("problem", [regression, classification])
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("kind", [Maml, Anil])
def test_a_meta_gradient_is_that_of_the_whole_adapt_then_evaluate(kind, problem, steps):
    task, params, episode = problem()
    learner = kind(inner_lr=0.1, inner_steps=steps)
    gradient = flat(learner.meta_gradient(task, params, episode, {}).gradient)
    along = ways(len(gradient))
    expected = central_differences(
        lambda meta: query_loss_after_adapting(learner, task, meta, episode),
        params,
        along,
    )
    torch.testing.assert_close(along @ gradient, expected, rtol=1e-5, atol=1e-8)


def test_anil_adapts_the_head_as_maml_would_if_nothing_else_moved():
    task, params, episode = classification()
    adapted = last(Anil(inner_lr=0.1).adapt(task, params, episode.batches(1), {}))
    by_maml = last(Maml(inner_lr=0.1).adapt(task, params, episode.batches(1), {}))
    for name, leaf in params.items():
        moved = by_maml[name] if name.startswith("head.") else leaf
        torch.testing.assert_close(adapted[name], moved)


@pytest.mark.parametrize("problem", [regression, classification])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_meta_sgds_meta_gradient_covers_weights_and_rates(problem, steps):
    task, params, episode = problem()
    learner = MetaSgd(inner_steps=steps)
    meta = tree_map(lambda leaf: leaf.double(), learner.start(params, seeded()))
    gradient = flat(learner.meta_gradient(task, meta, episode, {}).gradient)
    along = ways(len(gradient))
    expected = central_differences(
        lambda meta: query_loss_after_adapting(learner, task, meta, episode),
        meta,
        along,
    )
    torch.testing.assert_close(along @ gradient, expected, rtol=1e-5, atol=1e-8)


def test_mamls_meta_gradient_is_the_product_of_jacobians_of_the_paper():
    task, params, episode = regression()
    learner = Maml(inner_lr=0.05, inner_steps=2)
    gradient = flat(learner.meta_gradient(task, params, episode, {}).gradient)

    def loss(vector: torch.Tensor, examples: Examples) -> torch.Tensor:
        return task.loss(like(params, vector), examples)

    theta, jacobian = flat(params), torch.eye(len(gradient), dtype=torch.float64)
    for _ in range(2):
        hessian = torch.autograd.functional.hessian(
            lambda vector: loss(vector, episode.support), theta
        )
        jacobian = (torch.eye(len(theta)) - 0.05 * hessian) @ jacobian
        slope = torch.func.grad(loss)(theta, episode.support)
        theta = theta - 0.05 * slope
    expected = jacobian.T @ torch.func.grad(loss)(theta, episode.query)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 5])
def test_first_order_maml_is_the_query_gradient_at_the_adapted_point(steps):
    task, params, episode = classification()
    learner = FirstOrderMaml(inner_lr=0.1, inner_steps=steps)
    said = learner.meta_gradient(task, params, episode, {})
    adapted = last(learner.adapt(task, params, episode.batches(steps), {}))
    along = ways(len(flat(adapted)))
    expected = central_differences(
        lambda theta: task.loss(theta, episode.query), adapted, along
    )
    torch.testing.assert_close(
        along @ flat(said.gradient), expected, rtol=1e-5, atol=1e-8
    )


def test_joint_training_descends_the_mean_loss_of_all_examples_unadapted():
    task, params, episode = regression()
    said = Joint().meta_gradient(task, params, episode, {})

    def mean_loss(theta: Params) -> torch.Tensor:
        parts = (episode.support, episode.query)
        errors = [task.model.apply(theta, part.x) - part.y for part in parts]
        return torch.cat(errors).square().mean()

    torch.testing.assert_close(said.loss, mean_loss(params))
    torch.testing.assert_close(
        flat(said.gradient),
        central_differences(mean_loss, params),
        rtol=1e-6,
        atol=1e-8,
    )


def test_reptile_returns_the_way_its_inner_steps_moved():
    task, params, episode = regression()
    learner = Reptile(inner_optimiser="sgd", inner_lr=0.1, inner_steps=3, batch=None)
    said = learner.meta_gradient(task, params, episode, {})
    theta = flat(params)
    for _ in range(3):
        theta = theta - 0.1 * central_differences(
            lambda at: task.loss(at, episode.support),
            like(params, theta),
        )
    torch.testing.assert_close(
        flat(said.gradient), flat(params) - theta, rtol=1e-6, atol=1e-8
    )
    torch.testing.assert_close(said.extras["distance"], (flat(params) - theta).norm())


def test_reptile_with_one_step_is_joint_training():
    task, params, episode = regression()
    learner = Reptile(inner_optimiser="sgd", inner_lr=0.1, inner_steps=1, batch=None)
    said = learner.meta_gradient(task, params, episode, {})
    expected = central_differences(lambda at: task.loss(at, episode.support), params)
    torch.testing.assert_close(
        flat(said.gradient) / 0.1, expected, rtol=1e-6, atol=1e-8
    )


def test_reptiles_inner_adam_is_torchs_with_beta1_zero_and_its_slots_live_on():
    task, params, episode = regression()
    learner = Reptile(inner_lr=0.01, inner_steps=4, batch=None)
    state = learner.state(params)
    theta = {name: leaf.clone().requires_grad_() for name, leaf in params.items()}
    adam = torch.optim.Adam(theta.values(), lr=0.01, betas=(0.0, 0.999), eps=1e-12)
    for _ in range(2):
        said = learner.meta_gradient(task, params, episode, state)
        state = said.state
        with torch.no_grad():
            for name, leaf in theta.items():
                leaf.copy_(params[name])
        for _ in range(4):
            adam.zero_grad()
            task.loss(theta, episode.support).backward()
            adam.step()
        moved = flat(params) - flat(theta).detach()
        torch.testing.assert_close(flat(said.gradient), moved, rtol=1e-3, atol=1e-7)


def test_reptiles_inner_steps_see_the_minibatches_of_the_order():
    task, params, episode = regression()
    learner = Reptile(inner_optimiser="sgd", inner_lr=0.1, inner_steps=2, batch=2)
    order = torch.tensor([[4, 1], [0, 3]])
    said = learner.meta_gradient(task, params, episode._replace(order=order), {})
    theta = params
    for rows in order:
        batch = Examples(episode.support.x[rows], episode.support.y[rows])
        slope = torch.func.grad(task.loss)(theta, batch)
        theta = tree_map(lambda t, g: t - 0.1 * g, theta, slope)
    torch.testing.assert_close(flat(said.gradient), flat(params) - flat(theta))


def positive_definite(size: int) -> torch.Tensor:
    root = torch.randn(size, size, generator=seeded(), dtype=torch.float64)
    return root @ root.T + torch.eye(size, dtype=torch.float64)


def test_conjugate_gradient_agrees_with_a_dense_solve():
    matrix = positive_definite(8)
    b = {"b": torch.randn(8, generator=seeded(1), dtype=torch.float64)}
    solution, residual, stopped, _ = conjugate_gradient(
        lambda v: {"b": matrix @ v["b"]}, b, 8
    )
    torch.testing.assert_close(solution["b"], torch.linalg.solve(matrix, b["b"]))
    assert residual < 1e-8
    assert stopped == 0


def test_conjugate_gradient_reports_the_residual_it_leaves():
    matrix = positive_definite(8)
    b = {"b": torch.randn(8, generator=seeded(1), dtype=torch.float64)}
    solution, residual, *_ = conjugate_gradient(lambda v: {"b": matrix @ v["b"]}, b, 2)
    expected = (b["b"] - matrix @ solution["b"]).norm() / b["b"].norm()
    torch.testing.assert_close(residual, expected)
    assert residual > 1e-3


def test_conjugate_gradient_of_zero_is_zero_and_not_nan():
    b = {"b": torch.zeros(3, dtype=torch.float64)}
    solution, residual, stopped, _ = conjugate_gradient(lambda v: v, b, 5)
    assert torch.equal(solution["b"], torch.zeros(3, dtype=torch.float64))
    assert residual == stopped == 0


def test_conjugate_gradient_stops_where_the_curvature_turns_negative():
    """Two steps are made as on a matrix without its negative eigenvalue."""
    values = torch.tensor([1.0, 2.0, 3.0, -0.001], dtype=torch.float64)
    b = {"b": torch.tensor([1.0, 1.0, 1.0, 1e-9], dtype=torch.float64)}
    found = conjugate_gradient(lambda v: {"b": values * v["b"]}, b, 20)
    without = conjugate_gradient(lambda v: {"b": values.abs() * v["b"]}, b, 3)
    assert found.stopped == 1
    torch.testing.assert_close(found.x["b"][:3], without.x["b"][:3])
    assert found.x["b"].isfinite().all()


def test_conjugate_gradient_answers_b_where_no_direction_has_positive_curvature():
    b = {"b": torch.ones(3, dtype=torch.float64)}
    found = conjugate_gradient(lambda v: {"b": -2 * v["b"]}, b, 5)
    assert torch.equal(found.x["b"], b["b"])
    assert found.stopped == 1
    torch.testing.assert_close(found.residual, torch.tensor(3.0, dtype=torch.float64))


def test_tasks_side_by_side_stop_each_by_itself():
    values = torch.tensor([[1.0, 2.0], [-1.0, -2.0]], dtype=torch.float64)
    b = torch.ones(2, dtype=torch.float64)

    def solve(diagonal: torch.Tensor) -> Solution:
        return conjugate_gradient(lambda v: {"b": diagonal * v["b"]}, {"b": b}, 4)

    found = torch.func.vmap(solve)(values)
    torch.testing.assert_close(found.x["b"][0], b / values[0])
    assert torch.equal(found.x["b"][1], b)
    assert found.stopped.tolist() == [0, 1]


def test_hessian_products_are_those_of_the_dense_hessian():
    task, params, episode = regression()
    vector = torch.randn(len(flat(params)), generator=seeded(), dtype=torch.float64)
    dense = torch.autograd.functional.hessian(
        lambda at: task.loss(like(params, at), episode.support), flat(params)
    )
    product = hessian_of(lambda at: task.loss(at, episode.support), params)
    torch.testing.assert_close(flat(product(like(params, vector))), dense @ vector)


def test_imamls_gradient_is_a_dense_solve_at_the_adapted_weights():
    task, params, episode = regression()
    learner = ImplicitMaml(proximal=20.0, inner_lr=0.01, inner_steps=5, cg_steps=60)
    said = learner.meta_gradient(task, params, episode, {})
    phi = flat(last(learner.adapt(task, params, episode.batches(5), {})))
    hessian = torch.autograd.functional.hessian(
        lambda at: task.loss(like(params, at), episode.support), phi
    )
    b = flat(torch.func.grad(task.loss)(like(params, phi), episode.query))
    expected = torch.linalg.solve(torch.eye(len(phi)) + hessian / 20.0, b)
    torch.testing.assert_close(flat(said.gradient), expected, rtol=1e-6, atol=1e-9)
    assert said.extras["cg_residual"] < 1e-6


def test_imamls_damping_is_added_to_the_diagonal_of_the_dense_solve():
    task, params, episode = regression()
    learner = ImplicitMaml(
        proximal=0.5, inner_lr=0.01, inner_steps=5, cg_steps=80, cg_damping=30.0
    )
    said = learner.meta_gradient(task, params, episode, {})
    phi = flat(last(learner.adapt(task, params, episode.batches(5), {})))
    hessian = torch.autograd.functional.hessian(
        lambda at: task.loss(like(params, at), episode.support), phi
    )
    b = flat(torch.func.grad(task.loss)(like(params, phi), episode.query))
    expected = torch.linalg.solve(31 * torch.eye(len(phi)) + hessian / 0.5, b)
    torch.testing.assert_close(flat(said.gradient), expected, rtol=1e-6, atol=1e-9)
    assert said.extras["cg_stopped"] == 0


class Quadratic:
    """L(phi; (A, b)) = phi' A phi / 2 - b' phi, whose inner problem has a solution."""

    def loss(self, params: Params, examples: Examples) -> torch.Tensor:
        phi = params["phi"]
        return phi @ examples.x @ phi / 2 - examples.y @ phi

    def score(self, params, examples):
        loss = self.loss(params, examples)
        return loss, torch.zeros_like(loss)


def quadratic_episode() -> tuple[Params, Episode]:
    b = torch.randn(2, 6, generator=seeded(2), dtype=torch.float64)
    support = Examples(positive_definite(6), b[0])
    query = Examples(torch.eye(6, dtype=torch.float64), b[1])
    theta = torch.randn(6, generator=seeded(3), dtype=torch.float64)
    return {"phi": theta}, Episode(support, query)


@pytest.mark.parametrize(
    ("solver", "steps", "cg_steps"),
    [("gradient descent", 1000, 6), ("hessian-free", 3, 6)],
)
def test_imaml_on_a_quadratic_has_the_closed_form(solver, steps, cg_steps):
    theta, episode = quadratic_episode()
    learner = ImplicitMaml(
        inner_solver=solver,
        inner_steps=steps,
        cg_steps=cg_steps,
        inner_lr=0.02,
        proximal=3.0,
    )
    (matrix, b), (query_matrix, query_b), _ = episode
    identity = torch.eye(6, dtype=torch.float64)
    phi = torch.linalg.solve(matrix + 3 * identity, b + 3 * theta["phi"])
    jacobian = torch.linalg.solve(matrix + 3 * identity, 3 * identity)
    expected = jacobian.T @ (query_matrix @ phi - query_b)
    said = learner.meta_gradient(Quadratic(), theta, episode, {})
    torch.testing.assert_close(said.gradient["phi"], expected, rtol=1e-6, atol=1e-8)


def test_hessian_free_reaches_what_gradient_descent_converges_to():
    task, params, episode = regression()
    descent = ImplicitMaml(inner_lr=0.02, proximal=4.0)
    newton = ImplicitMaml(
        inner_solver="hessian-free", inner_steps=20, cg_steps=20, proximal=4.0
    )
    slow = flat(last(descent.adapt(task, params, episode.batches(3000), {})))
    fast = flat(last(newton.adapt(task, params, episode.batches(20), {})))
    torch.testing.assert_close(fast, slow, rtol=1e-4, atol=1e-5)


def test_clipping_bounds_every_entry_of_the_inner_gradient():
    task, params, episode = regression()
    free, clipped = Maml(inner_lr=1.0), Maml(inner_lr=1.0, inner_clip=0.01)
    moved = flat(last(clipped.adapt(task, params, episode.batches(1), {})))
    slope = flat(last(free.adapt(task, params, episode.batches(1), {})))
    expected = (flat(params) - slope).clamp(-0.01, 0.01)
    torch.testing.assert_close(flat(params) - moved, expected)
    assert (expected.abs() == 0.01).any()
