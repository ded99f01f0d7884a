"""A window on a tiny configuration, and its panels that train."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.gui.training.test_run_controller import tiny
from workbench.gui.app.main_window import MainWindow
from workbench.gui.queue.queue_panel import QueuePanel
from workbench.gui.shell.session import Session
from workbench.gui.training.training_panel import TrainingPanel


@pytest.fixture
def window(
    open_window: Callable[[], MainWindow], session: Session
) -> Iterator[MainWindow]:
    session.load_config(tiny())
    opened = open_window()
    yield opened
    # What still trains is stopped before the window closes, which would ask.
    opened.panel("Queue").shut_down()
    opened.panel("Training").controller.shut_down()  # type: ignore[attr-defined]


@pytest.fixture
def training(window: MainWindow) -> TrainingPanel:
    found = window.panel("Training")
    assert isinstance(found, TrainingPanel)
    return found


@pytest.fixture
def queue(window: MainWindow) -> QueuePanel:
    found = window.panel("Queue")
    assert isinstance(found, QueuePanel)
    return found
