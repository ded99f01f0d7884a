"""A model made of anybody's ``torch.nn.Module``."""

from __future__ import annotations

import copy
import threading
from typing import ClassVar

import torch
from torch import nn

from workbench.core.base.phrases import one_line
from workbench.core.base.plugins import MemberError
from workbench.core.learning.dense import dense_start
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params
from workbench.notebook.registering import made


class Model:
    """Makes models for ``train``."""

    @staticmethod
    def from_module(net: nn.Module, head: str, *, name: str = "") -> ModelSettings:
        """Return a model of a network whose last layer is the ``nn.Linear`` ``head``.

        Meta-training begins with the network's own weights, but for a head of another
        size, which is drawn with the run's seed; the network itself stays as it is.
        Batch norm uses the statistics of the batch at hand, as few-shot learning does,
        and dropout is off. ``name`` is its kind, else that of the network's class: two
        networks that are used side by side need one each.
        """
        last = dict(net.named_modules()).get(head)
        if not head or not isinstance(last, nn.Linear):
            layers = [
                key
                for key, of in net.named_modules()
                if key and isinstance(of, nn.Linear)
            ]
            raise MemberError(
                f"{head!r} is no nn.Linear of {type(net).__name__}: head is one of "
                f"{' or '.join(map(repr, layers)) or 'none: it has no linear layer'}"
            )
        kind = name or type(net).__name__
        doc = f"{type(net).__name__}, made in a notebook."
        model = made(_ModuleModel, kind, doc, body=_Body(net, head, last))
        return model.model_validate({})


class _Body:
    """A network without its head, as a pure function that any thread may call.

    ``functional_call`` puts tensors into the module for a moment: each thread has one.
    """

    def __init__(self, net: nn.Module, head: str, last: nn.Linear) -> None:
        self.head = copy.deepcopy(last).requires_grad_(False).float().cpu()
        self._place = head
        net = copy.deepcopy(net).requires_grad_(False).float().cpu()
        self._net = _without_memory(_with_layer(net, head, nn.Identity()))
        self._local = threading.local()
        self._refusals: dict[tuple[int, ...], str | None] = {}

    @property
    def weights(self) -> Params:
        return {name: leaf.detach() for name, leaf in self._net.named_parameters()}

    @property
    def has_batch_norm(self) -> bool:
        return any(isinstance(each, _BATCH_NORM) for each in self._net.modules())

    def __call__(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        if not hasattr(self._local, "net"):
            self._local.net = _sharing_tensors(self._net)
        net = self._local.net
        tensors = {name: params[_inner(name)] for name, _ in net.named_parameters()}
        tensors |= {name: _beside(each, x) for name, each in net.named_buffers()}
        found: torch.Tensor = torch.func.functional_call(net, tensors, (x,))
        return found

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Say why the network cannot take such inputs, or its head be what it is."""
        if input_shape not in self._refusals:
            self._refusals[input_shape] = self._tried(input_shape)
        return self._refusals[input_shape]

    def _tried(self, input_shape: tuple[int, ...]) -> str | None:
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(2, *input_shape, generator=generator)
        net = copy.deepcopy(self._net)
        whole = _with_layer(copy.deepcopy(net), self._place, self.head)
        try:
            with torch.no_grad():
                outputs = whole(x)
        except Exception as error:  # whatever the code of others raises
            size = " x ".join(map(str, input_shape))
            return f"cannot take inputs of {size}: {one_line(str(error))}"
        if self._is_last(net, x, outputs):
            return None
        return (
            f"gives something else than its head {self._place!r} does: the head must "
            "be the last layer"
        )

    def _is_last(self, net: nn.Module, x: torch.Tensor, outputs: torch.Tensor) -> bool:
        try:
            with torch.no_grad():
                found = self.head(net(x))
        except Exception:  # as where a layer after it takes the head's outputs alone
            return False
        if found.shape != outputs.shape or found.ndim != 2:
            return False
        return torch.allclose(found, outputs, 1e-3, 1e-4, equal_nan=True)


class _ModuleModel(ModelSettings):
    """What all models of a module have in common."""

    needs_images = False
    body: ClassVar[_Body]

    @property
    def normalises(self) -> str:
        return "batch" if self.body.has_batch_norm else "none"

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Say what the network itself says of such inputs."""
        found = self.body.refusal(input_shape)
        return found and f"{self.title} {found}"

    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Return the network's weights, with a head of so many outputs."""
        device = generator.device
        params: Params = {
            _inner(name): leaf.to(device, copy=True)
            for name, leaf in self.body.weights.items()
        }
        return params | self._head(outputs, generator)

    def _head(self, outputs: int, generator: torch.Generator) -> Params:
        head, device = self.body.head, generator.device
        if head.out_features != outputs:
            weight = torch.empty(outputs, head.in_features, device=device)
            bound = head.in_features**-0.5
            drawn = torch.rand(weight.shape, generator=generator, device=device)
            return dense_start("head", (2 * drawn - 1) * bound)
        found = dense_start("head", head.weight.detach().to(device, copy=True))
        if head.bias is not None:
            found["head.bias"] = head.bias.detach().to(device, copy=True)
        return found

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return what the network's head is applied to."""
        return self.body(params, x)


_BATCH_NORM = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_NO_MEMORY = {
    "track_running_stats": False,
    "running_mean": None,
    "running_var": None,
    "num_batches_tracked": None,
}


def _inner(name: str) -> str:
    """Return what a parameter of the body is called: only the head is ``head``."""
    return f"body.{name}"


def _beside(buffer: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return a buffer where the inputs are, and as exact, if it has fractions."""
    return buffer.to(x.device, x.dtype if buffer.is_floating_point() else buffer.dtype)


def _sharing_tensors(net: nn.Module) -> nn.Module:
    """Return a copy of the modules with the same tensors.

    One that is copied within ``torch.func.grad`` would belong to that call alone.
    """
    own = (each for module in net.modules() for each in vars(module).values())
    held = (*net.parameters(), *net.buffers(), *own)
    return copy.deepcopy(net, {id(t): t for t in held if isinstance(t, torch.Tensor)})


def _with_layer(net: nn.Module, place: str, layer: nn.Module) -> nn.Module:
    parent, _, attribute = place.rpartition(".")
    setattr(net.get_submodule(parent), attribute, layer)
    return net


def _without_memory(net: nn.Module) -> nn.Module:
    """Return the network as a pure function: no running statistics, no dropout."""
    for module in net.modules():
        if getattr(module, "track_running_stats", False):
            for name, value in _NO_MEMORY.items():
                setattr(module, name, value)
    return net.eval()
