"""Code run in a process of its own, with the package and without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import workbench


def run_alone(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python code to its end, with arguments as ``sys.argv[1:]``."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(workbench.__file__).parents[1]),
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        check=False,
    )
