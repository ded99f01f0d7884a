"""The lines of Python that use exported weights without this project."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.core.config.run_config import RunConfig
from workbench.core.learning.task_family import ClassificationSettings


def code_for(config: RunConfig, file: str) -> str:
    """Return a program that loads the weights, adapts to a task and predicts."""
    lines = [
        f'"""Adapts {config.model.kind} weights, meta-trained by '
        f'{config.algorithm.kind}, to a task."""',
        "import torch",
        "import torch.nn.functional as F",
        "from safetensors.torch import load_file",
        "",
        f"w = load_file({file!r})",
        *_split_off(config),
        *_spread_head(config),
        "",
        *_network(config),
        "",
        *_adapt(config),
    ]
    return "\n".join(lines) + "\n"


def _split_off(config: RunConfig) -> Iterator[str]:
    """Yield the lines that part the weights from what else the file holds of them."""
    parts = _beside(config)
    for name, key in parts.items():
        yield (
            f"{name} = {{k[{len(key)}:]: w.pop(k) for k in list(w) "
            f'if k.startswith("{key}")}}'
        )
    if "squares" in parts:
        yield 'taken = w.pop("steps")  # by the inner Adam, in training'


def _beside(config: RunConfig) -> dict[str, str]:
    """Return what the file holds for each weight besides it, and under which prefix."""
    if config.algorithm.kind == "meta-sgd":
        return {"rates": "alpha/"}
    return {"squares": "squares/"} if _has_adam(config) else {}


def _has_adam(config: RunConfig) -> bool:
    return getattr(config.algorithm, "inner_optimiser", "") == "adam"


def _spread_head(config: RunConfig) -> Iterator[str]:
    if config.model.head != "shared":
        return
    for name in ("w", *_beside(config)):
        yield (
            f"{name} |= {{k: v.expand({config.task.outputs}, *v.shape[1:]) for k, v in "
            f'{name}.items() if k.startswith("head.")}}  # one row for each class'
        )


def _network(config: RunConfig) -> list[str]:
    shape = ", ".join(map(str, config.task.input_shape))
    norm = str(getattr(config.model, "norm", "none"))
    if config.model.kind == "conv4":
        pool = getattr(config.model, "downsample", "stride") == "max-pool"
        mean = getattr(config.model, "features", "mean") == "mean"
        layer = (
            'F.conv2d(x, w[f"conv{i}.weight"], w.get(f"conv{i}.bias"), '
            f"stride={1 if pool else 2}, padding=1)"
        )
        body = _layer(layer, norm, "range(1, 5)")
        body += ["        x = F.max_pool2d(x, 2)"] if pool else []
        body += [f"    x = {'x.mean((2, 3))' if mean else 'x.flatten(1)'}"]
        if getattr(config.model, "hidden_units", None) is not None:
            body += ['    x = F.linear(x, w["hidden.weight"], w["hidden.bias"]).relu()']
    else:
        depth = len(getattr(config.model, "hidden", ()))
        layer = 'F.linear(x, w[f"hidden{i}.weight"], w[f"hidden{i}.bias"])'
        body = ["    x = x.flatten(1)", *_layer(layer, norm, f"range(1, {depth + 1})")]
    return [
        f"def net(w, x):  # x: [n, {shape}]",
        *body,
        '    return F.linear(x, w["head.weight"], w["head.bias"])',
    ]


def _layer(layer: str, norm: str, numbers: str) -> list[str]:
    scales = 'w[f"norm{i}.scale"], w[f"norm{i}.shift"]'
    normed = {
        "batch": f"F.batch_norm(x, None, None, {scales}, training=True, eps=1e-3)",
        "layer": f"F.group_norm(x, 1, {scales}, eps=1e-3)",
        "none": "x",
    }[norm]
    return [
        f"    for i in {numbers}:",
        f"        x = {layer}",
        f"        x = {normed}.relu()",
    ]


def _adapt(config: RunConfig) -> list[str]:
    learner = config.algorithm
    steps = config.evaluation.steps
    batch = learner.inner_batch(training=False)
    some = f"; the workbench takes {batch} examples a step" if batch else ""
    return [
        f"def adapt(w, x, y, steps={steps}):  # to a support set{some}",
        *_inner_loop(config),
        "    return w",
        "",
        "# net(adapt(w, support_x, support_y), query_x)",
    ]


def _inner_loop(config: RunConfig) -> list[str]:
    learner = config.algorithm
    if _has_adam(config):
        return _adam_steps(config)
    if getattr(learner, "inner_solver", "") == "hessian-free":
        return _newton_steps(config)
    rate = getattr(learner, "inner_lr", 0.01)
    gradient = "g"
    if learner.kind == "imaml":
        gradient = f"(g + {getattr(learner, 'proximal', 0)} * (v - w0[k]))"
    if learner.inner_clip is not None:
        gradient += f".clamp(-{learner.inner_clip}, {learner.inner_clip})"
    size = "rates[k]" if learner.kind == "meta-sgd" else str(rate)
    moved = ' if k.startswith("head.")' if learner.kind == "anil" else ""
    return [
        *(["    w0 = w"] if learner.kind == "imaml" else []),
        "    for _ in range(steps):",
        f"        t = {{k: v.detach().requires_grad_() for k, v in w.items(){moved}}}",
        f"        g = torch.autograd.grad({_loss(config, 'w | t')}, list(t.values()))",
        f"        w = w | {{k: v.detach() - {size} * {gradient} "
        "for (k, v), g in zip(t.items(), g)}",
    ]


def _adam_steps(config: RunConfig) -> list[str]:
    rate = getattr(config.algorithm, "inner_lr", 0.001)
    limit = config.algorithm.inner_clip
    clip = f"        torch.nn.utils.clip_grad_value_(w.values(), {limit})"
    return [
        "    w = {k: v.clone().requires_grad_() for k, v in w.items()}",
        f"    adam = torch.optim.Adam(w.values(), lr={rate}, betas=(0.0, 0.999))",
        "    for k, v in w.items():  # the slots go on where training left them",
        '        adam.state[v] = {"step": taken.clone(), '
        '"exp_avg": torch.zeros_like(v), "exp_avg_sq": squares[k].clone()}',
        "    for _ in range(steps):",
        "        adam.zero_grad()",
        f"        ({_loss(config)}).backward()",
        *([clip] if limit is not None else []),
        "        adam.step()",
    ]


def _newton_steps(config: RunConfig) -> list[str]:
    strength = getattr(config.algorithm, "proximal", 0)
    return [
        "    w0, w = w, {k: v.clone().requires_grad_() for k, v in w.items()}",
        "    # The workbench takes Newton steps towards the least of what is below.",
        "    solver = torch.optim.LBFGS(w.values(), max_iter=10 * steps, "
        'line_search_fn="strong_wolfe")',
        "    def objective():",
        "        solver.zero_grad()",
        "        way = sum(((w[k] - w0[k]) ** 2).sum() for k in w)",
        f"        value = {_loss(config)} + {strength} / 2 * way",
        "        value.backward()",
        "        return value",
        "    solver.step(objective)",
    ]


def _loss(config: RunConfig, weights: str = "w") -> str:
    task = config.task
    if not isinstance(task, ClassificationSettings):
        return f"F.mse_loss(net({weights}, x), y)"
    factor = f"{task.ways} * " if task.reduction == "sum over ways" else ""
    return f"{factor}F.cross_entropy(net({weights}, x), y)"
