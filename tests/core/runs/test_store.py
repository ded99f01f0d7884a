"""The run folder, read by whoever watches while somebody else writes."""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import save

from tests.made_runs import finish, made, stop_after, timeless, trained
from workbench.core.base.processes import process_mark
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import list_evaluations, own_test
from workbench.core.runs.events import EvaluationEvent, StepEvent, from_json, to_json
from workbench.core.runs.search import find_run, list_runs
from workbench.core.runs.store import ALIVE, MetricsWriter, RunFolder
from workbench.core.training.training import train


def step(number: int) -> StepEvent:
    return StepEvent(number, 1.0, None, 0.5, 1e-3, {"distance": 2.0})


def test_events_survive_json(tmp_path):
    for event in trained(tmp_path, algorithm__kind="meta-sgd").events():
        assert from_json(to_json(event)) == event


def test_a_torn_last_line_is_read_once_it_is_whole(tmp_path):
    folder = made(tmp_path)
    follower = folder.follow()
    line = to_json(step(1)) + "\n"
    folder.metrics.write_text(line + line[:20])
    assert follower.read_new() == (False, [step(1)])
    folder.metrics.write_text(line + line)
    assert follower.read_new() == (False, [step(1)])
    assert follower.read_new() == (False, [])


def test_a_line_that_is_no_event_is_passed_over(tmp_path):
    folder = made(tmp_path)
    folder.metrics.write_bytes(
        b'{"event": "step"}\n\xff\xfe\n[]\n' + to_json(step(2)).encode() + b"\n"
    )
    assert list(folder.events()) == [step(2)]


def test_a_follower_notices_that_the_metrics_were_cut_back(tmp_path):
    folder = made(tmp_path)
    writer = MetricsWriter(folder, 0)
    writer.append([step(1)])
    length = writer.length
    writer.append([step(2), step(3)])
    follower = folder.follow()
    assert follower.read_new() == (False, [step(1), step(2), step(3)])
    writer.close()
    MetricsWriter(folder, length).close()
    assert follower.read_new() == (True, [step(1)])


def test_a_run_is_followed_while_it_is_trained(tmp_path):
    folder = made(tmp_path)
    follower = folder.follow()
    seen = []
    for event in train(folder, data=tmp_path, device="cpu"):
        seen += follower.read_new()[1]
        is_test = isinstance(event, EvaluationEvent) and event.split == "test"
        assert own_test(folder.path) is not None if is_test else event in seen
    assert seen == list(folder.events())


def test_runs_of_one_name_get_folders_of_their_own(tmp_path):
    assert made(tmp_path).path != made(tmp_path).path
    assert len(list_runs(tmp_path)) == 2


def test_a_folder_that_is_no_run_says_so(tmp_path):
    folder = made(tmp_path)
    (folder.path / "run.json").unlink()
    with pytest.raises(RunError, match=r"is not a run: no run\.json"):
        folder.info()


def test_a_run_that_cannot_be_locked_is_read_and_says_why_it_is_not_written(run):
    for lock in (".run.json.lock", "lock"):
        (run.path / lock).unlink(missing_ok=True)
        (run.path / lock).mkdir()
    assert run.info().state == "completed"
    assert list(run.events())
    assert run.config().training.iterations
    with pytest.raises(RunError, match=r"\.run\.json\.lock: a folder is in its place"):
        run.update(name="another")
    with pytest.raises(RunError, match=r"cannot lock .*: a folder is in its place"):
        next(train(run, data=run.path, device="cpu"))


def test_a_configuration_that_cannot_be_read_is_named_once_with_what_to_do(tmp_path):
    folder = made(tmp_path)
    file = folder.path / "config.toml"
    file.write_text("[task." + ".".join(5000 * "a") + "]")
    with pytest.raises(
        RunError, match=r"nested deeper .*: bring back a copy"
    ) as raised:
        folder.config()
    assert str(raised.value).count(str(file)) == 1


