"""What every registered model must do, and that each is what it says it is."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.core.base.registry import members
from workbench.core.learning.model import ModelSettings
from workbench.models.conv4 import Conv4
from workbench.models.deep_conv import DeepConv
from workbench.models.mlp import Mlp

MODELS = members("workbench.models", ModelSettings)  # type: ignore[type-abstract]
NORMS = ("batch", "layer", "none")
SHAPES = [(1, 28, 28), (3, 84, 84)]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(shape: tuple[int, ...], count: int = 3) -> torch.Tensor:
    return torch.rand(count, *shape, generator=seeded(9))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", MODELS)
def test_it_gives_outputs_for_inputs_and_repeats_itself(kind, shape, norm):
    model = kind(norm=norm)
    params, again = (model.start(shape, 5, seeded(1)) for _ in range(2))
    assert all(torch.equal(params[name], again[name]) for name in params)
    outputs = model.apply(params, pictures(shape))
    assert outputs.shape == (3, 5)
    assert torch.isfinite(outputs).all()
    assert len(params["head.weight"]) == len(params["head.bias"]) == 5


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", MODELS)
def test_it_mixes_examples_exactly_where_it_says_so(kind, norm):
    model = kind(norm=norm)
    # The papers' small weights leave little to see: draw larger ones.
    params = {
        name: torch.randn(leaf.shape, generator=seeded(2)) * 0.3
        for name, leaf in model.start((1, 28, 28), 5, seeded()).items()
    }
    x = pictures((1, 28, 28))
    together = model.apply(params, x)[:2]
    apart = model.apply(params, x[:2])
    assert model.mixes_batch != torch.allclose(together, apart, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", MODELS)
def test_only_its_head_has_a_row_for_every_output(kind):
    few, many = (kind().start((1, 28, 28), n, seeded()) for n in (1, 7))
    differing = {name for name in few if few[name].shape != many[name].shape}
    assert differing == {"head.weight", "head.bias"}


def torch_conv4(model: Conv4, params: dict) -> torch.nn.Sequential:
    """The same network of torch's own layers, with these parameters."""
    stride = 2 if model.downsample == "stride" else 1
    layers: list[torch.nn.Module] = []
    for block in (1, 2, 3, 4):
        inputs = params[f"conv{block}.weight"].shape[1]
        convolution = torch.nn.Conv2d(
            inputs, model.filters, 3, stride, 1, bias=model.norm == "none"
        )
        convolution.weight.data = params[f"conv{block}.weight"]
        norm = torch.nn.Identity()
        if model.norm == "none":
            convolution.bias.data = params[f"conv{block}.bias"]
        elif model.norm == "layer":
            norm = torch.nn.GroupNorm(1, model.filters, eps=1e-3)
        else:
            norm = torch.nn.BatchNorm2d(
                model.filters, eps=1e-3, track_running_stats=False
            )
        if model.norm != "none":
            norm.weight.data = params[f"norm{block}.scale"]
            norm.bias.data = params[f"norm{block}.shift"]
        layers += [convolution, norm, torch.nn.ReLU()]
        if model.downsample == "max-pool":
            layers.append(torch.nn.MaxPool2d(2))
    if model.features == "mean":
        layers.append(torch.nn.AdaptiveAvgPool2d(1))
    layers.append(torch.nn.Flatten())
    for name in ("hidden", "head") if model.hidden_units else ("head",):
        dense = torch.nn.LazyLinear(len(params[f"{name}.bias"]))
        dense.weight = torch.nn.Parameter(params[f"{name}.weight"])
        dense.bias = torch.nn.Parameter(params[f"{name}.bias"])
        layers += [dense, torch.nn.ReLU()] if name == "hidden" else [dense]
    return torch.nn.Sequential(*layers)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("hidden", [None, 6])
