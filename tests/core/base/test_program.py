"""What the program proposes can be typed as it is."""

from __future__ import annotations

import sys

import pytest

from workbench.cli._wording import phrase
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.base.program import command


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("main.py", "python main.py train"),
        ("/usr/bin/fewshot-workbench", "fewshot-workbench train"),
        ("/opt/workbench/__main__.py", "python -m workbench train"),
        ("/opt/pytest/__main__.py", "python main.py train"),
    ],
)
def test_a_command_is_proposed_as_the_program_was_called(
    called: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    assert command("train") == expected


def test_messages_say_how_the_installed_program_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/fewshot-workbench", "train"])
    said = phrase(Remedy(kind=RemedyKind.CHOOSE_PRESET))
    assert said == "choose one that fewshot-workbench presets lists"
