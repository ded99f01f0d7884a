"""Training gives way to the window."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from workbench.gui.training.run_thread import let_others_go_first


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a switch of Linux's")
def test_a_training_thread_is_nicer_than_the_window() -> None:
    said: list[int] = []

    def train() -> None:
        let_others_go_first()
        helper = threading.Thread(target=ask)
        helper.start()
        helper.join()
        ask()

    def ask() -> None:
        said.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    window = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert min(said) > window
