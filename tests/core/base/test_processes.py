"""A process that is gone is known to be, on every system."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from workbench.core.base.processes import is_running, process_mark


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_a_process_is_known_by_its_number_and_mark(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    mark = process_mark(os.getpid())
    assert is_running(os.getpid(), "")
    assert is_running(os.getpid(), mark)
    if mark:
        assert not is_running(os.getpid(), f"{mark}1")


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_a_process_that_ended_runs_no_more(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    mark = process_mark(ended.pid)
    ended.wait()
    monkeypatch.setattr(sys, "platform", platform)
    assert process_mark(ended.pid) == ""
    assert not is_running(ended.pid, "")
    assert not is_running(ended.pid, mark)


@pytest.mark.skipif(sys.platform == "win32", reason="zombies are of POSIX")
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_process_that_was_killed_and_not_asked_about_runs_no_more(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    monkeypatch.setattr(sys, "platform", platform)
    mark = process_mark(killed.pid)
    assert is_running(killed.pid, mark)
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    assert process_mark(killed.pid) == ""
    assert not is_running(killed.pid, mark)
    assert not is_running(killed.pid, "")
    killed.communicate()