@pytest.mark.parametrize(
    ("downsample", "features"), [("stride", "mean"), ("max-pool", "flatten")]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_conv4_is_the_network_of_torch_s_layers(
    shape, downsample, features, hidden, norm
):
    model = Conv4(
        filters=4,
        downsample=downsample,
        features=features,
        hidden_units=hidden,
        norm=norm,
    )
    params = model.start(shape, 5, seeded())
    params = {
        name: leaf + 0.1 * torch.rand(leaf.shape, generator=seeded(3))
        for name, leaf in params.items()
    }
    x = pictures(shape)
    expected = torch_conv4(model, params)(x)
    torch.testing.assert_close(model.apply(params, x), expected, rtol=1e-3, atol=1e-4)


def test_conv4_has_the_features_of_the_papers():
    widths = {
        ("stride", "mean", (1, 28, 28), 64): 64,
        ("stride", "flatten", (1, 28, 28), 64): 256,
        ("max-pool", "flatten", (1, 28, 28), 64): 64,
        ("max-pool", "flatten", (3, 84, 84), 32): 800,
        ("stride", "flatten", (3, 84, 84), 32): 1152,
    }
    for (downsample, features, shape, filters), width in widths.items():
        model = Conv4(downsample=downsample, features=features, filters=filters)
        params = model.start(shape, 5, seeded())
        assert params["head.weight"].shape == (5, width)


def test_a_hidden_layer_stands_before_the_head():
    params = Conv4(hidden_units=32).start((1, 28, 28), 5, seeded())
    assert params["hidden.weight"].shape == (32, 64)
    assert params["head.weight"].shape == (5, 32)


def test_a_normal_head_changes_nothing_but_the_head():
    ours, normal = (
        Conv4(head_start=start).start((1, 28, 28), 50, seeded())
        for start in ("xavier", "normal")
    )
    differing = {name for name in ours if not torch.equal(ours[name], normal[name])}
    assert differing == {"head.weight"}
    assert normal["head.weight"].std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("norm", NORMS)
def test_the_mlp_is_the_network_of_torch_s_layers(norm):
    model = Mlp(hidden=(7, 6), norm=norm, initial="xavier")
    params = model.start((1, 28, 28), 5, seeded())
    x = pictures((1, 28, 28))
    h = x.flatten(1)
    for layer in (1, 2):
        h = h @ params[f"hidden{layer}.weight"].T + params[f"hidden{layer}.bias"]
        if norm == "batch":
            h = torch.nn.BatchNorm1d(h.shape[1], eps=1e-3)(h)
        elif norm == "layer":
            h = torch.nn.LayerNorm(h.shape[1], eps=1e-3)(h)
        h = h.relu()
    expected = h @ params["head.weight"].T + params["head.bias"]
    torch.testing.assert_close(model.apply(params, x), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("stem", ["stride", "full"])
@pytest.mark.parametrize("shape", SHAPES)
def test_deep_conv_is_the_network_of_torch_s_layers(shape, stem, norm):
    model = DeepConv(blocks=(4, 5, 6), stem=stem, norm=norm)
    params = model.start(shape, 5, seeded())
    params = {
        name: leaf + 0.1 * torch.rand(leaf.shape, generator=seeded(3))
        for name, leaf in params.items()
    }
    strided = stem == "stride"
    norms = {
        "none": lambda filters: torch.nn.Identity(),
        "layer": lambda filters: torch.nn.GroupNorm(1, filters, eps=1e-3),
        "batch": lambda filters: torch.nn.BatchNorm2d(filters, eps=1e-3),
    }
    x = y = pictures(shape)
    for block, filters in enumerate(model.blocks, start=1):
        weight, bias = (params.get(f"conv{block}.{p}") for p in ("weight", "bias"))
        stride, padding = (2, 2) if strided and block == 1 else (1, 1)
        y = torch.nn.functional.conv2d(y, weight, bias, stride, padding)
        normal = norms[norm](filters)
        if norm != "none":
            normal.weight.data = params[f"norm{block}.scale"]
            normal.bias.data = params[f"norm{block}.shift"]
        y = normal(y).relu()
        if block == 2:
            y = torch.nn.functional.max_pool2d(y, 2)
    expected = y.flatten(1) @ params["head.weight"].T + params["head.bias"]
    torch.testing.assert_close(model.apply(params, x), expected, rtol=1e-3, atol=1e-4)


def test_deep_conv_refuses_pictures_of_which_nothing_is_left():
    assert DeepConv().refusal((1, 48, 48)) is None
    assert "14 x 14 pixels after 4 halvings" in DeepConv().refusal((1, 14, 14))
    assert "nothing is left" in DeepConv(blocks=(4,) * 10).refusal((1, 28, 28))


def test_weights_start_xavier_uniform():
    params = Conv4().start((1, 28, 28), 5, seeded())
    weight = params["conv2.weight"]
    bound = math.sqrt(6 / (9 * (64 + 64)))
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert abs(weight.mean().item()) < 0.02 * bound


def test_weights_start_truncated_normal():
    params = Mlp(hidden=(400, 400)).start((1,), 1, seeded())
    weight = params["hidden2.weight"]
    assert weight.abs().max() <= 0.02
    # The deviation of a normal distribution cut off at two deviations.
    assert weight.std().item() == pytest.approx(0.8796 * 0.01, rel=0.01)
    assert not params["hidden2.bias"].any()


@pytest.mark.parametrize("kind", MODELS)
def test_norms_start_with_scale_one_and_shift_zero(kind):
    params = kind(norm="batch").start((1, 28, 28), 5, seeded())
    assert all((params[name] == 1).all() for name in params if "scale" in name)
    assert all((params[name] == 0).all() for name in params if "shift" in name)
