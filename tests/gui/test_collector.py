"""Cycles are collected in the window's thread, whichever thread makes them."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.collector import Collector


class _Knot:
    """Garbage that only the collector finds, and that notes who collected it."""

    def __init__(self) -> None:
        self.me = self


def test_no_cycle_is_collected_in_a_thread_that_allocates(
    qapp: QApplication, qtbot: QtBot
) -> None:
    collector, where = Collector(), set[int]()
    collector.start()
    try:
        for _ in range(50):
            knot = _Knot()
            weakref.finalize(knot, lambda: where.add(threading.get_ident()))
        del knot

        def allocate() -> None:
            for _ in range(200):
                kept = [[] for _ in range(100)]
                del kept
            for _ in range(2000):
                _Knot()

        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
        assert not where
        qtbot.waitUntil(lambda: bool(where))
        assert where == {threading.get_ident()}
        assert QThread.currentThread() is qapp.thread()
    finally:
        collector.stop()
        gc.unfreeze()
    assert gc.isenabled()
