"""Cycles are collected in the window's thread, whichever thread makes them."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.app.collector import Collector


class _Knot:
    """Garbage that only the collector finds, and that notes who collected it."""

    def __init__(self) -> None:
        self.me = self


def test_what_modules_hold_is_left_out_once_they_are_imported(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = Collector()
    collector.start()
    try:
        held = [[number] for number in range(5000)]
        before = gc.get_freeze_count()
        collector.collect_if_due()
        assert gc.get_freeze_count() < before + len(held)
        monkeypatch.setitem(sys.modules, "a module imported late", sys)
        collector.collect_if_due()
        assert gc.get_freeze_count() >= before + len(held)
    finally:
        collector.stop()
        gc.unfreeze()


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
