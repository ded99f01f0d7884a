"""Opens the window, or says in plain words what is missing for it; imports no Qt."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from pathlib import Path

from workbench.core.base.program import command

_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
}
_FOR_X11 = (
    "libxcb-cursor.so.0",
    "libxkbcommon-x11.so.0",
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-image.so.0",
    "libxcb-render-util.so.0",
)


def open_window(
    path: Path | None = None,
    *,
    data: Path | None = None,
    runs: Path | None = None,
    reset: bool = False,
) -> int:
    """Open the window with a run's folder or a TOML file; return the exit status."""
    problem = missing_display() or missing_libraries()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    # What is made at the start stays: looking through it for garbage takes a tenth of a
    # second. The window's own collector takes over where it ends.
    gc.disable()
    from workbench.gui.app.application import run

    return run(path, data=data, runs=runs, reset=reset)


def missing_display() -> str:
    """Return what to do where no display can be reached; empty if one can."""
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if not sys.platform.startswith("linux") or chosen:
        return ""
    shown, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not shown and not wayland:
        problem = "There is no display for the window (neither DISPLAY nor "
        problem += "WAYLAND_DISPLAY is set)."
    elif shown and not wayland and not _answers(shown):
        problem = f"The display {shown} (in DISPLAY) cannot be reached: is it running, "
        problem += "and may you use it?"
    else:
        return ""
    return (
        f"{problem}\nTo train without one: {command('train PRESET')}; see "
        f"{command('--help')}."
    )


def _answers(display: str) -> bool:
    """Return whether an X server can be reached; Qt would abort where none can.

    A connection that is made stays: a bare server starts anew when its last client
    leaves, and would refuse Qt meanwhile.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    return not xcb.xcb_connection_has_error(connection)


def missing_libraries() -> str:
    """Return which system libraries of Qt are missing; empty if none is."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return _import_message(str(error))
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY") or not os.environ.get("DISPLAY"):
        return ""
    missing = [name for name in _FOR_X11 if not _loads(name)]
    return _library_message(missing) if missing else ""


def _import_message(error: str) -> str:
    library = error.split(":", 1)[0].strip()
    if library.startswith("lib"):
        return _library_message([library])
    return (
        f"The window needs PySide6, which cannot be imported: {error}\n"
        "Install what the project needs: pip install -e ."
    )


def _library_message(libraries: list[str]) -> str:
    packages = " ".join(_PACKAGES.get(name, name) for name in libraries)
    return (
        f"The window needs system libraries that are missing: {', '.join(libraries)}.\n"
        f"On Debian or Ubuntu: sudo apt install {packages}"
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
