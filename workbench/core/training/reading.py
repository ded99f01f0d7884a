"""Numbers that come from the device while it goes on computing."""

from __future__ import annotations

from typing import Any

from workbench.core.base.lazy import torch


class Reading:
    """A few numbers on their way from the device, which does not wait for them."""

    def __init__(self, numbers: torch.Tensor) -> None:
        self._numbers = numbers.to("cpu", non_blocking=True)
        self._arrival: Any = None
        if numbers.device.type == "cuda":
            self._arrival = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
            self._arrival.record()

    @property
    def is_there(self) -> bool:
        """Whether the numbers can be read without waiting."""
        return self._arrival is None or bool(self._arrival.query())

    def numbers(self) -> list[float]:
        """Return the numbers, waiting for them."""
        if self._arrival is not None:
            self._arrival.synchronize()
        numbers: list[float] = self._numbers.tolist()
        return numbers
