"""How this program was called, so that what it proposes can be typed as it is."""

from __future__ import annotations

import sys
from pathlib import Path

INSTALLED = "fewshot-workbench"
"""What the application is called where it is installed."""


def program() -> str:
    """Return the program's name, for the usage of the command line."""
    called = Path(sys.argv[0]).stem
    return called if called == INSTALLED else "main.py"


def command(words: str) -> str:
    """Return the command line that calls the program with these words."""
    called = program()
    return f"{called if called == INSTALLED else f'python {called}'} {words}"
