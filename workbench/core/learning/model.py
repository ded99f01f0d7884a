"""What a model is: initial parameters, and a pure function of (params, x)."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from workbench.core.base.lazy import torch
from workbench.core.base.settings import Settings, setting
from workbench.core.learning.dense import dense
from workbench.core.learning.params import Params

OF_CLASSES = "of classes"
"""Marks a setting that means nothing where tasks have no classes."""


class ModelSettings(Settings):
    """The settings shared by all models, and what each must say.

    The last layer's parameters are named ``head.*`` with one row per output. With a
    ``shared`` head there is one row, copied to every class as adaptation starts.
    """

    title: ClassVar[str]
    needs_images: ClassVar[bool]

    kind: str
    head: Literal["per class", "shared"] = setting(
        "per class",
        "Head",
        "One learned row per class, as in the papers; or one shared row, copied to "
        "every class at the start of adaptation, which then serves any number of ways.",
        mark=OF_CLASSES,
    )

    @property
    def normalises(self) -> str:
        """What its layers are normalised by: ``batch``, ``layer`` or ``none``."""
        return "none"

    @property
    def mixes_batch(self) -> bool:
        """Whether an example's outputs depend on what else is in the batch."""
        return self.normalises == "batch"

    def refusal(self, input_shape: tuple[int, ...]) -> str | None:
        """Return why the model cannot take such inputs; None if it can."""
        return None

    @abstractmethod
    def start(
        self, input_shape: tuple[int, ...], outputs: int, generator: torch.Generator
    ) -> Params:
        """Return freshly drawn parameters, on the generator's device."""

    @abstractmethod
    def embed(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return what the head is applied to, [n, width], for the inputs [n, ...]."""

    def code(self) -> list[str] | None:
        """Return the lines that make of ``x`` what ``embed`` does; None if it has none.

        A subclass that overrides ``embed`` writes its own.
        """
        return None

    def apply(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs [n, outputs] for the inputs [n, ...]."""
        return dense(params, "head", self.embed(params, x))