def test_damaged_files_are_named(tmp_path):
    folder = made(tmp_path)
    (folder.path / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        folder.info()
    (folder.path / "config.toml").write_text("[task]\nkind = 'gone'")
    with pytest.raises(RunError, match=r"config\.toml: .*'gone' is not one of"):
        folder.config()


@pytest.mark.parametrize("state", ALIVE)
def test_a_run_in_hand_whose_process_is_gone_is_interrupted(tmp_path, state):
    folder = made(tmp_path)
    folder.update(state=state, pid=2**22 + 1, host=socket.gethostname())
    assert folder.info().state == "interrupted"


def test_a_run_killed_while_paused_is_interrupted_and_goes_on(tmp_path):
    folder = made(tmp_path)
    script = (
        "import os, pathlib, signal, sys\n"
        "from workbench.core.runs.store import RunFolder\n"
        "from workbench.core.training.training import train\n"
        "folder = RunFolder(pathlib.Path(sys.argv[1]))\n"
        "training = train(folder, data=folder.path, device='cpu')\n"
        "for event in training:\n"
        "    if event.step == 7:\n"
        "        training.note('paused')\n"
        "        assert folder.info().state == 'paused'\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(folder.path)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert (folder.info().state, folder.info().step) == ("interrupted", 7)
    finish(folder)
    assert folder.info().state == "completed"


_WRITER = (
    "import pathlib, sys\n"
    "from workbench.core.runs.store import RunFolder\n"
    "folder = RunFolder(pathlib.Path(sys.argv[1]))\n"
    "for number in range(100):\n"
    "    folder.update(**{sys.argv[2]: number if sys.argv[2] == 'step' else "
    "str(number)})\n"
    "    assert str(getattr(folder.info(), sys.argv[2])) == str(number)\n"
)


def test_two_processes_lose_nothing_of_each_other(tmp_path):
    folder = made(tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(folder.path), field])
        for field in ("step", "notes", "name")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    info = folder.info()
    assert (info.step, info.notes, info.name) == (99, "99", "99")


def test_a_run_renamed_while_it_is_trained_keeps_its_name(tmp_path):
    folder = made(tmp_path)
    for event in train(folder, data=tmp_path, device="cpu"):
        if event.step == 3:
            RunFolder(folder.path).update(name="new", tags=("mine",), notes="said")
    info = folder.info()
    assert (info.state, info.name, info.tags) == ("completed", "new", ("mine",))
    assert info.notes == "said"


@pytest.mark.parametrize("state", ALIVE)
@pytest.mark.parametrize(("silence", "is_believed"), [(30, True), (3600, False)])
def test_a_run_of_another_host_is_believed_while_it_gives_signs(
    tmp_path, state, silence, is_believed
):
    folder = made(tmp_path)
    beat = time.time() - silence
    folder.update(state=state, pid=1, host="elsewhere", heartbeat=beat)
    assert folder.info().state == (state if is_believed else "interrupted")
    assert folder.info().is_alive is is_believed


def test_a_later_process_of_the_same_number_is_not_taken_for_the_run(tmp_path):
    folder = made(tmp_path)
    about = {"pid": os.getpid(), "host": socket.gethostname()}
    folder.update(state="running", process_mark="1", **about)
    if process_mark(os.getpid()):
        assert folder.info().state == "interrupted"
    folder.update(process_mark=process_mark(os.getpid()))
    assert folder.info().state == "running"


def test_a_follower_notices_metrics_cut_back_and_grown_again(tmp_path):
    folder = made(tmp_path)
    writer = MetricsWriter(folder, 0)
    writer.append([step(1)])
    length = writer.length
    writer.append([step(2)])
    follower = folder.follow()
    follower.read_new()
    writer.close()
    writer = MetricsWriter(folder, length)
    writer.append([step(3), step(4), step(5)])
    assert follower.read_new() == (True, [step(1), step(3), step(4), step(5)])
    writer.close()


def test_a_run_notes_what_its_result_depends_on(tmp_path):
    info = trained(tmp_path).info()
    assert {"workbench", "python", "torch", "numpy"} <= set(info.versions)


def test_a_moved_run_opens_where_it_is_now(tmp_path):
    folder = trained(tmp_path / "here")
    elsewhere = folder.path.rename(tmp_path / "there")
    moved = find_run(str(elsewhere), tmp_path)
    assert moved.info().state == "completed"
    assert list(moved.events())


def test_a_run_killed_on_another_machine_goes_on_here(tmp_path):
    whole, killed = trained(tmp_path / "whole"), made(tmp_path / "there")
    stop_after(killed, 12)
    killed.update(state="running", host="elsewhere", pid=1, process_mark="7")
    killed.update(heartbeat=time.time() - 3600)
    here = RunFolder(tmp_path / "here" / "another name")
    shutil.copytree(killed.path, here.path)
    shutil.rmtree(killed.path)
    assert here.info().state == "interrupted"
    finish(here)
    info = here.info()
    assert (info.state, info.host) == ("completed", socket.gethostname())
    assert timeless(here) == timeless(whole)


class Payload:
    def __reduce__(self):
        return (open, ("payload-ran", "w"))


@pytest.mark.parametrize(
    "content", [b"", b"\x08", b"\xff" * 64, pickle.dumps(Payload()), b"\0" * 200]
)
def test_a_checkpoint_from_a_stranger_runs_no_code(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "latest.safetensors"
    path.write_bytes(content)
    with pytest.raises(RunError, match="is not a checkpoint, or is damaged"):
        load_checkpoint(path)
    assert not (tmp_path / "payload-ran").exists()


@pytest.mark.parametrize(
    ("metadata", "tensors"),
    [
        ({"workbench": "{}", "order": "[]"}, {}),
        ({"workbench": '{"step": 3}', "order": "5"}, {}),
        ({"workbench": '{"step": 3}', "order": '["gone"]'}, {}),
        ({"workbench": '{"step": 3}', "order": '["a", "a/b"]'}, {"a": 1, "a/b": 1}),
        ({}, {}),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(tmp_path, metadata, tensors):
    path = tmp_path / "latest.safetensors"
    zeros = {name: torch.zeros(1) for name in tensors}
    path.write_bytes(save(zeros, metadata=metadata))
    with pytest.raises(RunError, match=r"is not a checkpoint, or is damaged"):
        load_checkpoint(path)


def test_a_damaged_checkpoint_fails_the_run_with_its_name(tmp_path):
    folder = made(tmp_path)
    (folder.checkpoints / "latest.safetensors").write_bytes(b"broken")
    with pytest.raises(RunError, match=r"latest\.safetensors is not a checkpoint"):
        finish(folder)


def test_run_json_is_plain_json(tmp_path):
    record = json.loads((trained(tmp_path).path / "run.json").read_text())
    assert record["state"] == "completed"


@pytest.mark.parametrize("name", ["metrics.jsonl", "evaluations/a.json"])
def test_a_pipe_in_a_run_is_not_waited_for(tmp_path, name):
    folder = made(tmp_path)
    pipe = folder.path / name
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    assert list(folder.events()) == []
    assert list_evaluations(folder.path) == []


def test_training_does_not_write_into_a_pipe(tmp_path):
    folder = made(tmp_path)
    os.mkfifo(folder.metrics)
    with pytest.raises(RunError, match="not a regular file"):
        MetricsWriter(folder, 0)


def test_a_pipe_for_a_checkpoint_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "best.safetensors")
    with pytest.raises(RunError, match="not a regular file"):
        load_checkpoint(tmp_path / "best.safetensors")


def test_ctrl_c_while_a_folder_is_made_leaves_none(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    config = made(tmp_path / "other").config()
    monkeypatch.setattr(RunFolder, "_write_info", interrupted)
    with pytest.raises(KeyboardInterrupt):
        RunFolder.create(tmp_path / "runs", config)
    assert list((tmp_path / "runs").iterdir()) == []


_DIES_WHILE_MAKING = """
import os, pathlib, sys
from tests.dying import die_at
from tests.made_runs import made

runs, change, status = pathlib.Path(sys.argv[1]), 0, 1
while status:
    change += 1
    child = os.fork()
    if not child:
        die_at(runs, change)
        made(runs)
        os._exit(0)
    _, status = os.waitpid(child, 0)
print(change)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_kill_while_a_folder_is_made_leaves_no_half_of_a_run(tmp_path):
    runs = tmp_path / "runs"
    command = [sys.executable, "-c", _DIES_WHILE_MAKING, str(runs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) > 5
    (folder,) = list_runs(runs)
    assert folder.info().state == "created"
    assert [path for path in runs.glob("[!.]*") if path.is_dir()] == [folder.path]


def test_a_new_run_sweeps_up_one_that_was_killed_while_it_was_made(tmp_path):
    part = tmp_path / ".a-run-20260101-000000-abcdef.000000-77.part"
    (part / "checkpoints").mkdir(parents=True)
    made(tmp_path)
    assert part.is_dir()  # it may be another machine's, which is at it
    os.utime(part, (1.7e9, 1.7e9))
    made(tmp_path)
    assert not part.exists()


def test_a_figure_that_is_no_number_does_not_make_a_run_unreadable(run):
    file = run.path / "run.json"
    record = json.loads(file.read_text()) | {"seconds": math.nan, "best": math.inf}
    file.write_text(json.dumps(record))
    run.update(notes="looked at")
    assert math.isnan(run.info().seconds)
    assert (run.info().best, run.info().notes) == (math.inf, "looked at")
