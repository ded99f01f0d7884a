"""The lines of Python that use exported weights without this project."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from workbench.core.acting.settings import ActingSettings
from workbench.core.base.settings import Settings
from workbench.core.config.run_config import RunConfig
from workbench.core.learning import views
from workbench.core.learning.code import Adapting
from workbench.core.learning.task_family import ClassificationSettings

_POLICY = [
    "def act(w, x):  # an action for each observation",
    '    return torch.normal(net(w, x), w["log_sd"].exp().expand(len(x), -1))',
    "",
    "def loss(w, x, y):  # y: actions, and how much better each was",
    "    action, advantage = y",
    '    policy = torch.distributions.Normal(net(w, x), w["log_sd"].exp())',
    "    return -(policy.log_prob(action).sum(-1) * advantage).mean()",
]
"""What a policy does, and its loss."""


def code_for(config: RunConfig, file: str) -> str:
    """Return a program that loads the weights, adapts to a task and predicts.

    Where the model or the learner has no lines for it, a comment stands instead.
    """
    adapting = _adapting(config)
    lines = [
        f'"""Adapts {config.model.kind} weights, meta-trained by '
        f'{config.algorithm.kind}, to a task."""',
        "import torch",
        "import torch.nn.functional as F",
        "from safetensors.torch import load_file",
        "",
        f"w = load_file({file!r})",
        *_parted(adapting),
        *_spread_head(config, adapting),
        "",
        *_network(config),
        "",
        *_loss(config),
        "",
        *_adapt(config, adapting),
    ]
    return "\n".join(lines) + "\n"


def without_code(config: RunConfig) -> str:
    """Return what the program lacks because a member does not say it, if anything."""
    lacks = []
    if _network_lines(config) is None:
        lacks.append(f"how the model {config.model.title} computes")
    if _adapting(config) is None:
        lacks.append(f"how the learner {config.algorithm.title} adapts")
    return f"No lines of Python say {' or '.join(lacks)}." if lacks else ""


def _network_lines(config: RunConfig) -> list[str] | None:
    model = config.model
    return model.code() if _says(model, "embed", "apply") else None


def _adapting(config: RunConfig) -> Adapting | None:
    learner = config.algorithm
    return learner.code() if _says(learner, "adapt", "weights") else None


def _says(member: Settings, *does: str) -> bool:
    """Return whether the member's lines are as new as what they say of it.

    A subclass that does something else has none, until it writes its own.
    """
    for base in type(member).__mro__:
        if "code" in vars(base):
            return True
        if any(name in vars(base) for name in does):
            return False
    return False


def _parted(adapting: Adapting | None) -> Iterator[str]:
    """Yield the lines that part the weights from what else the file holds of them."""
    if adapting is None:
        return
    for name, tree in adapting.trees.items():
        yield (
            f"{name} = {{k[{len(tree) + 1}:]: w.pop(k) for k in list(w) "
            f'if k.startswith("{tree}/")}}'
        )
    for name, tensor in adapting.tensors.items():
        yield f'{name} = w.pop("{tensor}")'


def _spread_head(config: RunConfig, adapting: Adapting | None) -> Iterator[str]:
    if config.model.head != "shared":
        return
    trees = ", ".join(["w", *(adapting.trees if adapting else ())])
    yield f"for part in [{trees}]:  # one row for each class"
    yield (
        f"    part |= {{k: v.expand({config.task.outputs}, *v.shape[1:]) "
        'for k, v in part.items() if k.startswith("head.")}'
    )


def _network(config: RunConfig) -> list[str]:
    shape = ", ".join(map(str, config.task.input_shape))
    lines = _network_lines(config)
    if lines is None:
        return [f"# def net(w, x):  # x: [n, {shape}]", f"# {without_code(config)}"]
    head = '    return F.linear(x, w["head.weight"], w["head.bias"])'
    number = config.evaluation.views
    if number == 1:
        return [f"def net(w, x):  # x: [n, {shape}]", *_indented(lines), head]
    return [
        f"def embed(w, x):  # x: [n, {shape}]",
        *_indented(lines),
        "    return x",
        "",
        *views.code(number),
        "",
        "def net(w, x):",
        "    x = torch.stack([embed(w, view) for view in views(x)]).mean(0)",
        head,
    ]


def _adapt(config: RunConfig, adapting: Adapting | None) -> list[str]:
    acts = config.task.problem == "reinforcement"
    # What a step of a policy learns from is collected anew.
    steps = 1 if acts else config.evaluation.steps
    batch = config.algorithm.inner_batch(training=False)
    some = f"; the workbench takes {batch} examples a step" if batch else ""
    to = "to steps of trajectories" if acts else "to a support set"
    head = f"def adapt(w, x, y, steps={steps}):  # {to}{some}"
    if adapting is None:
        return [f"# {head}", f"# {without_code(config)}"]
    return [
        head,
        *_indented(adapting.lines),
        "    return w",
        "",
        _used(config),
    ]


def _used(config: RunConfig) -> str:
    """Return a comment that says what is done with it all."""
    if not isinstance(config.task, ActingSettings):
        return "# net(adapt(w, support_x, support_y), query_x)"
    later = config.task.later_steps
    times = "" if later == 1 else f", with {later:g} times the advantages,"
    return (
        "# act(adapt(w, seen, (actions, advantages)), x); and again"
        f"{times} to adapt further"
    )


def _indented(lines: list[str]) -> list[str]:
    return [indent(line, "    ") for line in lines]


def _loss(config: RunConfig) -> list[str]:
    task = config.task
    if task.problem == "reinforcement":
        return _POLICY
    loss = "F.mse_loss(net(w, x), y)"
    if isinstance(task, ClassificationSettings):
        factor = f"{task.ways} * " if task.reduction == "sum over ways" else ""
        loss = f"{factor}F.cross_entropy(net(w, x), y)"
    return ["def loss(w, x, y):", f"    return {loss}"]
