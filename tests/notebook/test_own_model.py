"""Models made of anybody's network: held against the network itself."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

import workbench
from workbench.core.acting.policy import objective_of
from workbench.core.base.plugins import MemberError
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.engine.engine import LoopEngine, ThreadEngine, VmapEngine
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params
from workbench.tasks.sinusoid import Sinusoid


class Plain(nn.Module):
    """A network of vectors."""

    def __init__(self, width: int = 6, outputs: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(4, width)
        self.fc = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(torch.tanh(self.first(x)))


class Pictures(nn.Module):
    """A network of pictures, with what few-shot learning must take care of."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2)
        )
        self.classifier = nn.Sequential(nn.Dropout(0.5), nn.ReLU(), nn.Linear(16, 3))
        self.register_buffer("scale", torch.tensor(0.5))
        self.shift = torch.tensor(0.25)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.dropout(self.features(x), training=self.training)
        return self.classifier(self.scale * x.flatten(1) + self.shift)


QUICK = {
    "training.iterations": 1,
    "training.meta_batch": 2,
    "evaluation.validation_tasks": 2,
    "evaluation.tasks": 2,
}
NETS: dict[str, tuple[Any, str, tuple[int, ...]]] = {
    "vectors": (Plain, "fc", (4,)),
    "pictures": (Pictures, "classifier.2", (1, 8, 8)),
}


def seeded(make: Any) -> nn.Module:
    torch.manual_seed(0)
    net: nn.Module = make()
    return net


def as_used(net: nn.Module) -> nn.Module:
    """Return the network as few-shot learning uses it: batch statistics, no dropout."""
    net = copy.deepcopy(net).double()
    for module in net.modules():
        module.train(isinstance(module, nn.BatchNorm2d))
    return net


def start(model: ModelSettings, shape: tuple[int, ...], outputs: int = 3) -> Params:
    params = model.start(shape, outputs, torch.Generator().manual_seed(0))
    return {name: leaf.double() for name, leaf in params.items()}


@pytest.mark.parametrize("which", NETS)
def test_outputs_and_gradients_are_the_network_s_own(which: str) -> None:
    make, head, shape = NETS[which]
    net = seeded(make)
    model = workbench.Model.from_module(net, head=head)
    params = start(model, shape)
    x = torch.randn(5, *shape, dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 0, 1])
    truth = as_used(net)
    assert torch.allclose(model.apply(params, x), truth(x), atol=1e-12)
    nn.functional.cross_entropy(truth(x), y).backward()
    slopes = torch.func.grad(
        lambda at: nn.functional.cross_entropy(model.apply(at, x), y)
    )(params)
    wanted = {name: leaf.grad for name, leaf in truth.named_parameters()}
    for name, slope in slopes.items():
        own = name.replace("head.", f"{head}.").removeprefix("body.")
        assert torch.allclose(slope, wanted.pop(own), atol=1e-12), name
    assert not wanted


@pytest.mark.parametrize("which", NETS)
def test_all_engines_agree_on_second_order_gradients(which: str) -> None:
    make, head, shape = NETS[which]
    model = workbench.Model.from_module(seeded(make), head=head)
    params = start(model, shape)
    generator = torch.Generator().manual_seed(1)
    y = torch.tensor([0, 1, 2] * 2).expand(4, -1)
    halves = (
        Examples(torch.randn(4, 6, *shape, generator=generator).double(), y)
        for _ in range(2)
    )
    task = workbench.Task.from_dataset(
        [(torch.rand(shape), label) for label in range(15) for _ in range(3)], 3, 1
    )
    objective = objective_of(model, task)

    def after_a_step(at: Params, episode: Episode) -> Params:
        def adapted(at: Params) -> torch.Tensor:
            slopes = torch.func.grad(objective.loss)(at, episode.support)
            moved = {name: leaf - 0.1 * slopes[name] for name, leaf in at.items()}
            return objective.loss(moved, episode.query)

        return torch.func.grad(adapted)(at)

    episodes = Episode(*halves)
    truth = LoopEngine().mean(after_a_step, episodes, params)
    for engine in (ThreadEngine(2), VmapEngine()):
        for _ in range(4):  # the first few write down, the others replay
            found = engine.mean(after_a_step, episodes, params)
        for name, leaf in truth.items():
            assert torch.allclose(found[name], leaf, atol=1e-10), name


