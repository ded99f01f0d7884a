"""Writes what a tape holds of one task as C++, in a loop over tasks.

All of a task's numbers lie in one block of memory that fits a core's own cache, and
every shape is known to the compiler: on small networks the operations' beginnings and
the way of their results through memory take longer than the arithmetic.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch

from workbench.core.engine.kernel_operations import (
    ELEMENTWISE,
    Elementwise,
    NotCompiledError,
    Place,
    loops,
)
from workbench.core.engine.replay import LOOK, Operation, Value, values_in
from workbench.core.engine.tape import Listing

aten = torch.ops.aten

_TYPES = {torch.float32: "float", torch.float64: "double"}
_LANES = 16
"""Numbers that a block in memory is a multiple of."""
_WIDEST = 128
_LARGEST = 2**18
"""Columns, and numbers of a task, beyond which torch's own products are as fast."""
_TOGETHER = 40
"""Statements a function: compilers take ever longer for longer ones."""


class Source(NamedTuple):
    """A kernel's text, and the tensors that it reads besides its arguments."""

    text: str
    constants: list[torch.Tensor]


class _Block(NamedTuple):
    start: int
    size: int


def source_of(listing: Listing, shared: int, prelude: str) -> Source:
    """Return the kernel of a listing whose first ``shared`` arguments all tasks have.

    It adds up the wanted values over tasks and divides them by their number.
    """
    return _Writer(listing, shared).source(prelude)


