"""The way in: no subcommand opens the window, a subcommand runs headless."""

import sys

from workbench.cli import entry_point

if __name__ == "__main__":
    sys.exit(entry_point())
