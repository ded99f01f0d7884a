"""A body seen from the side, beside what MuJoCo says of it."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.acting.figure import Figure, Limb, Part
from workbench.tasks.cheetah import JOINTS, HalfCheetah


def test_limbs_hang_on_each_other_and_turn_with_what_they_hang_on() -> None:
    thigh, shin = ((0.0, 0.0), (0.0, -1.0)), ((0.0, 0.0), (0.0, -1.0))
    parts = Part(-1, 0, 0), Part(0, 0, -1)
    figure = Figure(parts, (Limb(0, thigh, 0.1), Limb(1, shin, 0.1)))
    straight = figure.posed(np.array([2.0, 3.0, 0.0, 0.0]))
    np.testing.assert_allclose(straight, [[[2, 3], [2, 2]], [[2, 2], [2, 1]]])
    turned = figure.posed(np.array([2.0, 3.0, np.pi / 2, -np.pi / 2]))
    # What points down and turns by a right angle about y points backwards.
    np.testing.assert_allclose(turned, [[[2, 3], [1, 3]], [[1, 3], [1, 2]]])


def test_poses_have_any_number_of_axes_before() -> None:
    figure = Figure((Part(-1, 0, 0),), (Limb(0, ((0, 0), (1, 0)), 0.1),))
    assert figure.posed(np.zeros((4, 7, 3))).shape == (4, 7, 1, 2, 2)


def test_the_cheetahs_limbs_are_where_mujoco_has_them() -> None:
    mujoco = pytest.importorskip("mujoco")
    pytest.importorskip("gymnasium")
    course = HalfCheetah().course()
    model = mujoco.MjModel.from_xml_path(str(course.file))
    data, draw = mujoco.MjData(model), np.random.default_rng(0)
    names = ["torso", "head", "bthigh", "bshin", "bfoot", "fthigh", "fshin", "ffoot"]
    assert len(course.figure.limbs) == len(names)
    for _ in range(20):
        data.qpos[:] = draw.normal(size=JOINTS)
        mujoco.mj_kinematics(model, data)
        torso = data.body("torso").xpos
        pose = np.array([torso[0], torso[2], *data.qpos[2:]])
        posed = course.figure.posed(pose)
        for name, ends, limb in zip(names, posed, course.figure.limbs, strict=True):
            rod = data.geom(name)
            np.testing.assert_allclose(ends.mean(0), rod.xpos[[0, 2]], atol=1e-12)
            way = rod.xmat.reshape(3, 3)[[0, 2], 2] * model.geom(name).size[1]
            np.testing.assert_allclose((ends[1] - ends[0]) / 2, way, atol=1e-12)
            assert limb.radius == model.geom(name).size[0]
