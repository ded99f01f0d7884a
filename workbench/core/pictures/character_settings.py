"""The settings of all families of written characters."""

from __future__ import annotations

from typing import Any, Literal

from workbench.core.base.settings import setting
from workbench.core.drawing.strokes import REDUCED_SIZE, SIZE
from workbench.core.learning.task_family import SAME_CLASSES, SAME_PICTURES
from workbench.core.pictures.distortion import Distortion
from workbench.core.pictures.image_family import (
    ImageTaskSettings,
    Rotation,
    rotation_setting,
)


def side_setting() -> Any:
    """Declare how large pictures are that can be made of any size."""
    return setting(
        REDUCED_SIZE,
        "Picture size",
        "Pixels along a side of every picture: 28 as in the papers; larger ones show "
        "more of a drawing, and cost more.",
        ge=14,
        le=SIZE,
        unit="pixels",
        advanced=True,
        mark=SAME_CLASSES,
    )


def is_square_ink(input_shape: tuple[int, ...]) -> bool:
    """Return whether inputs are pictures that drawings can be made into."""
    return len(input_shape) == 3 and input_shape == (1, input_shape[1], input_shape[1])


class CharacterTaskSettings(ImageTaskSettings):
    """The settings of families of written characters, in alphabets."""

    rotation: Rotation = rotation_setting("drawn")
    within_alphabet: bool = setting(
        False,
        "Within one alphabet",
        "Draw all classes of a task from one alphabet, which is harder.",
        mark=SAME_PICTURES,
    )
    distortion: float = setting(
        0.0,
        "Distortion",
        "Shift, turn, scale and shear every training picture a little, at random, by "
        "up to this much of a usual hand's variation; 0 for none.",
        ge=0,
        le=2,
        advanced=True,
        mark=SAME_PICTURES,
    )
    bending: float = setting(
        0.0,
        "Bending",
        "Bend every training picture a little, as if it were drawn on rubber; 0 for "
        "none, 1 for as much as still looks written.",
        ge=0,
        le=2,
        advanced=True,
        mark=SAME_PICTURES,
    )
    mirrored: bool = setting(
        False,
        "Mirrored tasks",
        "Mirror half of the training tasks as a whole: alphabets that nobody writes, "
        "for nothing.",
        advanced=True,
        mark=SAME_PICTURES,
    )
    ink: Literal["white on black", "black on white"] = setting(
        "white on black",
        "Ink",
        "Ink is 1 on a background of 0, as MAML has it; or 0 on 1, as Reptile does.",
        advanced=True,
        mark=SAME_PICTURES,
    )

    @property
    def one_group(self) -> bool:
        """Whether the classes of a task come from one alphabet."""
        return self.within_alphabet

    @property
    def distortion_in_training(self) -> Distortion:
        """As its settings say."""
        return Distortion(self.distortion, self.bending, self.mirrored)

    @property
    def inverted(self) -> bool:
        """Whether ink is 0 on a background of 1."""
        return self.ink == "black on white"


def light_ink(task: object, channels: int) -> bool | None:
    """Return whether a learner sees ink lighter than its ground; None for no ink.

    Ink has no colours of its own, and a window may show it in its theme's.
    """
    if not isinstance(task, CharacterTaskSettings) or channels != 1:
        return None
    return not task.inverted
