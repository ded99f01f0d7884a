"""A run of several processes is to the last bit what it is in one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from tests.core.spreading.followed import CPU, engine_of, loop_of, spread, wires
from tests.core.training.test_recorded_step import record
from tests.made_members import every_member, made_data
from tests.made_runs import acting_config, small_config
from workbench.core.base.cancelling import Cancelled
from workbench.core.base.devices import OutOfMemoryThere
from workbench.core.base.errors import DataError, WorkbenchError
from workbench.core.config.run_config import RunConfig
from workbench.core.engine.cuda_graph import CALLS_UNRECORDED, Recorder
from workbench.core.engine.engine import LoopEngine, VmapEngine
from workbench.core.engine.trees import tensors_in
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import named_leaves
from workbench.core.spreading.following import follow
from workbench.core.spreading.leading import SpreadEngine
from workbench.core.spreading.part import Computing
from workbench.core.spreading.place import Follower
from workbench.core.spreading.words import End
from workbench.core.training.training_error import OutOfMemory, memory_errors

MEMBERS = every_member()
STEPS = 4
"""As many as it takes until a meta-step is a replay."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_data(tmp_path_factory.mktemp("data"))


def numbers(
    config: RunConfig,
    data: Path,
    engine: SpreadEngine | None = None,
    steps: int = STEPS,
) -> Any:
    """Return all numbers of a run after some meta-steps, and what they are judged."""
    loop = loop_of(config, data, engine)
    figures = [loop.event(loop.advance()) for _ in range(steps)]
    examine = loop.examiner.curves
    judged = examine(loop.meta, loop.state, "validation", 0, seed=0, tasks=3).tolist()
    trees = {"meta": loop.meta, "state": loop.state, "slots": loop.slots}
    kept = {name: leaf.tolist() for name, leaf in named_leaves(trees)}
    return kept, figures, judged


def spread_numbers(config: RunConfig, data: Path, count: int) -> Any:
    with spread(lambda: engine_of(config), count) as engine:
        return numbers(config, data, engine)


@pytest.mark.parametrize("name", MEMBERS)
def test_every_member_s_run_is_the_same_in_two_processes(name: str, data: Path):
    few = {"training.meta_batch": 3, "evaluation.steps": 1}
    few |= {"training.engine": "threads"}
    few |= {"task.horizon": 5} if MEMBERS[name].task.kind == "cheetah" else {}
    config = MEMBERS[name].replace(few)
    assert spread_numbers(config, data, 2) == numbers(config, data)


@pytest.mark.parametrize("can_record", [True, False])
def test_what_each_process_records_comes_to_what_was_written(
    can_record: bool, data: Path, caplog: pytest.LogCaptureFixture
):
    config = small_config(training__meta_batch=5, training__engine="vmap")
    recording = set[int]()

    def record_here(work: Callable[[], None]) -> Callable[[], None]:
        recording.add(threading.get_ident())
        if not can_record:
            raise RuntimeError("not on this GPU")
        return record(work)

    def trained(recorder: Recorder | None) -> Any:
        with spread(lambda: engine_of(config), 2, record=recorder) as engine:
            return numbers(config, data, engine, CALLS_UNRECORDED + 4)

    with caplog.at_level("WARNING"):
        assert trained(record_here) == trained(None)
    assert len(recording) == 2
    assert ("cannot be recorded" in caplog.text) is not can_record


@pytest.mark.parametrize("engine", ["threads", "loop"])
@pytest.mark.parametrize("tasks", [5, 20])
@pytest.mark.parametrize("count", [3, 5, 8])
def test_any_number_of_processes_comes_to_the_same(
    count: int, tasks: int, engine: str, data: Path
):
    # Five tasks: some processes have one more than others, and some have none.
    config = small_config(training__meta_batch=tasks, training__engine=engine)
    assert spread_numbers(config, data, count) == numbers(config, data)


def test_a_trust_region_s_steps_are_the_same_in_three_processes(data: Path):
    config = acting_config(training__meta_batch=5, training__engine="threads")
    assert spread_numbers(config, data, 3) == numbers(config, data)


def test_what_is_computed_as_a_batch_is_the_same_to_rounding(data: Path):
    # As on GPUs, where each process computes its tasks as one.
    config = small_config(training__meta_batch=5, training__engine="vmap")
    with spread(VmapEngine, 3) as engine:
        there, _, judged = numbers(config, data, engine)
    here, _, alone = numbers(config, data)
    assert there.keys() == here.keys()
    pairs = [(there[name], here[name]) for name in here] + [(judged, alone)]
    for one, other in pairs:
        torch.testing.assert_close(
            torch.tensor(one), torch.tensor(other), rtol=1e-4, atol=1e-6
        )


def test_a_meta_batch_of_one_task_is_the_same_in_two_processes(data: Path):
    config = small_config(training__meta_batch=1, training__engine="threads")
    assert spread_numbers(config, data, 2) == numbers(config, data)


