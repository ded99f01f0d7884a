"""Meta-steps as the strongest compilers make them: torch.compile's, and JAX's.

Both are written for one task, mapped over the meta-batch and compiled whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from workbench.core.learning.episode import Episode
from workbench.core.training.outer_loop import OuterLoop
from workbench.models.conv4 import Conv4

META_LR = 1e-3


class FuncPeer:
    """``torch.func``: grad of a vmapped loss, through ``torch.compile``."""

    def __init__(self, net: nn.Module, loop: OuterLoop) -> None:
        self._net = net
        self._loop = loop
        self._differentiate = torch.compile(self._mean_gradient, dynamic=False)
        self._adam = torch.optim.Adam(net.parameters(), lr=META_LR, fused=True)
        self._step = 0

    def to(self, dtype: torch.dtype) -> None:
        """Compute in numbers of this type."""
        self._net.to(dtype)

    def gradient(self, episodes: Episode) -> list[Tensor]:
        """Return the mean meta-gradient over the episodes."""
        weights = {name: leaf.detach() for name, leaf in self._net.named_parameters()}
        arrays = [*episodes.support, *episodes.query]
        return list(self._differentiate(weights, *arrays).values())

    def advance(self) -> None:
        """Make one meta-step, sampling included."""
        gradient = self.gradient(self._loop.episodes[self._step])
        for parameter, slope in zip(self._net.parameters(), gradient, strict=True):
            parameter.grad = slope
        self._adam.step()
        self._step += 1

    def _mean_gradient(self, weights, *arrays: Tensor):
        learner = self._loop.config.algorithm

        def query_loss(weights, x, y, query_x, query_y):
            for _ in range(learner.inner_steps):
                slopes = torch.func.grad(self._loss)(weights, x, y)
                weights = {
                    name: leaf - learner.inner_lr * slopes[name]
                    for name, leaf in weights.items()
                }
            return self._loss(weights, query_x, query_y)

        def mean_loss(weights):
            axes = (None, 0, 0, 0, 0)
            return torch.func.vmap(query_loss, axes)(weights, *arrays).mean()

        return torch.func.grad(mean_loss)(weights)

    def _loss(self, weights, x: Tensor, y: Tensor) -> Tensor:
        outputs = torch.func.functional_call(self._net, weights, (x,))
        if y.dtype == torch.int64:
            return nn.functional.cross_entropy(outputs, y)
        return nn.functional.mse_loss(outputs, y)


class JaxPeer:
    """JAX: grad of a vmapped loss, and Adam, in one jitted function."""

    def __init__(self, net: nn.Module, loop: OuterLoop) -> None:
        import jax

        self._loop = loop
        self._device = loop.device
        self._outputs = jax_outputs(loop)
        self._shapes = [leaf.shape for leaf in net.parameters()]
        self._weights = [self._array(leaf.detach()) for leaf in net.parameters()]
        self._moments = [[0.0 * leaf for leaf in self._weights] for _ in range(2)]
        self._differentiate = jax.jit(jax.grad(self._mean_loss))
        self._advance = jax.jit(self._adam_step, donate_argnums=(0, 1))
        self._step = 0

    def to(self, dtype: torch.dtype) -> None:
        """Compute in numbers of this type."""
        import jax

        jax.config.update("jax_enable_x64", dtype == torch.float64)
        name = str(dtype).removeprefix("torch.")
        self._weights = [leaf.astype(name) for leaf in self._weights]

    def gradient(self, episodes: Episode) -> list[Tensor]:
        """Return the mean meta-gradient over the episodes."""
        slopes = self._differentiate(self._weights, self._arrays(episodes))
        return [torch.from_dlpack(slope).clone() for slope in slopes]

    def advance(self) -> None:
        """Make one meta-step, sampling included, and wait for it on a CPU."""
        arrays = self._arrays(self._loop.episodes[self._step])
        self._step += 1
        self._weights, self._moments = self._advance(
            self._weights, self._moments, arrays, float(self._step)
        )
        if self._device.type == "cpu":
            self._weights[0].block_until_ready()

    def wait(self) -> None:
        """Wait for the meta-steps that were asked for."""
        self._weights[0].block_until_ready()

    def _arrays(self, episodes: Episode) -> list[Any]:
        arrays = [*episodes.support, *episodes.query]
        return [self._array(array) for array in arrays]

    def _array(self, tensor: Tensor) -> Any:
        import jax

        if tensor.dtype == torch.int64:
            tensor = tensor.int()
        return jax.dlpack.from_dlpack(tensor.clone().contiguous())

    def _mean_loss(self, weights, arrays: Sequence[Any]):
        import jax

        learner = self._loop.config.algorithm

        def query_loss(weights, x, y, query_x, query_y):
            for _ in range(learner.inner_steps):
                slopes = jax.grad(self._loss)(weights, x, y)
                weights = [
                    leaf - learner.inner_lr * slope
                    for leaf, slope in zip(weights, slopes, strict=True)
                ]
            return self._loss(weights, query_x, query_y)

        axes = (None, 0, 0, 0, 0)
        return jax.vmap(query_loss, axes)(weights, *arrays).mean()

    def _loss(self, weights, x, y):
        import jax

        outputs = self._outputs(weights, x)
        if y.dtype != "int32":
            return ((outputs - y) ** 2).mean()
        chosen = jax.nn.one_hot(y, outputs.shape[-1], dtype=outputs.dtype)
        return -(chosen * jax.nn.log_softmax(outputs)).sum(-1).mean()

    def _adam_step(self, weights, moments, arrays, step):
        import jax

        slopes = jax.grad(self._mean_loss)(weights, arrays)
        first = [0.9 * m + 0.1 * g for m, g in zip(moments[0], slopes, strict=True)]
        second = [
            0.999 * v + 0.001 * g**2 for v, g in zip(moments[1], slopes, strict=True)
        ]
        rate = META_LR * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
        weights = [
            leaf - rate * m / (v**0.5 + 1e-8)
            for leaf, m, v in zip(weights, first, second, strict=True)
        ]
        return weights, [first, second]


def jax_outputs(loop: OuterLoop) -> Callable[[Sequence[Any], Any], Any]:
    """Return the model's outputs as a function of its weights in order, and of x."""
    model = loop.config.model
    if isinstance(model, Conv4):
        return lambda weights, x: _conv_outputs(model, weights, x)
    return _mlp_outputs


def _mlp_outputs(weights: Sequence[Any], x):
    *hidden, weight, bias = weights
    for place in range(0, len(hidden), 2):
        x = (x @ hidden[place].T + hidden[place + 1]).clip(0)
    return x @ weight.T + bias


def _conv_outputs(model: Conv4, weights: Sequence[Any], x):
    from jax import lax

    *blocks, weight, bias = weights
    stride = 2 if model.downsample == "stride" else 1
    for place in range(0, len(blocks), 3):
        kernel, scale, shift = blocks[place : place + 3]
        x = lax.conv_general_dilated(x, kernel, (stride, stride), [(1, 1), (1, 1)])
        mean = x.mean((0, 2, 3), keepdims=True)
        variance = ((x - mean) ** 2).mean((0, 2, 3), keepdims=True)
        x = (x - mean) * lax.rsqrt(variance + 1e-3)
        x = (x * scale[:, None, None] + shift[:, None, None]).clip(0)
        if stride == 1:
            window = (1, 1, 2, 2)
            x = lax.reduce_window(x, -float("inf"), lax.max, window, window, "VALID")
    if model.features == "mean":
        x = x.mean((2, 3))
    return x.reshape(len(x), -1) @ weight.T + bias
