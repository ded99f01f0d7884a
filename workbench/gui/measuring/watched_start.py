"""The application as ``python -m workbench`` starts it; its window tells the time.

Prints the time of day and the processor time used so far, when the window has been
painted and when torch is there; then closes. Its preferences are in the folder given.
"""

from __future__ import annotations

import gc
import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # As open_window does before it imports the application.
    gc.disable()

    from workbench.gui.app import application
    from workbench.gui.measuring.stage import own_preferences
    from workbench.gui.measuring.watched_window import WatchedWindow

    own_preferences(Path(sys.argv[1]))
    vars(application)["MainWindow"] = WatchedWindow
    sys.argv[1:] = []
    runpy.run_module("workbench", run_name="__main__")
