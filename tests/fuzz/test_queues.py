"""A damaged queue: what can be read is kept, and what cannot is not thrown away."""

from __future__ import annotations

from random import Random

from tests.fuzz.damage import damaged, json_value
from tests.fuzz.holding import Holder, held
from tests.made_runs import small_config
from workbench.core.planning.queue import QueueState, RunQueue


def look_at(state: QueueState) -> None:
    """Use all that the list of the queue shows."""
    assert state.notice.isprintable()
    for item in state.items:
        assert isinstance(item.title, str)
        assert item.problem.text == item.message
    assert len(state.waiting) + len(state.finished) == len(state.items)


def test_a_damaged_queue_is_read_as_far_as_it_goes_and_kept_aside(holder: Holder):
    queue = RunQueue(holder.folder / "runs")
    queue.add([(name, small_config()) for name in "abc"], preset="quick")
    done, failed, _ = queue.read().items
    queue._change_item(done.id, state="done", run="a-run")
    queue._change_item(failed.id, state="failed", message="a reason")
    original = queue.file.read_bytes()

    def case(draw: Random) -> None:
        content = damaged(original, draw, json_value)
        assert holder.hold(queue.file, content, lambda _: look_at(queue.read()))
        before = queue.read()
        if not held(lambda: queue.pause(True), queue.file.name):
            assert queue.file.read_bytes() == content
            return
        after = queue.read()
        assert (after.paused, after.items) == (True, before.items)
        aside = sorted(queue.runs.glob("queue.damaged-*.json"))
        assert bool(aside) == bool(before.notice and after.notice != before.notice)
        for file in aside:
            assert file.read_bytes() == content
            file.unlink()

    holder.each(case)
