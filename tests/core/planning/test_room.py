"""Whether a run fits into memory, and what would."""

from __future__ import annotations

import pytest

from workbench.core.config.run_config import RunConfig
from workbench.core.planning import room
from workbench.core.planning.footprint import footprint, least_footprint
from workbench.core.planning.room import least_room, room_for

CONFIG = RunConfig.from_dict(
    {
        "task": {"kind": "sinusoid"},
        "model": {"kind": "mlp", "hidden": [100, 100]},
        "algorithm": {"kind": "maml", "inner_steps": 5},
        "training": {"engine": "vmap", "meta_batch": 25},
    }
)


def test_what_fits_needs_no_remedy() -> None:
    size = footprint(CONFIG)
    assert room_for(CONFIG, size, size.peak_bytes).is_enough
    assert room_for(CONFIG, size, size.peak_bytes).fitting == ()


@pytest.mark.parametrize("share", [0.9, 0.3])
def test_every_change_that_is_offered_fits(share: float) -> None:
    size = footprint(CONFIG)
    available = int(share * size.peak_bytes)
    found = room_for(CONFIG, size, available)
    assert not found.is_enough
    assert "training.meta_batch" in found.fitting[0].changes
    for remedy in found.fitting:
        changed = CONFIG.replace(remedy.changes)
        assert footprint(changed).peak_bytes <= available


def test_where_not_one_task_fits_only_another_learner_is_offered() -> None:
    size = footprint(CONFIG)
    found = room_for(CONFIG, size, size.fixed_bytes + size.task_bytes - 1)
    assert all("training.meta_batch" not in each.changes for each in found.fitting)
    assert room_for(CONFIG, size, size.fixed_bytes - 1).fitting == ()


def test_what_is_offered_fits_with_as_many_tasks_at_once_as_the_device_has() -> None:
    config = CONFIG.replace({"training.engine": "loop"})
    size = footprint(config)._replace(at_once=25)
    fewer_steps = footprint(config.replace({"algorithm.inner_steps": 2}))
    assert fewer_steps.task_bytes < size.task_bytes
    available = size.fixed_bytes + 24 * fewer_steps.task_bytes
    offered = [each.changes for each in room_for(config, size, available).fitting]
    assert {"algorithm.inner_steps": 2} not in offered


def test_what_is_needed_at_least_is_known_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert least_footprint(CONFIG).peak_bytes <= footprint(CONFIG).peak_bytes
    assert least_room(CONFIG).is_enough
    monkeypatch.setattr(room, "available_memory", lambda device: 2**30)
    assert not least_room(CONFIG.replace({"model.hidden": [10_000] * 4})).is_enough
