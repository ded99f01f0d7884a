"""Progress on the window's entry in the taskbar, where the desktop listens for it."""

from __future__ import annotations

import os
import sys

_PATH = "/com/canonical/unity/launcherentry/1"
_ENTRY = "application://fewshot-workbench.desktop"
_INTERFACE = "com.canonical.Unity.LauncherEntry"


class TaskbarProgress:
    """Tells the docks and taskbars of Linux, by their signal on the session's bus.

    They know the window by its desktop file, where the system has one of this name.
    """

    def __init__(self, bus: object = None) -> None:
        self._bus = bus
        self._shown: int | None = None

    def show(self, percent: int | None) -> None:
        """Show how much is done; None shows no progress."""
        if percent == self._shown:
            return
        self._shown = percent
        bus = self._bus or _session_bus()
        if bus is None:
            return
        from PySide6.QtDBus import QDBusMessage

        signal = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
        about = {"progress": (percent or 0) / 100}
        about["progress-visible"] = percent is not None
        signal.setArguments([_ENTRY, about])
        bus.send(signal)  # type: ignore[attr-defined]


def _session_bus() -> object:
    """Return the session's bus; None where there is none: it is not to be started."""
    is_there = "DBUS_SESSION_BUS_ADDRESS" in os.environ
    if not (is_there and sys.platform.startswith("linux")):
        return None
    try:
        from PySide6.QtDBus import QDBusConnection
    except ImportError:
        return None
    return QDBusConnection.sessionBus()
