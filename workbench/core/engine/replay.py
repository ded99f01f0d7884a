"""Runs operations that were written down, in torch's own interpreter.

It does without Python, and so without Python's lock: task threads do not wait for each
other, nor the window for training. It may not optimise: a replay is the call to the
last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

aten = torch.ops.aten

Layout: TypeAlias = tuple[Any, ...]
"""A tensor's shape, stride, dtype, device and offset into its memory."""

Values: TypeAlias = "list[Value | None]"

LOOK = "look"
"""Call that looks into a root's memory: (root, shape, stride, steps ahead of it)."""

_TENSOR = torch._C.TensorType.get()  # noqa: SLF001
_TENSORS = torch._C.ListType(_TENSOR)  # noqa: SLF001
_MEMORY_FORMATS = {
    torch.contiguous_format: 0,
    torch.preserve_format: 1,
    torch.channels_last: 2,
    torch.channels_last_3d: 3,
}
"""The interpreter's numbers for them."""


@dataclass(eq=False, slots=True)
class Value:
    """A tensor as it will be in every replay.

    ``root`` is the value whose memory a view looks into. ``constant`` is the tensor
    itself where it does not depend on the arguments, ``fill`` the one number in it.
    """

    layout: Layout
    root: Value | None = None
    constant: torch.Tensor | None = None
    fill: float | None = None
    is_looked_into: bool = False


@dataclass(slots=True)
class Operation:
    """One operation; ``arguments`` has values in the place of tensors."""

    call: Any
    arguments: Any
    keywords: dict[str, Any]
    results: Values


def replay_of(
    arguments: list[Value], operations: list[Operation], wanted: list[Value]
) -> Callable[..., list[torch.Tensor]]:
    """Return the wanted values as one function of the arguments."""
    graph = _Graph(arguments)
    for operation in operations:
        graph.add(operation)
    return graph.function(wanted)


def halves_of(
    arguments: list[Value],
    operations: list[Operation],
    wanted: list[Value],
    varying: int,
) -> tuple[Callable[..., list[torch.Tensor]], Callable[..., list[torch.Tensor]]]:
    """Return the same in two parts: what the first arguments do not change, and rest.

    The first part is a function of all arguments, the second one of those that vary
    and of all that the first part returns.
    """
    moving = set(arguments[:varying])
    still, rest = [], []
    for operation in operations:
        if moving.isdisjoint(values_in(operation.arguments)):
            still.append(operation)
        else:
            rest.append(operation)
            moving.update(value for value in operation.results if value is not None)
    # Who is given a result may change it.
    copies = {value: Value(value.layout) for value in wanted if value not in moving}
    rest += [
        Operation(aten.clone.default, (value,), {}, [copy])
        for value, copy in copies.items()
    ]
    wanted = [copies.get(value, value) for value in wanted]
    used = dict.fromkeys(value for each in rest for value in values_in(each.arguments))
    made = {value for each in still for value in each.results} | set(arguments)
    kept = [value for value in used if value in made - moving]
    return (
        replay_of(arguments, needed(still, kept), kept),
        replay_of([*arguments[:varying], *kept], rest, wanted),
    )