class _Writer:
    """Turns operations into statements, one after the other."""

    def __init__(self, listing: Listing, shared: int) -> None:
        self._listing = listing
        self._shared = shared
        self._statements: list[str] = []
        self._constants: list[torch.Tensor] = []
        self._bases: dict[Value, str] = {
            value: f"in[{place}]" for place, value in enumerate(listing.arguments)
        }
        self._packed: dict[Value, str] = {}
        self._blocks: dict[Value, list[_Block]] = defaultdict(list)
        self._free: dict[int, list[int]] = defaultdict(list)
        self._end = 0
        self._last = self._last_uses()
        types = {value.layout[2] for value in listing.wanted}
        if len(types) != 1 or not types <= _TYPES.keys():
            raise NotCompiledError(f"results of {types}")
        (self._type,) = types

    def source(self, prelude: str) -> Source:
        """Return the text."""
        for place, operation in enumerate(self._listing.operations):
            self._write(operation)
            for root in self._last.get(place, ()):
                self._release(root)
        means, size = self._results()
        if self._end > _LARGEST:
            raise NotCompiledError(f"{self._end} numbers a task")
        parts = [
            self._statements[start : start + _TOGETHER]
            for start in range(0, len(self._statements), _TOGETHER)
        ]
        functions = "\n".join(
            f"static __attribute__((noinline)) void part{number}"
            "(S* __restrict m, const S* const* in, S* out) {\n"
            + "\n".join(part)
            + "\n}"
            for number, part in enumerate(parts)
        )
        calls = "\n".join(f"part{number}(m, in, out);" for number in range(len(parts)))
        text = f"""typedef {_TYPES[self._type]} S;
{prelude}
{functions}
extern "C" void run(const S** in, const long* steps, S* out, long tasks) {{
static thread_local S __attribute__((aligned(64))) m[{self._end or 1}];
for (long i = 0; i < {size}; i++) out[i] = 0;
for (long task = 0; task < tasks; task++) {{
{calls}
for (int i = {self._shared}; i < {len(self._listing.arguments)}; i++) in[i] += steps[i];
}}
{means}
}}
"""
        return Source(text, self._constants)

    def _last_uses(self) -> dict[int, list[Value]]:
        """Return the roots that are last needed by each operation."""
        last: dict[Value, int] = {}
        for place, operation in enumerate(self._listing.operations):
            for value in [*values_in(operation.arguments), *operation.results]:
                if value is not None:
                    last[value.root or value] = place
        for value in self._listing.wanted:
            last.pop(value.root or value, None)
        at: dict[int, list[Value]] = defaultdict(list)
        for value, place in last.items():
            at[place].append(value)
        return at

    def _write(self, operation: Operation) -> None:
        call, arguments = operation.call, operation.arguments
        if call == LOOK:
            root, *_, ahead = arguments
            (value,) = operation.results
            assert value is not None
            self._bases[value] = f"{self._base(root)} + {ahead}"
            return
        result = operation.results[0]
        if len(operation.results) != 1 or result is None:
            raise NotCompiledError(str(call))
        self._take(result)
        if call in (aten.mm.default, aten.addmm.default):
            self._multiply(operation, result)
        elif call in ELEMENTWISE:
            self._elementwise(ELEMENTWISE[call](operation), result)
        elif call in (aten.stack.default, aten.cat.default):
            self._join(operation, result)
        else:
            raise NotCompiledError(str(call))

    def _elementwise(self, said: Elementwise, result: Value) -> None:
        """Write loops over the operands' common shape, or sums over parts of it."""
        operands = [operand for operand in said.operands if isinstance(operand, Value)]
        shape = torch.broadcast_shapes(  # type: ignore[no-untyped-call]
            *(value.layout[0] for value in operands)
        )
        places = [self._target(result, shape, said.kept)]
        terms = []
        for operand in said.operands:
            number = operand.fill if isinstance(operand, Value) else operand
            if number is None:
                terms.append(f"{{{len(places)}}}")
                places.append(self._place(operand, shape))
            else:
                terms.append(f"S({float(number)!r})")
        expression = said.expression.format(*terms)
        if said.kept is None:
            self._loop(shape, f"{{0}} = {expression};", places)
            return
        size = self._blocks[result][0].size
        whole = [Place(places[0].base, [1])]
        self._loop([size], "{0} = 0;", whole)
        self._loop(shape, f"{{0}} += {expression};", places)
        if said.averages:
            numbers = math.prod(shape) // max(1, math.prod(result.layout[0]))
            self._loop([size], f"{{0}} /= {numbers};", whole)

    def _target(
        self, result: Value, shape: Sequence[int], kept: Sequence[int] | None
    ) -> Place:
        """Return where results go; those of a sum go nowhere along what is summed."""
        if kept is None or len(result.layout[0]) == len(shape):
            return self._place(result, shape)
        steps = dict(zip(kept, result.layout[1], strict=True))
        return Place(
            self._base(result), [steps.get(axis, 0) for axis in range(len(shape))]
        )

    def _place(self, value: Value, shape: Sequence[int]) -> Place:
        """Return where a value's numbers are as they are broadcast to a shape."""
        own, stride = value.layout[:2]
        steps = [
            step if size > 1 else 0 for size, step in zip(own, stride, strict=True)
        ]
        return Place(self._base(value), [0] * (len(shape) - len(own)) + steps)

    def _loop(self, shape: Sequence[int], statement: str, places: list[Place]) -> None:
        self._statements.append(loops(shape, statement, places))

    def _multiply(self, operation: Operation, result: Value) -> None:
        *biases, a, b = operation.arguments
        if set(operation.keywords.values()) - {1}:
            raise NotCompiledError("addmm with factors")
        (rows, inner), columns = a.layout[0], b.layout[0][1]
        if result.layout[1] != (columns, 1) and rows > 1 and columns > 1:
            raise NotCompiledError("a product laid out otherwise")
        for bias in biases:
            shape = result.layout[0]
            places = [self._place(value, shape) for value in (result, bias)]
            self._loop(shape, "{0} = {1};", places)
        more = "true" if biases else "false"
        into, left, right = (self._base(value) for value in (result, a, b))
        down, along = a.layout[1]
        deep, across = b.layout[1]
        if columns > _WIDEST:
            raise NotCompiledError(f"a product with {columns} columns")
        sizes = f"{rows}, {columns}, {inner}"
        if columns == 1 and along != 1 and down == 1 and rows <= _WIDEST:
            # The product the other way round: its rows are vectors.
            self._statements.append(
                f"product<1, {rows}, {inner}, 0, {deep}, {along}, {more}>"
                f"({right}, {left}, {into});"
            )
        elif columns == 1:
            self._statements.append(
                f"dots<{rows}, {inner}, {down}, {along}, {deep}, {more}>"
                f"({left}, {right}, {into});"
            )
        else:
            if across != 1:
                right, deep = self._packed_rows(b), columns
            self._statements.append(
                f"product<{sizes}, {down}, {along}, {deep}, {more}>"
                f"({left}, {right}, {into});"
            )

    def _packed_rows(self, value: Value) -> str:
        """Return where a matrix lies row by row, moving it there once."""
        if value not in self._packed:
            rows, columns = value.layout[0]
            block = self._room(value.root or value, rows * columns)
            down, along = value.layout[1]
            self._packed[value] = f"m + {block.start}"
            self._statements.append(
                f"turned<{rows}, {columns}, {down}, {along}>"
                f"({self._base(value)}, m + {block.start});"
            )
        return self._packed[value]

    def _join(self, operation: Operation, result: Value) -> None:
        parts, *rest = operation.arguments
        shape, stride = result.layout[:2]
        is_stack = operation.call == aten.stack.default
        dim = (rest[0] if rest else 0) % len(shape)
        ahead = 0
        for part in parts:
            piece, steps = list(shape), list(part.layout[1])
            piece[dim] = 1 if is_stack else part.layout[0][dim]
            if is_stack:
                steps.insert(dim, 0)
            into = Place(f"{self._base(result)} + {ahead}", stride)
            self._loop(piece, "{0} = {1};", [into, Place(self._base(part), steps)])
            ahead += piece[dim] * stride[dim]

    def _results(self) -> tuple[str, int]:
        """Add the wanted values up; return what divides them, and their size."""
        size = 0
        for value in self._listing.wanted:
            shape = value.layout[0]
            into = Place(f"out + {size}", torch.empty(shape, device="meta").stride())
            if value.fill is None:
                places = [into, self._place(value, shape)]
                self._loop(shape, "{0} += {1};", places)
            else:
                self._loop(shape, f"{{0}} += S({float(value.fill)!r});", [into])
            size += math.prod(shape)
        return f"for (long i = 0; i < {size}; i++) out[i] /= tasks;", size

    def _base(self, value: Value) -> str:
        """Return the pointer to a value's first number."""
        if value.constant is None and value.layout[2] not in (self._type, torch.bool):
            raise NotCompiledError(f"numbers of {value.layout[2]}")
        if value not in self._bases:
            if value.constant is None:
                raise NotCompiledError("a value from nowhere")
            place = len(self._listing.arguments) + len(self._constants)
            self._constants.append(value.constant.to(self._type))
            self._bases[value] = f"in[{place}]"
        return self._bases[value]

    def _take(self, value: Value) -> None:
        shape, stride = value.layout[:2]
        size = 1 + sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
        self._bases[value] = f"m + {self._room(value, size).start}"

    def _room(self, root: Value, size: int) -> _Block:
        """Return a block that is the root's until its last use."""
        whole = -(-size // _LANES) * _LANES
        if self._free[whole]:
            start = self._free[whole].pop()
        else:
            start, self._end = self._end, self._end + whole
        self._blocks[root].append(_Block(start, size))
        return self._blocks[root][-1]

    def _release(self, root: Value) -> None:
        for start, size in self._blocks.pop(root, ()):
            self._free[-(-size // _LANES) * _LANES].append(start)
