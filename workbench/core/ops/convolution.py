"""Convolution on a CPU, with derivatives of every order made of fast operations.

Torch's own second derivative of a convolution is a detour of convolutions of unusual
shapes. But convolution is the derivative of a trilinear form,

    T(x, w, g) = sum g * conv(x, w),

with respect to g; the gradients that training needs are those with respect to x and w,
and every derivative of the three is one of the three again. Pictures are kept with
their channels last, as oneDNN likes them.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import torch

_FEW_OUTPUTS = 96
"""Pixels of all maps of a channel up to which patches are quicker than oneDNN."""


class Form(NamedTuple):
    """What the trilinear form depends on besides x, w and g."""

    shapes: tuple[tuple[int, ...], ...]
    stride: int
    padding: int


class _Derivative(torch.autograd.Function):
    """The derivative of the form by one of (x, w, g), whose place is left empty."""

    generate_vmap_rule = True

    @staticmethod
    def forward(form: Form, *places: torch.Tensor | None) -> Any:
        if places[0] is not None and _has_one_task(places[0]):
            patches = patches_of(places[0], form.shapes[1][-1], *form[1:])
            if math.prod(patches.shape[:1] + patches.shape[2:4]) <= _FEW_OUTPUTS:
                return _by_patches(patches, *places[1:])
        x, w, g = (_stand_in(place, i, form, places) for i, place in enumerate(places))
        geometry = ([form.stride] * 2, [form.padding] * 2, [1, 1], False, [0, 0], 1)
        if places[2] is None:
            return torch.ops.aten.convolution(x, w, None, *geometry)
        mask = [places[0] is None, places[1] is None, False]
        gradients = torch.ops.aten.convolution_backward(g, x, w, None, *geometry, mask)
        return gradients[0] if places[0] is None else gradients[1]

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.form, *places = inputs
        ctx.save_for_backward(*places)

    @staticmethod
    def backward(ctx: Any, along: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        places = [along if place is None else place for place in ctx.saved_tensors]
        by_place = (
            _Derivative.apply(ctx.form, *places[:i], None, *places[i + 1 :])
            if needed
            else None
            for i, needed in enumerate(ctx.needs_input_grad[1:])
        )
        return None, *by_place


def _stand_in(
    place: torch.Tensor | None, index: int, form: Form, places: Any
) -> torch.Tensor | None:
    """Return the place, or memory of its shape that nobody looks into."""
    if place is not None or index == 2:
        return place
    like = next(other for other in places if other is not None)
    return _memory(form.shapes[index], like.dtype, like.device, _has_one_task(like))


@functools.lru_cache(maxsize=64)
def _memory(
    shape: tuple[int, ...],
    dtype: torch.dtype,
    device: torch.device,
    channels_last: bool,
) -> torch.Tensor:
    """Return memory of a shape, the same each time: a replay keeps what it is given."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return torch.empty(shape, dtype=dtype, device=device, memory_format=layout)


def convolve(
    x: torch.Tensor,
    weight: torch.Tensor,
    stride: int,
    padding: int,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return the convolution of x [n, inputs, h, w] with [outputs, inputs, k, k]."""
    if x.shape[1] == 1:
        return _from_patches(x, weight, stride, padding, bias)
    if _has_one_task(x):
        x = x.contiguous(memory_format=torch.channels_last)
    form = Form((tuple(x.shape), tuple(weight.shape)), stride, padding)
    maps = _Derivative.apply(form, x, weight, None)
    return maps if bias is None else maps + bias[:, None, None]


def patches_of(x: torch.Tensor, size: int, stride: int, padding: int) -> torch.Tensor:
    """Return what each output looks at, [n, inputs, height, width, size, size]."""
    padded = torch.nn.functional.pad(x, [padding] * 4)
    return padded.unfold(2, size, stride).unfold(3, size, stride)


def _from_patches(
    x: torch.Tensor,
    weight: torch.Tensor,
    stride: int,
    padding: int,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """Multiply patches of one channel, laid out once for all steps, by the weights.

    A bias is the weight of a column of ones. The transposed weights are made contiguous
    for the sake of their gradient: that of a transposed view is multiplied the other
    way round, five times slower for few columns and many rows. With three channels,
    patches are three times slower than oneDNN.
    """
    outputs = len(weight)
    patches = patches_of(x, weight.shape[-1], stride, padding)
    n, _, height, width, *_ = patches.shape
    rows = patches.reshape(n * height * width, -1)
    columns = weight.reshape(outputs, -1).t()
    if bias is not None:
        rows = torch.cat([rows, torch.ones_like(rows[:, :1])], 1)
        columns = torch.cat([columns, bias[None]])
    maps = rows @ columns.contiguous()
    maps = maps.view(n, height, width, outputs).permute(0, 3, 1, 2)
    return maps if _has_one_task(maps) else maps.contiguous()


def _by_patches(
    patches: torch.Tensor, w: torch.Tensor | None, g: torch.Tensor | None
) -> torch.Tensor:
    """Return the derivative by w or g from the patches of x.

    With few outputs oneDNN spends its time on arranging the weights; patches are laid
    out once for all derivatives that look at x.
    """
    n, inputs, height, width, size, _ = patches.shape
    rows = patches.permute(0, 2, 3, 4, 5, 1).reshape(n * height * width, -1)
    if w is not None:
        maps = rows @ w.permute(0, 2, 3, 1).reshape(len(w), -1).t()
        return maps.view(n, height, width, -1).permute(0, 3, 1, 2)
    assert g is not None
    slopes = g.permute(0, 2, 3, 1).reshape(len(rows), -1).t() @ rows
    return slopes.view(-1, size, size, inputs).permute(0, 3, 1, 2)


def _has_one_task(x: torch.Tensor) -> bool:
    """Tell whether x is not vmapped: channels last is not for tasks side by side."""
    try:
        functorch = torch._C._functorch  # noqa: SLF001
        while functorch.is_functorch_wrapped_tensor(x):
            if functorch.is_batchedtensor(x):
                return False
            x = functorch.get_unwrapped(x)
    except AttributeError:  # a torch that does not tell
        return False
    return True
