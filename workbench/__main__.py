"""``python -m workbench``: the same as ``python main.py`` in a checkout."""

import sys

from workbench.cli import entry_point

if __name__ == "__main__":
    sys.exit(entry_point())
