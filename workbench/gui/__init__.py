"""The window: the only package that imports Qt.

Torch is not imported here before the first paint: what needs it, imports it late.
"""

from workbench.gui.look.imports import import_unread
from workbench.gui.look.overrides import raise_errors_whole

import_unread()
raise_errors_whole()
