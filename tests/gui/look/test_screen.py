"""Dialogs fit on the screen, however small it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from workbench.core.base.folders import resource
from workbench.core.runs.store import RunFolder
from workbench.gui.app.help_dialog import HelpDialog
from workbench.gui.look import screen
from workbench.gui.runs.evaluate_dialog import EvaluateDialog

SMALL = QSize(960, 540)


def evaluating() -> QDialog:
    run = RunFolder(resource("models", "bundled"))
    return EvaluateDialog(run, run.config(), Path())


@pytest.mark.parametrize("make", [HelpDialog, evaluating])
def test_a_dialog_has_its_size_or_what_the_screen_has_room_for(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make: type[QDialog]
) -> None:
    monkeypatch.setattr(screen, "room", lambda: QSize(2560, 1440))
    large = make()
    qtbot.addWidget(large)
    monkeypatch.setattr(screen, "room", lambda: SMALL)
    small = make()
    qtbot.addWidget(small)
    assert large.height() > SMALL.height()
    for dialog in (small, small.minimumSizeHint()):
        assert dialog.height() < SMALL.height()
        assert dialog.width() < SMALL.width()
