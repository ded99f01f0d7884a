"""The modules of the window are imported without being read as text."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import linecache
import workbench.gui.app.main_window
print(*(name for name in linecache.cache if "shell" in name))
"""


def test_no_module_is_searched_for_the_name_of_pyside() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
