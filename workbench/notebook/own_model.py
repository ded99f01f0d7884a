"""A model made of anybody's ``torch.nn.Module``."""

from __future__ import annotations

import copy
import threading
from typing import ClassVar, Literal

import torch
from torch import nn

from workbench.core.base.plugins import MemberError
from workbench.core.learning.dense import dense_start
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.params import Params
from workbench.notebook.registering import caller, registered


class Model:
    """Makes models for ``train``."""

    @staticmethod
    def from_module(net: nn.Module, head: str, *, name: str = "") -> ModelSettings:
        """Return a model of a network whose last layer is the ``nn.Linear`` ``head``.

        Meta-training begins with the network's own weights, but for a head of another
        size, which is drawn with the run's seed; the network itself stays as it is.
        Batch norm uses the statistics of the batch at hand, as few-shot learning does,
        and dropout is off. ``name`` is its kind; else that of the network's class.
        """
        last = dict(net.named_modules()).get(head)
        if not isinstance(last, nn.Linear):
            layers = [
                key for key, of in net.named_modules() if isinstance(of, nn.Linear)
            ]
            raise MemberError(
                f"{head!r} is no nn.Linear of {type(net).__name__}: head is one of "
                f"{', '.join(layers) or 'none, for it has no linear layer'}"
            )
        kind = name or type(net).__name__
        made = type(
            kind,
            (_ModuleModel,),
            {
                "__module__": __name__,
                "__annotations__": {"kind": Literal[kind]},
                "__doc__": f"{type(net).__name__}, made in a notebook.",
                "kind": kind,
                "title": kind,
                "body": _Body(net, head, last),
            },
        )
        registered(made, caller())
        return made()  # type: ignore[no-any-return]


class _Body:
    """A network without its head, as a pure function that any thread may call.

    ``functional_call`` puts tensors into the module for a moment: each thread has one.
    """

    def __init__(self, net: nn.Module, head: str, last: nn.Linear) -> None:
        net = copy.deepcopy(net).requires_grad_(False)
        self.head = copy.deepcopy(last)
        parent, _, attribute = head.rpartition(".")
        setattr(net.get_submodule(parent), attribute, nn.Identity())
        self._net = _without_memory(net)
        self._local = threading.local()

    @property
    def weights(self) -> Params:
        return {name: leaf.detach() for name, leaf in self._net.named_parameters()}

    @property
    def has_batch_norm(self) -> bool:
        return any(isinstance(each, _BATCH_NORM) for each in self._net.modules())

    def __call__(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        if not hasattr(self._local, "net"):
            self._local.net = copy.deepcopy(self._net)
        net = self._local.net
        tensors = {name: params[_inner(name)] for name, _ in net.named_parameters()}
        tensors |= {name: each.to(x.device) for name, each in net.named_buffers()}
        found: torch.Tensor = torch.func.functional_call(net, tensors, (x,))
        return found

    def width_for(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of what the head would be given, for a batch of two."""
        net = copy.deepcopy(self._net).to("meta")
        with torch.no_grad():
            return tuple(net(torch.empty(2, *input_shape, device="meta")).shape)


class _ModuleModel(ModelSettings):
    """What all models of a module have in common."""

    needs_images = False
    body: ClassVar[_Body]

    @property
    def normalises(self) -> str:
        return "batch" if self.body.has_batch_norm else "none"

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Say what the network itself says of such inputs."""
        wanted = (2, self.body.head.in_features)
        try:
            given = self.body.width_for(input_shape)
        except Exception as error:  # whatever the code of others raises
            size = " x ".join(map(str, input_shape))
            return f"{self.title} cannot take inputs of {size}: {error}"
        if given != wanted:
            return (
                f"{self.title}: what comes before its head has the shape {given}, and "
                f"the head takes {wanted}: the head must be the last layer"
            )
        return None

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
        if head.out_features == outputs and head.bias is not None:
            return {
                "head.weight": head.weight.detach().to(device, copy=True),
                "head.bias": head.bias.detach().to(device, copy=True),
            }
        weight = torch.empty(outputs, head.in_features, device=device)
        bound = head.in_features**-0.5
        drawn = torch.rand(weight.shape, generator=generator, device=device)
        return dense_start("head", (2 * drawn - 1) * bound)

    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return what the network's head is applied to."""
        return self.body(params, x)


_BATCH_NORM = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_DROPOUT = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)


def _inner(name: str) -> str:
    """Return what a parameter of the body is called: only the head is ``head``."""
    return f"body.{name}"


def _without_memory(net: nn.Module) -> nn.Module:
    """Return the network as a pure function: no running statistics, no dropout."""
    for module in net.modules():
        if isinstance(module, _BATCH_NORM):
            module.track_running_stats = False
            module.running_mean = module.running_var = None
            module.num_batches_tracked = None
        if isinstance(module, _DROPOUT):
            module.eval()
    return net
