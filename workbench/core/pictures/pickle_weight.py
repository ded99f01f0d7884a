"""How much a pickle would unfold to, reckoned from its operations before any is done.

A pickle of a few bytes can hold the same list a billion times over, or ask for as much
memory as a number in it says. So its operations are gone through with nodes in the
place of values, which only say what holds what.
"""

from __future__ import annotations

import pickletools
from typing import IO, Any, cast

_MOST_FOR_A_BYTE = 64
_MOST_AT_LEAST = 1_000_000
_GETS = {"GET", "BINGET", "LONG_BINGET"}
_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_FILLS = {"APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "BUILD"}
"""What puts its arguments into the value below them."""


def check_pickle(file: IO[bytes], size: int) -> None:
    """Raise ValueError where a pickle of ``size`` bytes is not meant to be loaded."""
    machine = _Machine(size)
    bounded = cast("IO[bytes]", _Bounded(file, size))
    for operation, argument, _ in pickletools.genops(bounded):
        machine.do(operation, argument)
    most = max(_MOST_AT_LEAST, _MOST_FOR_A_BYTE * size)
    if machine.heaviest() > most:
        raise ValueError(f"it would unfold to more than {most:,} values")


class _Bounded:
    """A file of which nobody reads more than there is, whatever a number in it says."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        self.readline = file.readline

    def read(self, count: int) -> bytes:
        """Return so many bytes, or fewer."""
        return self._file.read(min(count, self._size))


class _Node:
    """A value: what it holds, and how many values it unfolds to, once that is known."""

    __slots__ = ("holds", "weight")

    def __init__(self, holds: list[_Node]) -> None:
        self.holds = holds
        self.weight = 0


class _Machine:
    """Does as a pickle's machine does, with nodes; None on its stack is a mark."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._stack: list[_Node | None] = []
        self._memo: dict[int, _Node] = {}
        self._made: list[_Node] = []

    def do(self, operation: pickletools.OpcodeInfo, argument: Any) -> None:
        """Do one operation; ValueError where there is nothing to do it with."""
        name = operation.name
        if name == "FRAME":
            if argument > self._size:
                raise ValueError(f"a part of it would have {argument:,} bytes")
        elif name == "MARK":
            self._stack.append(None)
        elif name == "POP":
            self._pop()
        elif name == "DUP" or name in _GETS:
            got = self._top() if name == "DUP" else self._memo.get(int(argument))
            if got is None:
                raise ValueError(f"nothing was kept as number {argument}")
            self._stack.append(got)
        elif name == "MEMOIZE" or name in _PUTS:
            self._keep(len(self._memo) if name == "MEMOIZE" else int(argument))
        elif name in _FILLS:
            values = self._taken(operation, beside=1)
            self._top().holds.extend(values)
        else:
            values = self._taken(operation)
            if operation.stack_after:
                self._made.append(_Node(values))
                self._stack.append(self._made[-1])

    def heaviest(self) -> int:
        """Return how many values the largest one unfolds to."""
        for node in self._made:
            _weigh(node)
        return max((node.weight for node in self._made), default=0)

    def _taken(self, operation: pickletools.OpcodeInfo, beside: int = 0) -> list[_Node]:
        """Take an operation's arguments from the stack, but for those it leaves."""
        if pickletools.markobject in operation.stack_before:
            taken = []
            while (node := self._pop()) is not None:
                taken.append(node)
            return taken
        count = len(operation.stack_before) - beside
        return [node for _ in range(count) if (node := self._pop()) is not None]

    def _pop(self) -> _Node | None:
        if not self._stack:
            raise ValueError("an operation has no argument")
        return self._stack.pop()

    def _top(self) -> _Node:
        if not self._stack or self._stack[-1] is None:
            raise ValueError("an operation has no value to be done to")
        return self._stack[-1]

    def _keep(self, number: int) -> None:
        """Keep the top; the real machine makes room for every smaller number too."""
        if not 0 <= number <= self._size:
            raise ValueError(f"it would keep more than {self._size:,} values")
        self._memo[number] = self._top()


_OPEN = -1


def _weigh(node: _Node) -> None:
    """Find out what a value and all in it unfold to; ValueError if it holds itself."""
    way = [] if node.weight else [node]
    while way:
        now = way[-1]
        if now.weight > 0:
            way.pop()
        elif now.weight == _OPEN:
            now.weight = 1 + sum(held.weight for held in now.holds)
            way.pop()
        else:
            now.weight = _OPEN
            for held in now.holds:
                if held.weight == _OPEN:
                    raise ValueError("it holds itself")
                if not held.weight:
                    way.append(held)
