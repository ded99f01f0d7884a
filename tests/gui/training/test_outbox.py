"""Events reach the window no faster than it takes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from workbench.core.runs.events import CheckpointEvent, Event
from workbench.gui.training.outbox import BATCH_EVENTS, Outbox


def events(count: int) -> Iterator[Event]:
    return (CheckpointEvent(step, "latest") for step in range(count))


def test_what_was_written_earlier_waits_until_the_last_batch_is_taken() -> None:
    sent: list[list[Event]] = []
    came = threading.Semaphore(0)

    def send(batch: list[Event]) -> None:
        sent.append(batch)
        came.release()

    outbox = Outbox(send)
    asked: list[int] = []

    def read() -> Iterator[Event]:
        for event in events(3 * BATCH_EVENTS + 5):
            asked.append(event.step)
            yield event

    thread = threading.Thread(target=lambda: outbox.pass_on(read(), lambda: False))
    thread.start()
    for count in (1, 2, 3, 4):
        came.acquire()
        assert len(sent) == count
        assert len(asked) <= (count + 1) * BATCH_EVENTS
        outbox.taken()
    thread.join()
    assert [event.step for batch in sent for event in batch] == asked
    assert max(map(len, sent)) == BATCH_EVENTS


def test_nobody_waits_for_a_window_that_is_gone() -> None:
    sent: list[list[Event]] = []
    outbox = Outbox(sent.append)
    outbox.pass_on(events(3 * BATCH_EVENTS), lambda: bool(sent))
    assert len(sent) == 1
