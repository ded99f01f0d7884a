"""Simulations of a MuJoCo model, stepped side by side in threads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.acting.environment import ActingError
from workbench.core.acting.figure import Figure, Limb, Part
from workbench.core.base.lazy import imported, torch

_WORTH_A_THREAD = 64
"""Fewer simulations than these are stepped sooner than another thread is woken."""

_MOST_SIZES = 4

_LARGEST = 1e10
"""What is larger is no number to MuJoCo either."""


def quiet_mujoco() -> Any:
    """Import MuJoCo, and keep it from writing a log into the current folder.

    What it warns of, as that a model's file is of an older kind, is nobody's here; of
    what fails its callers tell.
    """
    mujoco = imported("mujoco")
    config = mujoco.MjLogConfig.get()
    config.logto_file = config.logto_console = False
    config.set()
    return mujoco


class Simulations:
    """Steps simulations of one model whose states are passed in and given back.

    A state is a row of numbers, those with which a simulation begins its steps
    included: what comes of it is the same whatever was simulated before, beside it, and
    in how many threads.
    """

    def __init__(self, file: Path, name: str, threads: int) -> None:
        self._mujoco = quiet_mujoco()
        self._name, self._threads = name, threads
        self._model = self._mujoco.MjModel.from_xml_path(str(file))
        # One that is lost must not begin again as if nothing had happened.
        no_reset = self._mujoco.mjtDisableBit.mjDSBL_AUTORESET.value
        self._model.opt.disableflags |= no_reset
        self._positions, self._velocities = int(self._model.nq), int(self._model.nv)
        self._batches: dict[int, Any] = {}
        # Several Python threads must not use a batch at once.
        self._stepping = threading.Lock()

    @property
    def timestep(self) -> float:
        """The seconds of a simulated step."""
        return float(self._model.opt.timestep)

    def body(self, name: str) -> torch.Tensor:
        """Return where a body is in the one it hangs on, [3]."""
        return torch.from_numpy(self._model.body(name).pos.copy())

    def figure(self) -> Figure:
        """Return the body from the side, of which only what is a rod is seen."""
        model, rod = self._model, self._mujoco.mjtGeom.mjGEOM_CAPSULE
        # The world is body 0: it has no joint, and the torso hangs on it.
        hang_on, places = model.body_parentid[1:], model.body_pos[1:]
        parts = (
            Part(int(parent) - 1, float(along), float(up))
            for parent, (along, _, up) in zip(hang_on, places, strict=True)
        )
        rods = (each for each in range(model.ngeom) if model.geom_type[each] == rod)
        return Figure(tuple(parts), tuple(map(self._limb, rods)))

    def begun(self, positions: torch.Tensor, velocities: torch.Tensor) -> torch.Tensor:
        """Return the states of simulations that begin so, [..., n, numbers]."""
        shape = positions.shape[:-1]
        with self._stepping:
            batch = self._batch(shape.numel())
            batch.reset(stage=self._mujoco.mjtStage.mjSTAGE_NONE.value)
            own = self._model.qpos0
            batch.qpos[:] = own + positions.reshape(-1, self._positions).numpy()
            batch.qvel[:] = velocities.reshape(-1, self._velocities).numpy()
            return _rows(batch).reshape(*shape, -1)

    def stepped(
        self, states: torch.Tensor, controls: torch.Tensor, times: int
    ) -> torch.Tensor:
        """Return the states after so many steps under the same controls.

        ActingError says when one is no number any more. Controls that are none are as
        if there were none: of whatever gave them others tell.
        """
        shape = states.shape[:-1]
        with self._stepping:
            batch = self._batch(shape.numel())
            batch.state[:] = states.reshape(-1, states.shape[-1]).numpy()
            given = controls.reshape(-1, controls.shape[-1]).nan_to_num()
            batch.ctrl[:] = given.numpy()
            batch.step(nstep=times)
            rows = _rows(batch)
        if not rows.abs().max() < _LARGEST:
            lost = int((~(rows.abs() < _LARGEST)).any(-1).sum())
            raise ActingError(
                f"{self._name}: {lost} of {len(rows)} simulations are no numbers any "
                "more"
            )
        return rows.reshape(*shape, -1)

    def positions(self, states: torch.Tensor) -> torch.Tensor:
        """Return where the joints are, [..., n, positions]."""
        return states[..., 1 : 1 + self._positions]

    def velocities(self, states: torch.Tensor) -> torch.Tensor:
        """Return how fast they are, [..., n, velocities]."""
        first = 1 + self._positions
        return states[..., first : first + self._velocities]

    def _limb(self, rod: int) -> Limb:
        model, way = self._model, np.zeros(3)
        self._mujoco.mju_rotVecQuat(way, np.array([0, 0, 1.0]), model.geom_quat[rod])
        radius, half = model.geom_size[rod][:2].tolist()
        middle = model.geom_pos[rod]
        one, other = (middle - half * way).tolist(), (middle + half * way).tolist()
        ends = (one[0], one[2]), (other[0], other[2])
        return Limb(int(model.geom_bodyid[rod]) - 1, ends, radius)

    def _batch(self, number: int) -> Any:
        """Return what steps so many simulations at once."""
        if number not in self._batches:
            while len(self._batches) >= _MOST_SIZES:
                self._batches.pop(next(iter(self._batches)))
            threads = max(1, min(self._threads, number // _WORTH_A_THREAD))
            batched = imported("mujoco.batch")
            self._batches[number] = batched.Batch(self._model, number, threads)
        return self._batches[number]


def _rows(batch: Any) -> torch.Tensor:
    return torch.from_numpy(batch.state.copy())
