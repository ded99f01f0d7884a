"""How this program was called, so that what it proposes can be typed as it is."""

from __future__ import annotations

import sys
from pathlib import Path

INSTALLED = "fewshot-workbench"
"""What the application is called where it is installed."""


def program() -> str:
    """Return the program's name, for the usage of the command line."""
    called = Path(sys.argv[0])
    if called.stem == INSTALLED:
        return INSTALLED
    is_package = called.stem == "__main__" and called.parent.name == "workbench"
    return "python -m workbench" if is_package else "main.py"


def command(words: str) -> str:
    """Return the command line that calls the program with these words."""
    called = program()
    return f"python {called} {words}" if called == "main.py" else f"{called} {words}"
