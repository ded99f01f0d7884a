"""Sends trees of tensors from one process to another."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from workbench.core.base.lazy import torch
from workbench.core.engine.trees import flatten, unflatten

_ALIGNED = 64
"""Bytes at whose multiples tensors begin, as they do where torch makes them."""

_SIZES, _HEAD, _NUMBERS, _NEVER = range(4)


class Lost(RuntimeError):
    """Another process is gone, or was silent for too long."""


class Work(Protocol):
    """Something sent or received, while it is on its way."""

    def wait(self, timeout: timedelta = ..., /) -> Any:
        """Return when it is over."""


class Group(Protocol):
    """Processes that can send numbers to each other, as torch.distributed has them."""

    def send(self, tensors: list[torch.Tensor], to: int, tag: int, /) -> Work:
        """Begin to send."""

    def recv(self, tensors: list[torch.Tensor], of: int, tag: int, /) -> Work:
        """Begin to receive."""


class _Plain(NamedTuple):
    """A leaf that is no tensor."""

    value: Any


class _Place(NamedTuple):
    """Where a tensor lies among the numbers."""

    begin: int
    length: int
    dtype: torch.dtype
    shape: torch.Size


class Wire:
    """Carries words and trees between this process and others.

    With each it has a group of two: where one is silent for too long, gloo closes the
    whole group.
    """

    def __init__(self, groups: dict[int, Group], own: int) -> None:
        """Take each other process's group, and the own number in all of them."""
        self._groups, self._other = groups, 1 - own
        self.bytes = 0

    def send(self, to: int, word: object, tree: Any = None) -> Sending:
        """Begin to send a word with a tree; the tree must stay what it is till then."""
        leaves, shape = flatten(tree)
        places, numbers = _packed(leaves)
        head = torch.frombuffer(
            bytearray(pickle.dumps((word, shape, places))), dtype=torch.uint8
        )
        self.bytes += len(head) + len(numbers)
        sizes = torch.tensor([len(head), len(numbers)])
        parts = {_SIZES: sizes, _HEAD: head, _NUMBERS: numbers}
        with _losing():
            return Sending(
                [
                    (self._groups[to].send([part], self._other, tag), part)
                    for tag, part in parts.items()
                    if len(part)
                ]
            )

    def receive(self, of: int, device: torch.device) -> tuple[Any, Any]:
        """Return the next word of a process, and the tree that came with it."""
        sizes = self._received(torch.zeros(2, dtype=torch.int64), of, _SIZES)
        heads, numbers = (torch.empty(n, dtype=torch.uint8) for n in sizes.tolist())
        head = self._received(heads, of, _HEAD).numpy().tobytes()
        word, shape, places = pickle.loads(head)
        if len(numbers):
            self._received(numbers, of, _NUMBERS)
        return word, unflatten(list(_unpacked(places, numbers, device)), shape)

    def cut(self, other: int) -> None:
        """End all waiting for a process, which is lost."""
        never = torch.empty(1, dtype=torch.uint8)
        # Where gloo waits in vain for one thing it gives up all.
        with suppress(Lost), _losing():
            waiting = self._groups[other].recv([never], self._other, _NEVER)
            waiting.wait(timedelta(milliseconds=1))

    def _received(self, into: torch.Tensor, of: int, tag: int) -> torch.Tensor:
        with _losing():
            self._groups[of].recv([into], self._other, tag).wait()
        return into


class Sending(NamedTuple):
    """What is on its way to another process."""

    parts: list[tuple[Work, torch.Tensor]]

    def wait(self) -> None:
        """Return when all of it was sent."""
        with _losing():
            for work, _ in self.parts:
                work.wait()


@contextmanager
def _losing() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise Lost(str(error)) from error


def _packed(leaves: list[Any]) -> tuple[list[_Place | _Plain], torch.Tensor]:
    """Return where leaves lie, and the numbers of those that are tensors."""
    places: list[_Place | _Plain] = []
    parts: list[torch.Tensor] = []
    begin = 0
    for leaf in leaves:
        if not isinstance(leaf, torch.Tensor):
            places.append(_Plain(leaf))
            continue
        flat = leaf.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        places.append(_Place(begin, len(flat), leaf.dtype, leaf.shape))
        gap = flat.new_empty(-len(flat) % _ALIGNED)
        parts += [flat, gap]
        begin += len(flat) + len(gap)
    numbers = torch.cat(parts) if parts else torch.empty(0, dtype=torch.uint8)
    return places, numbers


def _unpacked(
    places: list[_Place | _Plain], numbers: torch.Tensor, device: torch.device
) -> Iterator[Any]:
    for place in places:
        if isinstance(place, _Plain):
            yield place.value
        else:
            flat = numbers[place.begin : place.begin + place.length]
            yield flat.view(place.dtype).view(place.shape).to(device)
