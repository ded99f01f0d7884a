"""The lines of Python that use exported weights without this project."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.core.run_config import RunConfig
from workbench.core.task_family import ClassificationSettings


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
        *_split_off_rates(config),
        *_spread_head(config),
        "",
        *_network(config),
        "",
        *_adapt(config),
    ]
    return "\n".join(lines) + "\n"


def _split_off_rates(config: RunConfig) -> Iterator[str]:
    if config.algorithm.kind == "meta-sgd":
        yield 'rates = {k[6:]: w.pop(k) for k in list(w) if k.startswith("alpha/")}'


def _spread_head(config: RunConfig) -> Iterator[str]:
    if config.model.head != "shared":
        return
    names = ["w"] + ["rates"] * (config.algorithm.kind == "meta-sgd")
    for name in names:
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
    task, learner = config.task, config.algorithm
    loss = "F.mse_loss(net(w, x), y)"
    if isinstance(task, ClassificationSettings):
        factor = f"{task.ways} * " if task.reduction == "sum over ways" else ""
        loss = f"{factor}F.cross_entropy(net(w, x), y)"
    rate = getattr(learner, "inner_lr", 0.01)
    step = {
        "meta-sgd": "v - rates[k] * g",
        "imaml": f"v - {rate} * (g + {getattr(learner, 'proximal', 0)} * (v - w0[k]))",
    }.get(learner.kind, f"v - {rate} * g")
    head = f"def adapt(w, x, y, steps={config.evaluation.steps}):  # to a support set"
    use = "# net(adapt(w, support_x, support_y), query_x)"
    if getattr(learner, "inner_optimiser", "") == "adam":
        return [
            head,
            "    w = {k: v.clone().requires_grad_() for k, v in w.items()}",
            f"    adam = torch.optim.Adam(w.values(), lr={rate}, betas=(0.0, 0.999))",
            "    for _ in range(steps):",
            "        adam.zero_grad()",
            f"        ({loss}).backward()",
            "        adam.step()",
            "    return w",
            "",
            use,
        ]
    return [
        head,
        *(["    w0 = w"] if learner.kind == "imaml" else []),
        "    for _ in range(steps):",
        "        w = {k: v.detach().requires_grad_() for k, v in w.items()}",
        f"        g = torch.autograd.grad({loss}, list(w.values()))",
        f"        w = {{k: {step} for (k, v), g in zip(w.items(), g)}}",
        "    return w",
        "",
        use,
    ]
