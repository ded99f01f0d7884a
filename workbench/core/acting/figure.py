"""A body seen from the side: where its limbs are when its joints are so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

PLACE = 2
"""A pose begins with where the torso is, along the way and up; angles follow."""


class Part(NamedTuple):
    """A part that turns about a joint: which part it hangs on, and where there.

    The first part, the torso, hangs on none: -1.
    """

    hangs_on: int
    along: float
    up: float


class Limb(NamedTuple):
    """A rod with round ends, fixed to a part; ``ends`` are in the part's own frame."""

    part: int
    ends: tuple[tuple[float, float], tuple[float, float]]
    radius: float


@dataclass(frozen=True)
class Figure:
    """The parts of a body, each after the one it hangs on, and its limbs."""

    parts: tuple[Part, ...]
    limbs: tuple[Limb, ...]

    def posed(self, poses: Floats) -> Floats:
        """Return both ends of each limb, [..., limbs, 2, 2], along the way and up.

        A pose is the torso's place and, part by part, the angle of its joint.
        """
        places: list[Floats] = []
        turns: list[Floats] = []
        for number, (hangs_on, along, up) in enumerate(self.parts):
            turn, place = poses[..., PLACE + number], poses[..., :PLACE]
            if hangs_on >= 0:
                turn = turn + turns[hangs_on]
                there = np.array([along, up])
                place = places[hangs_on] + _turned(there, turns[hangs_on])
            turns.append(turn)
            places.append(place)
        ends = [
            places[part] + _turned(np.array(end), turns[part])
            for part, both, _ in self.limbs
            for end in both
        ]
        joined: Floats = np.stack(ends, -2)
        return joined.reshape(*poses.shape[:-1], len(self.limbs), 2, 2)


def _turned(place: Floats, angle: Floats) -> Floats:
    """Return a place turned about the axis that points away from who looks."""
    along, up = place
    cos, sin = np.cos(angle), np.sin(angle)
    turned: Floats = np.stack([along * cos + up * sin, up * cos - along * sin], -1)
    return turned
