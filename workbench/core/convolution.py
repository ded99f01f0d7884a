"""Convolution on a CPU, with derivatives of every order made of fast operations.

Torch's own second derivative of a convolution is a detour of convolutions of unusual
shapes. But convolution is the derivative of a trilinear form,

    T(x, w, g) = sum g * conv(x, w),

with respect to g; the gradients that training needs are those with respect to x and w,
and every derivative of the three is one of the three again. Pictures are kept with
their channels last, as oneDNN likes them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch


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
        return (
            None,
            *(
                _Derivative.apply(ctx.form, *places[:i], None, *places[i + 1 :])
                if needed
                else None
                for i, needed in enumerate(ctx.needs_input_grad[1:])
            ),
        )


def _stand_in(
    place: torch.Tensor | None, index: int, form: Form, places: Any
) -> torch.Tensor | None:
    """Return the place, or memory of its shape that nobody looks into."""
    if place is not None or index == 2:
        return place
    like = next(other for other in places if other is not None)
    return torch.empty(
        form.shapes[index],
        dtype=like.dtype,
        device=like.device,
        memory_format=torch.channels_last
        if _has_one_task(like)
        else torch.contiguous_format,
    )


def convolve(
    x: torch.Tensor, weight: torch.Tensor, stride: int, padding: int
) -> torch.Tensor:
    """Return the convolution of x [n, inputs, h, w] with [outputs, inputs, k, k]."""
    if x.shape[1] == 1:
        return _from_patches(x, weight, stride, padding)
    if _has_one_task(x):
        x = x.contiguous(memory_format=torch.channels_last)
    form = Form((tuple(x.shape), tuple(weight.shape)), stride, padding)
    return _Derivative.apply(form, x, weight, None)


def _from_patches(
    x: torch.Tensor, weight: torch.Tensor, stride: int, padding: int
) -> torch.Tensor:
    """Multiply patches of one channel, laid out once for all steps, by the weights.

    The transposed weights are made contiguous for the sake of their gradient: that of a
    transposed view is multiplied the other way round, five times slower for few columns
    and many rows. With three channels, patches are three times slower than oneDNN.
    """
    outputs, _, *kernel = weight.shape
    height, width = (
        (side + 2 * padding - size) // stride + 1
        for side, size in zip(x.shape[2:], kernel, strict=True)
    )
    patches = torch.nn.functional.unfold(
        x, tuple(kernel), padding=padding, stride=stride
    )
    rows = patches.transpose(1, 2).reshape(-1, patches.shape[1])
    maps = rows @ weight.reshape(outputs, -1).t().contiguous()
    maps = maps.view(len(x), height, width, outputs).permute(0, 3, 1, 2)
    return maps if _has_one_task(maps) else maps.contiguous()


def _has_one_task(x: torch.Tensor) -> bool:
    """Tell whether x is not vmapped: channels last is not for tasks side by side."""
    functorch = torch._C._functorch  # noqa: SLF001
    while functorch.is_functorch_wrapped_tensor(x):
        if functorch.is_batchedtensor(x):
            return False
        x = functorch.get_unwrapped(x)
    return True
