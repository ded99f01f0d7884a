"""Writes down the tensor operations of a pure function, to be replayed as they are.

What runs below autograd and functorch is a list of operations on plain tensors. A
``Tape`` listens to it, one operation at a time, and leaves out what need not be done:
what was computed before, what does not depend on the arguments, views of views, adding
zeros and multiplying by ones. ``listing`` drops what no result needs. Every operation
left is one that ran, on the same numbers: a replay equals the call to the last bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from workbench.core.engine.replay import (
    LOOK,
    Layout,
    Operation,
    Value,
    Values,
    needed,
    values_in,
)

aten = torch.ops.aten

_IMPURE = (
    torch.Tag.data_dependent_output,
    torch.Tag.dynamic_output_shape,
    torch.Tag.nondeterministic_seeded,
)
_SAME = {aten.detach.default, aten.alias.default, aten.lift_fresh.default}
_FILLS = {
    aten.zeros_like.default: 0.0,
    aten.new_zeros.default: 0.0,
    aten.ones_like.default: 1.0,
    aten.new_ones.default: 1.0,
}
_NEUTRAL = {
    aten.add.Tensor: 0.0,
    aten.mul.Tensor: 1.0,
    aten.mul.Scalar: 1.0,
}


class Listing(NamedTuple):
    """What a function did: the wanted values from its arguments by operations."""

    arguments: list[Value]
    operations: list[Operation]
    wanted: list[Value]


class NotOnTapeError(RuntimeError):
    """A function whose operations depend on the numbers, or are too many."""


class Tape(TorchDispatchMode):
    """Listens to the operations that are done with the arguments."""

    def __init__(self, arguments: list[torch.Tensor], most: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._most = most
        self._operations: list[Operation] = []
        self._seen: dict[Any, Values] = {}
        self._values = WeakTensorKeyDictionary()
        self._arguments = [Value(_layout(tensor)) for tensor in arguments]
        for tensor, value in zip(arguments, self._arguments, strict=True):
            self._values[tensor] = value

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Guarding against torch.compile would import all of it, for seconds.
        return False

    def __torch_dispatch__(
        self, call: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do the operation and write it down."""
        # In place on a tensor of its own, as autograd's formulas have it, is written
        # down as the operation that returns a new one.
        call_to_write = self._out_of_place(call, args)
        result = call(*args, **(kwargs or {}))
        results = list(result) if isinstance(result, tuple | list) else [result]
        _check(call, args, kwargs or {}, results)
        operation = Operation(call_to_write, self._named(args), kwargs or {}, [])
        values = (
            self._known(operation, results)
            or self._constants(operation, args, results)
            or (self._views(operation, args, results) if call_to_write is call else [])
            or self._computed(operation, results)
        )
        for tensor, value in zip(results, values, strict=True):
            if tensor is not None:
                self._values[tensor] = value
        return result

    def _out_of_place(self, call: Any, args: Any) -> Any:
        """Return the operation that leaves its arguments alone."""
        name: str = call.overloadpacket.__name__
        if not name.endswith("_"):
            return call
        value = self._value_of(args[0])
        if value in self._arguments or value.root or value.is_looked_into:
            raise NotOnTapeError(f"{call} changes what others may look into")
        if value.constant is not None:
            value.constant = value.constant.clone()
        return getattr(getattr(aten, name[:-1]), call.__name__.split(".")[1])

    def listing(self, results: list[torch.Tensor]) -> Listing:
        """Return what leads to these results, and nothing else."""
        if any(tensor not in self._values for tensor in results):
            raise NotOnTapeError("a result comes from operations that are not seen")
        wanted = [self._values[tensor] for tensor in results]
        return Listing(self._arguments, needed(self._operations, wanted), wanted)

    def _named(self, argument: Any) -> Any:
        """Return an argument with values in the place of tensors."""
        if isinstance(argument, torch.Tensor):
            return self._value_of(argument)
        if type(argument) in (list, tuple):
            return type(argument)(map(self._named, argument))
        return argument

    def _value_of(self, tensor: torch.Tensor) -> Value:
        if tensor not in self._values:
            self._values[tensor] = Value(_layout(tensor), constant=tensor)
        value: Value = self._values[tensor]
        return value

    def _known(self, operation: Operation, results: list[Any]) -> list[Value] | None:
        """Find that the result is one of the arguments."""
        arguments = operation.arguments
        if operation.call in _SAME:
            arguments[0].is_looked_into = True
            return [arguments[0]]
        if operation.call not in _NEUTRAL or operation.keywords:
            return None
        for kept, other in (arguments, arguments[::-1]):
            number = other.fill if isinstance(other, Value) else other
            is_neutral = number == _NEUTRAL[operation.call]
            if is_neutral and isinstance(kept, Value):
                is_as_it_was = kept.layout[:-1] == _layout(results[0])[:-1]
                return [kept] if is_as_it_was else None
        return None

    def _constants(
        self, operation: Operation, args: Any, results: list[Any]
    ) -> list[Value] | None:
        """Find that the results do not depend on the arguments of the function."""
        fill = _FILLS.get(operation.call)
        values = list(values_in(operation.arguments))
        if fill is None and any(value.constant is None for value in values):
            return None
        if fill is None and len(values) == 1 and _is_view(args, results):
            fill = values[0].fill
        return [Value(_layout(x), constant=x, fill=fill) for x in results]

    def _views(
        self, operation: Operation, args: Any, results: list[Any]
    ) -> Values | None:
        """Find that the results look into an argument's memory."""
        if not _is_view(args, results):
            return None
        base = operation.arguments[0]
        root = base.root or base
        root.is_looked_into = True
        # What a neutral operation returned stands for what it was given, and begins
        # elsewhere in its own memory.
        ahead = base.layout[-1] - args[0].storage_offset()
        layouts = [_layout(result) for result in results]
        return [self._view(root, (*of[:-1], of[-1] + ahead)) for of in layouts]

    def _view(self, root: Value, layout: Layout) -> Value | None:
        if root.layout == layout:
            return root
        if (root, layout) not in self._seen:
            shape, stride, dtype, _, offset = layout
            if dtype != root.layout[2]:
                raise NotOnTapeError("a view as another type")
            ahead = offset - root.layout[-1]
            view: Values = [Value(layout, root)]
            self._seen[root, layout] = view
            self._add(Operation(LOOK, (root, shape, stride, ahead), {}, view))
        return self._seen[root, layout][0]

    def _computed(self, operation: Operation, results: list[Any]) -> Values:
        """Name the results, or find that they were computed before."""
        key = (
            operation.call,
            _frozen(operation.arguments),
            _frozen(tuple(operation.keywords.items())),
        )
        if key not in self._seen:
            if len(results) != len(operation.call._schema.returns):  # noqa: SLF001
                raise NotOnTapeError(f"{operation.call} returns a list")
            values: Values = [None if x is None else Value(_layout(x)) for x in results]
            self._seen[key] = operation.results = values
            self._add(operation)
        return self._seen[key]

    def _add(self, operation: Operation) -> None:
        self._operations.append(operation)
        if len(self._operations) > self._most:
            raise NotOnTapeError(f"more than {self._most} operations")