def values_in(tree: Any) -> Iterator[Value]:
    """Yield the values in nested lists."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, list | tuple):
        for branch in tree:
            yield from values_in(branch)


def needed(operations: list[Operation], wanted: list[Value]) -> list[Operation]:
    """Return the operations that the wanted values come from."""
    needed = set(wanted)
    kept = []
    for operation in reversed(operations):
        if needed.intersection(operation.results):
            needed |= set(values_in(operation.arguments))
            kept.append(operation)
    return kept[::-1]


class _Graph:
    """The interpreter's form of a list of operations."""

    def __init__(self, arguments: list[Value]) -> None:
        self._graph: Any = torch._C.Graph()  # noqa: SLF001
        self._nodes: dict[Value, Any] = {}
        self._numbers: dict[Any, Any] = {}
        self._constants: list[torch.Tensor] = []
        self._arguments = set(arguments)
        for value in arguments:
            self._take(value)

    def add(self, operation: Operation) -> None:
        """Add an operation whose arguments are there."""
        if operation.call == LOOK:
            nodes = [self._look(*operation.arguments)]
        else:
            nodes = self._call(operation.call, operation.arguments, operation.keywords)
        for value, node in zip(operation.results, nodes, strict=True):
            if value is not None:
                self._nodes[value] = node

    def function(self, wanted: list[Value]) -> Callable[..., list[torch.Tensor]]:
        """Return the function of the arguments whose results are the wanted values."""
        nodes = [
            self._value(value)
            if value.constant is None
            else self._call(aten.clone.default, [value], {})[0]
            for value in wanted
        ]
        self._graph.registerOutput(self._list(nodes, _TENSORS))
        self._graph.lint()
        run = torch._C._create_function_from_graph("replay", self._graph)  # noqa: SLF001
        constants = self._constants

        def replay(*tensors: torch.Tensor) -> list[torch.Tensor]:
            with torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
                results: list[torch.Tensor] = run(*tensors, *constants)
            return results

        return replay

    def _call(self, call: Any, arguments: Any, keywords: dict[str, Any]) -> list[Any]:
        given = dict(enumerate(arguments)) | keywords
        declared = call._schema  # noqa: SLF001
        inputs = [
            self._input(
                given.get(place, given.get(one.name, one.default_value)), one.type
            )
            for place, one in enumerate(declared.arguments)
        ]
        return self._insert(declared.name, inputs, len(declared.returns))

    def _look(
        self, root: Value, shape: tuple[int, ...], stride: tuple[int, ...], ahead: int
    ) -> Any:
        """Look into the root's memory; where an argument begins in its own may vary."""
        if ahead and root not in self._arguments:
            begin = root.layout[-1] + ahead
            return self._call(
                aten.as_strided.default, [root, shape, stride, begin], {}
            )[0]
        if ahead:
            steps = zip(shape, stride, strict=True)
            end = ahead + 1 + sum((size - 1) * step for size, step in steps)
            flat = Value(())
            self.add(Operation(LOOK, (root, (end,), (1,), 0), {}, [flat]))
            root = Value(())
            self.add(Operation(aten.slice.Tensor, [flat, 0, ahead], {}, [root]))
        return self._call(aten.as_strided.default, [root, shape, stride], {})[0]

    def _input(self, given: Any, declared: Any) -> Any:
        """Return the node of what is given in the place of a declared argument."""
        if isinstance(given, Value):
            return self._value(given)
        if isinstance(given, list | tuple):
            if not given or any(values_in(given)):
                kind = declared
                if kind.kind() == "OptionalType":
                    kind = kind.getElementType()
                return self._list([self._input(one, kind) for one in given], kind)
            given = list(given)
        if isinstance(given, torch.memory_format):
            given = _MEMORY_FORMATS[given]
        key = type(given), repr(given)
        if key not in self._numbers:
            self._numbers[key] = self._graph.insertConstant(given)
        return self._numbers[key]

    def _value(self, value: Value) -> Any:
        if value not in self._nodes:
            assert value.constant is not None
            self._constants.append(value.constant)
            self._take(value)
        return self._nodes[value]

    def _take(self, value: Value) -> None:
        self._nodes[value] = self._graph.addInput()
        self._nodes[value].setType(_TENSOR)

    def _list(self, nodes: list[Any], kind: Any) -> Any:
        (node,) = self._insert("prim::ListConstruct", nodes, 1)
        node.setType(kind)
        return node

    def _insert(self, name: str, inputs: list[Any], results: int) -> list[Any]:
        node = self._graph.insertNode(self._graph.create(name, inputs, results))
        outputs = list(node.outputs())
        for output in outputs:
            output.setType(_TENSOR)
        return outputs
