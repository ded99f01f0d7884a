"""A damaged queue: what can be read is kept, and what cannot is not thrown away."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.fuzz.damage import Damage, damaged, json_nested, json_value, toml_nested
from tests.fuzz.holding import Holder, held
from tests.made_runs import small_config
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.run_config import RunConfig
from workbench.core.queue.queue import QueueState, RunQueue
from workbench.core.queue.working import work_off


def look_at(state: QueueState) -> None:
    """Use all that the list of the queue shows."""
    assert state.notice.isprintable()
    for item in state.items:
        assert isinstance(item.title, str)
        assert item.problem.text == item.message
    assert len(state.waiting) + len(state.finished) == len(state.items)


def said(state: QueueState) -> list[str]:
    """Return the items as they are written: of what is no number nothing is left."""
    return [item.model_dump_json() for item in state.items]


@pytest.fixture
def queue(holder: Holder) -> RunQueue:
    """A queue with an item that is done, one that failed and one that waits."""
    queue = RunQueue(holder.folder / "runs")
    queue.add([(name, small_config()) for name in "abc"], preset="quick")
    done, failed, _ = queue.read().items
    with queue.changing() as state:
        queue.write(state.having(done.id, state="done", run="a-run"))
    remedy = Remedy(kind=RemedyKind.SET, changes={"training.meta_lr": 0.1})
    said = {"message": "a reason", "remedies": (remedy,)}
    with queue.changing() as state:
        queue.write(state.having(failed.id, state="failed", **said))
    return queue


@pytest.mark.parametrize("own", [json_value, json_nested])
def test_a_damaged_queue_is_read_as_far_as_it_goes_and_kept_aside(
    queue: RunQueue, holder: Holder, own: Damage
):
    original = queue.file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, own)
        assert holder.hold(queue.file, content, lambda _: look_at(queue.read()))
        before = queue.read()
        if not held(lambda: queue.pause(True), queue.file.name):
            assert queue.file.read_bytes() == content
            return
        after = queue.read()
        assert after.paused
        assert said(after) == said(before)
        aside = sorted(queue.runs.glob("queue.damaged-*.json"))
        assert bool(aside) == bool(before.notice and after.notice != before.notice)
        for file in aside:
            assert file.read_bytes() == content
            file.unlink()

    holder.each(case)


def test_a_nested_configuration_in_a_queue_fails_alone(queue: RunQueue, holder: Holder):
    record = json.loads(queue.file.read_bytes())
    whole = record["items"][-1]["config"]

    def case(draw: Random) -> None:
        config = toml_nested(whole.encode(), draw).decode()
        if held(lambda: RunConfig.from_toml(config), "not valid TOML"):
            return  # it would be trained
        record["items"][-1] |= {"config": config, "state": "waiting"}
        content = json.dumps(record).encode()
        assert holder.hold(queue.file, content, lambda _: look_at(queue.read()))
        assert list(work_off(queue, queue.runs)) == []
        (*_, last) = queue.read().items
        assert (last.state, last.config) == ("failed", config)
        assert last.message

    holder.each(case, share=0.5)