def _check(call: Any, args: Any, keywords: dict[str, Any], results: list[Any]) -> None:
    """Refuse what a replay could not do again with other numbers."""
    tags = [tag for tag in _IMPURE if tag in call.tags]
    if call is aten.index.Tensor and all(
        index is None or index.dtype == torch.int64 for index in args[1]
    ):
        tags = []
    only_tensors = all(x is None or isinstance(x, torch.Tensor) for x in results)
    hidden = any(isinstance(x, torch.Tensor) for x in keywords.values())
    if tags or hidden or not only_tensors:
        raise NotOnTapeError(f"{call} depends on the numbers")


def _layout(tensor: torch.Tensor) -> Layout:
    return (
        tuple(tensor.shape),
        tensor.stride(),
        tensor.dtype,
        tensor.device,
        tensor.storage_offset(),
    )


def _is_view(args: Any, results: list[Any]) -> bool:
    """Tell whether all results share the first argument's memory."""
    if not args or not isinstance(args[0], torch.Tensor) or not args[0].numel():
        return False
    memory = args[0].untyped_storage().data_ptr()
    return all(
        x is not None and x.untyped_storage().data_ptr() == memory for x in results
    )


def _frozen(tree: Any) -> Any:
    """Return something hashable that tells 1 from 1.0 and True."""
    if isinstance(tree, list | tuple):
        return tuple(_frozen(branch) for branch in tree)
    return type(tree), tree