def test_a_process_that_is_gone_is_said_and_costs_no_digit(data: Path):
    config = small_config(training__meta_batch=5, training__engine="threads")
    with spread(lambda: engine_of(config), 3) as engine:
        loop = loop_of(config, data, engine)
        loop.advance()
        gone, _ = engine.followers
        engine.wire.send(gone.number, End()).wait()
        for _ in range(STEPS - 1):
            loop.advance()
        (said,) = engine.take_news()
        assert said.startswith("process 1001 on there is lost (it ended); ")
        assert engine.take_news() == []
        assert [each.number for each in engine.followers] == [2]
        there = tensors_in(loop.meta)
    here = loop_of(config, data, None)
    for _ in range(STEPS):
        here.advance()
    assert all(map(torch.equal, there, tensors_in(here.meta)))


def test_a_process_that_does_not_answer_is_left_out_and_no_other():
    # The third answers as long as it lives; nobody is behind the second.
    own, silent, sound = wires(3, seconds=0.5)
    thread = threading.Thread(target=follow, args=(sound, Computing(LoopEngine()), CPU))
    thread.start()
    followers = [Follower(1, 7, "elsewhere"), Follower(2, 8, "elsewhere")]
    engine = SpreadEngine(Computing(LoopEngine()), own, followers, CPU)
    asked = Refusing(-1.0, DataError("never"))
    for _ in range(2):
        assert engine.map(asked, numbered(4)).tolist() == [0, 1, 2, 3]
    (said,) = engine.take_news()
    assert said.startswith("process 7 on elsewhere is lost (no answer in time); ")
    assert engine.followers == followers[1:]
    engine.close()
    thread.join()
    assert silent.bytes == 0


def test_waiting_for_a_process_that_takes_nothing_can_be_stopped():
    own, silent = wires(2)
    followers = [Follower(1, 7, "elsewhere")]
    engine = SpreadEngine(Computing(LoopEngine()), own, followers, CPU, lambda: True)
    with pytest.raises(Cancelled):
        engine.map(Refusing(-1.0, DataError("never")), numbered(4))
    assert engine.take_news() == []
    engine.close(0.0)
    assert silent.bytes == 0


class Refusing(NamedTuple):
    """A function of one task that fails where a task's first target is so large."""

    at: float
    error: Exception

    def __call__(self, episode: Episode) -> torch.Tensor:
        if episode.support.y[0, 0] == self.at:
            raise self.error
        return episode.support.y.sum()


def numbered(tasks: int) -> Episode:
    """Return tasks whose targets are their numbers."""
    x = torch.zeros(tasks, 1, 1)
    y = torch.arange(float(tasks)).reshape(tasks, 1, 1)
    return Episode(Examples(x, y), Examples(x, y))


@pytest.mark.parametrize("task", [0, 1, 2])
def test_what_fails_in_a_process_fails_where_it_was_asked(task: int):
    with spread(LoopEngine, 2) as engine:
        with pytest.raises(DataError, match="no such thing") as caught:
            engine.map(Refusing(float(task), DataError("no such thing")), numbered(4))
        assert type(caught.value) is DataError
        # Nothing is left of it on the way: the next answer is to the next question.
        sound = Refusing(-1.0, DataError("never"))
        assert engine.map(sound, numbered(4)).tolist() == [0, 1, 2, 3]


def test_memory_that_runs_out_in_a_process_is_said_of_its_device():
    with spread(LoopEngine, 2) as engine:
        error = RuntimeError("CUDA out of memory")
        with pytest.raises(OutOfMemoryThere) as caught:
            engine.map(Refusing(1.0, error), numbered(4))
    assert re.fullmatch(r"CPU, .*, process 1001 on there", caught.value.where)
    with (
        pytest.raises(OutOfMemory, match=r"the test: .* on CPU, 1 thread, process 7"),
        memory_errors("the test", small_config(), CPU),
    ):
        raise OutOfMemoryThere("no room", "CPU, 1 thread, process 7")


def test_memory_that_runs_out_here_loses_no_process(monkeypatch: pytest.MonkeyPatch):
    sound = Refusing(-1.0, DataError("never"))
    with spread(LoopEngine, 3) as engine:
        send = engine.wire.send

        def with_room_for_one(to: int, *said: Any) -> Any:
            if to == 2:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
            return send(to, *said)

        monkeypatch.setattr(engine.wire, "send", with_room_for_one)
        with pytest.raises(RuntimeError, match="can't allocate memory"):
            engine.map(sound, numbered(6))
        monkeypatch.undo()
        assert engine.take_news() == []
        assert len(engine.followers) == 2
        # The answer of who was asked is not taken for one to the next question.
        assert engine.map(sound, numbered(3)).tolist() == [0, 1, 2]


def test_a_function_that_cannot_be_sent_is_named():
    with spread(LoopEngine, 2) as engine:
        with pytest.raises(WorkbenchError, match=r"lambda.* cannot be sent to another"):
            engine.map(lambda episode: episode.support.y.sum(), numbered(4))
        assert len(engine.followers) == 1


def test_a_function_is_sent_once_and_what_is_given_as_well():
    with spread(LoopEngine, 2) as engine:
        mean = engine.mean_given(scaled, numbered(4))
        sent = []
        for factor in (1.0, 2.0, 3.0):
            before = engine.wire.bytes
            assert mean(torch.tensor(factor)) == 1.5 * factor
            sent.append(engine.wire.bytes - before)
        assert sent[0] > sent[1] + 100
        assert sent[1] == sent[2]


def scaled(factor: torch.Tensor, episode: Episode) -> torch.Tensor:
    return factor * episode.support.y.sum()
