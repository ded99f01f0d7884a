"""Gaits made up: two poles that slide along, without a simulation."""

from __future__ import annotations

import numpy as np

from workbench.core.acting.figure import Figure, Limb, Part
from workbench.core.episodes.gaits import Gait, Gaits
from workbench.gui.plots.task_look import GaitLook

STEPS, SECONDS = 8, 0.05
UP = ((0.0, 0.0), (0.0, 1.0))
POLE = Figure((Part(-1, 0, 0),), (Limb(0, UP, 0.05),))


def a_gait(velocity: float) -> Gait:
    """Two poles that slide along, one of them at this velocity, one more slowly."""
    along = np.arange(STEPS + 1) * SECONDS * velocity
    poses = np.zeros((2, STEPS + 1, 3))
    poses[0, :, 0], poses[1, :, 0] = along, along / 2
    velocities = np.array([velocity, velocity / 2])
    return Gait(poses, -np.abs(velocities - 1), {"velocity": velocities})


def a_gait_look(number: int = 0, *, is_way: bool = False) -> GaitLook:
    updates = tuple(map(a_gait, (0.0, 0.5, 1.0)))
    told = "forwards" if is_way else "1.00 m/s"
    return GaitLook(number, 7, 1, Gaits(1.0, told, is_way, POLE, SECONDS, updates))
