"""What operations on a tape do to each number, as C++; and loops over a shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from workbench.core.engine.replay import Operation

aten = torch.ops.aten


class NotCompiledError(RuntimeError):
    """An operation that no kernel is written for."""


class Elementwise(NamedTuple):
    """An expression of operands, number by number; ``kept`` are the axes not summed.

    Without ``kept`` nothing is; a sum that ``averages`` is divided by how many numbers
    went into it.
    """

    expression: str
    operands: list[Any]
    kept: tuple[int, ...] | None = None
    averages: bool = False


class Place(NamedTuple):
    """Where numbers are: a pointer, and the steps along each axis of some loops."""

    base: str
    steps: Sequence[int]


def loops(shape: Sequence[int], statement: str, places: Sequence[Place]) -> str:
    """Return a statement over a shape; ``{n}`` is the number at the n-th place.

    Axes that all places step through as if they were one are one, and the innermost is
    that along which the first place's numbers, which are written to, lie closest.
    """
    axes = [
        (size, [place.steps[axis] for place in places])
        for axis, size in enumerate(shape)
        if size > 1
    ]
    axes.sort(key=lambda axis: [-step for step in axis[1]])
    joined: list[tuple[int, list[int]]] = []
    for size, steps in axes:
        if joined and joined[-1][1] == [size * step for step in steps]:
            joined[-1] = joined[-1][0] * size, steps
        else:
            joined.append((size, steps))
    numbers = []
    for number, place in enumerate(places):
        terms = [
            f"i{axis} * {steps[number]}"
            for axis, (_, steps) in enumerate(joined)
            if steps[number]
        ]
        numbers.append(f"({place.base})[{' + '.join(terms) or '0'}]")
    heads = [
        f"for (int i{axis} = 0; i{axis} < {size}; i{axis}++) "
        for axis, (size, _) in enumerate(joined)
    ]
    return "".join(heads) + statement.format(*numbers)


def _plain(expression: str) -> Callable[[Operation], Elementwise]:
    """Take the first arguments for the operands."""
    count = max(place for place in range(1, 4) if f"{{{place - 1}}}" in expression)

    def written(operation: Operation) -> Elementwise:
        return Elementwise(expression, list(operation.arguments[:count]))

    return written


def _scaled(sign: str) -> Callable[[Operation], Elementwise]:
    def written(operation: Operation) -> Elementwise:
        alpha = float(operation.keywords.get("alpha", 1))
        return Elementwise(
            f"{{0}} {sign} S({alpha!r}) * {{1}}", list(operation.arguments[:2])
        )

    return written


def _plus_product(operation: Operation) -> Elementwise:
    value = float(operation.keywords.get("value", 1))
    return Elementwise(f"{{0}} + S({value!r}) * {{1}} * {{2}}", [*operation.arguments])


def _sum(averages: bool) -> Callable[[Operation], Elementwise]:
    def written(operation: Operation) -> Elementwise:
        if any(value is not None for value in operation.keywords.values()):
            raise NotCompiledError("a sum as another type")
        value, *rest = operation.arguments
        axes = len(value.layout[0])
        dims = rest[0] if rest and rest[0] else range(axes)
        summed = {dim % axes for dim in dims} if axes else set()
        kept = tuple(axis for axis in range(axes) if axis not in summed)
        return Elementwise("{0}", [value], kept, averages)

    return written


def _squared_error(operation: Operation) -> Elementwise:
    a, b, *rest = operation.arguments
    reduction = rest[0] if rest else 1
    expression = "({0} - {1}) * ({0} - {1})"
    if reduction == 0:
        return Elementwise(expression, [a, b])
    return Elementwise(expression, [a, b], (), averages=reduction == 1)


def _slope_of_squared_error(operation: Operation) -> Elementwise:
    slope, a, b, reduction = operation.arguments
    count = math.prod(a.layout[0]) if reduction == 1 else 1
    return Elementwise(f"S({2 / count!r}) * ({{1}} - {{2}}) * {{0}}", [slope, a, b])


def _copied(operation: Operation) -> Elementwise:
    return Elementwise("{0}", [operation.arguments[0]])


ELEMENTWISE: dict[Any, Callable[[Operation], Elementwise]] = {
    aten.add.Tensor: _scaled("+"),
    aten.sub.Tensor: _scaled("-"),
    aten.mul.Tensor: _plain("{0} * {1}"),
    aten.mul.Scalar: _plain("{0} * {1}"),
    aten.div.Tensor: _plain("{0} / {1}"),
    aten.div.Scalar: _plain("{0} / {1}"),
    aten.addcmul.default: _plus_product,
    aten.neg.default: _plain("-{0}"),
    aten.sqrt.default: _plain("std::sqrt({0})"),
    aten.expm1.default: _plain("std::expm1({0})"),
    aten.relu.default: _plain("({0} < 0 ? S(0) : {0})"),
    aten.threshold_backward.default: _plain("({1} <= {2} ? S(0) : {0})"),
    aten.lt.Scalar: _plain("S({0} < {1})"),
    aten.eq.Scalar: _plain("S({0} == {1})"),
    aten.bitwise_or.Tensor: _plain("S({0} != 0 || {1} != 0)"),
    aten.where.self: _plain("({0} != 0 ? {1} : {2})"),
    aten.lerp.Tensor: _plain("{0} + {2} * ({1} - {0})"),
    aten.clone.default: _copied,
    aten._to_copy.default: _copied,  # noqa: SLF001
    aten.mse_loss.default: _squared_error,
    aten.mse_loss_backward.default: _slope_of_squared_error,
    aten.sum.default: _sum(averages=False),
    aten.sum.dim_IntList: _sum(averages=False),
    aten.mean.default: _sum(averages=True),
    aten.mean.dim: _sum(averages=True),
}
"""How each operation is written."""