def test_the_network_given_stays_as_it_is_and_is_no_longer_needed() -> None:
    net = seeded(Pictures).train()
    before = copy.deepcopy(net.state_dict())
    model = workbench.Model.from_module(net, head="classifier.2")
    params = start(model, (1, 8, 8))
    x = torch.randn(4, 1, 8, 8, dtype=torch.float64)
    outputs = model.apply(params, x)
    after = net.state_dict()
    assert all(torch.equal(leaf, after[name]) for name, leaf in before.items())
    assert net.training
    assert all(leaf.requires_grad for leaf in net.parameters())
    nn.init.zeros_(net.classifier[2].weight)
    assert torch.equal(model.apply(params, x), outputs)
    assert torch.equal(start(model, (1, 8, 8))["head.weight"], params["head.weight"])


def test_a_head_of_another_size_is_drawn_by_the_generator() -> None:
    model = workbench.Model.from_module(seeded(Plain), head="fc")
    drawn = [
        model.start((4,), 5, torch.Generator().manual_seed(seed))["head.weight"]
        for seed in (0, 0, 1)
    ]
    assert drawn[0].shape == (5, 6)
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_a_head_without_a_bias_keeps_its_weights() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    params = workbench.Model.from_module(net, head="1").start(
        (4,), 2, torch.Generator()
    )
    assert torch.equal(params["head.weight"], net[1].weight)
    assert torch.equal(params["head.bias"], torch.zeros(2))


def test_batch_norm_is_known_for_what_it_is() -> None:
    pictures = workbench.Model.from_module(seeded(Pictures), head="classifier.2")
    plain = workbench.Model.from_module(seeded(Plain), head="fc")
    assert (pictures.normalises, plain.normalises) == ("batch", "none")


@pytest.mark.parametrize(
    ("net", "head", "message"),
    [
        (Plain(), "last", "'last' is no nn.Linear of Plain: head is one of 'first' or"),
        (Pictures(), "features", "head is one of 'classifier.2'$"),
        (nn.Flatten(), "fc", "is one of none: it has no linear layer"),
        (nn.Linear(4, 2), "", "'' is no nn.Linear of Linear: head is one of none"),
    ],
)
def test_a_head_that_is_none_is_told_with_those_there_are(net, head, message) -> None:
    with pytest.raises(MemberError, match=message):
        workbench.Model.from_module(net, head=head)


class Logs(Plain):
    """A network that does something after its last layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).log_softmax(1)


class Residual(Plain):
    """A network whose head is not all of what gives its outputs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.first(x))
        return self.fc(x) + x[:, :3]


@pytest.mark.parametrize(
    ("net", "head"), [(Plain(), "first"), (Logs(), "fc"), (Residual(), "fc")]
)
def test_a_head_that_is_not_last_is_refused(net: nn.Module, head: str) -> None:
    model = workbench.Model.from_module(net, head=head)
    name = type(net).__name__
    assert model.refusal((4,)) == (
        f"{name} gives something else than its head {head!r} does: the head must be "
        "the last layer"
    )


def test_inputs_that_do_not_fit_are_refused_before_a_run_is_made() -> None:
    model = workbench.Model.from_module(Plain(), head="fc")
    message = r"model\.kind: Plain cannot take inputs of 1: .*shapes cannot be mult"
    with pytest.raises(ConfigError, match=message):
        workbench.train(task=Sinusoid(), model=model)
    assert len(workbench.runs()) == 0


def test_two_networks_of_one_name_are_not_mistaken_for_each_other() -> None:
    vectors = [(torch.rand(4), label) for label in range(10) for _ in range(3)]
    task = workbench.Task.from_dataset(vectors, ways=2, shots=1)
    first = workbench.Model.from_module(Plain(5), head="fc")
    workbench.Model.from_module(Plain(7), head="fc")
    with pytest.raises(ConfigError, match="another 'Plain' was made after this one"):
        workbench.train(task=task, model=first)
    named = workbench.Model.from_module(Plain(5), head="fc", name="narrow")
    run = workbench.train(task=task, model=named, set=QUICK, progress=False)
    assert run.trained().meta["body.first.weight"].shape == (5, 4)


def test_a_name_of_ours_is_refused() -> None:
    with pytest.raises(MemberError, match="both have the kind 'conv4'"):
        workbench.Model.from_module(Plain(), head="fc", name="conv4")


def test_a_network_is_trained_from_its_own_weights_to_the_end() -> None:
    net = seeded(Pictures)
    pictures = [(torch.rand(8, 8), label) for label in range(15) for _ in range(4)]
    task = workbench.Task.from_dataset(pictures, ways=3, shots=1)
    model = workbench.Model.from_module(net, head="classifier.2")
    run = workbench.train(
        task=task, model=model, set=QUICK | {"training.meta_lr": 1e-9}, progress=False
    )
    meta = run.trained("latest").meta
    assert torch.allclose(meta["head.weight"], net.classifier[2].weight, atol=1e-6)
    assert RunConfig.from_toml(run.config.to_toml()) == run.config
    assert workbench.evaluate(run, tasks=2).norm == "batch"
