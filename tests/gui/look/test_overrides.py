"""An error in a handler of Qt's events is told, and the program lives on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QObject

PROGRAM = """
import sys
import workbench.gui
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Painted(QWidget):
    def event(self, event):
        return super().event(event)

    def paintEvent(self, event):
        {wrong}

told = []
sys.excepthook = lambda kind, error, where: told.append(kind.__name__)
application = QApplication([])
widget = Painted()
widget.show()
poll = QTimer()
poll.timeout.connect(lambda: told and application.quit())
poll.start(5)
application.exec()
print(told[0])
"""


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("[][0]", "IndexError"),
        ("{}['key']", "KeyError"),
        ("self.nothing", "AttributeError"),
        ("raise ValueError('said')", "ValueError"),
    ],
)
def test_an_error_while_painting_is_told(wrong: str, kind: str) -> None:
    program = PROGRAM.replace("{wrong}", wrong)
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [kind]


def test_what_is_only_called_like_a_handler_takes_named_arguments() -> None:
    class Scene(QObject):
        def itemsNearEvent(self, event: str, *, hoverable: bool) -> tuple[str, bool]:
            return event, hoverable

    assert Scene().itemsNearEvent("moved", hoverable=True) == ("moved", True)
