"""What the program proposes can be typed as it is."""

from __future__ import annotations

import sys

import pytest

from workbench.core.base.program import command
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import ConfigError


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
    with pytest.raises(ConfigError, match="fewshot-workbench presets lists them"):
        find_preset("nothing-like-it")
