"""Makes the application known to the desktop of Linux, or unknown again; no Qt.

A menu entry with its icon, and the types of the files that a double click opens.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import workbench
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.folders import resource
from workbench.core.base.program import INSTALLED

_ENTRY = """\
[Desktop Entry]
Type=Application
Name=Few-Shot Workbench
GenericName=Meta-learning workbench
Comment=Gradient-based meta-learning you can watch
Exec={command} %f
Icon={name}
StartupWMClass={name}
Categories=Education;Science;
MimeType=application/x-fewshot-run;application/x-fewshot-sketch;
"""
# A desktop looks inside a file where two types lay claim to its name. So this one lays
# claim to that of every TOML file, and what is no configuration of ours stays TOML: it
# is text, and this type is not said to be, lest the two be equally likely. Systems that
# are older do not know TOML.
_TYPES = """\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-fewshot-sketch">
    <comment>Sketch session of the Few-Shot Workbench</comment>
    <icon name="{name}"/>
    <sub-class-of type="application/json"/>
    <glob pattern="*.sketch.json"/>
  </mime-type>
  <mime-type type="application/x-fewshot-run">
    <comment>Configuration of a run of the Few-Shot Workbench</comment>
    <icon name="{name}"/>
    <magic priority="80">
      <match type="string" offset="0:2048" value="[task]\\nkind = ">
        <match type="string" offset="0:2048" value="[algorithm]\\nkind = "/>
      </match>
    </magic>
    <glob pattern="*.toml"/>
  </mime-type>
  <mime-type type="application/toml">
    <comment>TOML document</comment>
    <sub-class-of type="text/plain"/>
    <glob pattern="*.toml"/>
  </mime-type>
</mime-info>
"""
_UPDATES = ("update-mime-database", "mime"), ("update-desktop-database", "applications")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or remove them, and say which."""
    if not sys.platform.startswith("linux"):
        raise WorkbenchError(
            "a menu entry and file types are made on Linux alone: on this system, "
            "start the window from the command line"
        )
    if arguments.uninstall_desktop:
        for path in _remove():
            sys.stdout.write(f"removed {path}\n")
    else:
        for path in _write(_command(arguments)):
            sys.stdout.write(f"wrote {path}\n")
    return 0


def _write(command: str) -> Iterator[Path]:
    texts = {
        _entry(): _ENTRY.format(command=command, name=INSTALLED),
        _icon(): resource("icons", "workbench.svg").read_text("utf-8"),
        _types(): _TYPES.format(name=INSTALLED),
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        yield path
    _tell_desktop()


def _remove() -> Iterator[Path]:
    for path in (_entry(), _icon(), _types()):
        if path.exists():
            path.unlink()
            yield path
    _tell_desktop()


def _command(arguments: argparse.Namespace) -> str:
    """Return the command line of this Python and this copy of the application."""
    main = Path(workbench.__file__).parents[1] / "main.py"
    words = [str(main)] if main.is_file() else ["-m", "workbench"]
    for name in ("data", "runs"):
        if folder := getattr(arguments, name):
            words += [f"--{name}", str(Path(folder).expanduser().absolute())]
    return " ".join(map(_quoted, [sys.executable, *words]))


def _quoted(word: str) -> str:
    """Return a word as the desktop's command lines have it, escaped for both."""
    escaped = re.sub(r'(["`$\\])', r"\\\1", word).replace("\\", "\\\\")
    return f'"{escaped.replace("%", "%%")}"'


def _tell_desktop() -> None:
    """Have its databases made anew, as far as it has them."""
    for program, folder in _UPDATES:
        place = _data_home() / folder
        if shutil.which(program) and place.is_dir():
            subprocess.run([program, str(place)], check=False, capture_output=True)
    icons = _icon().parents[2]
    if icons.is_dir():
        os.utime(icons)  # a cache that is older than its folder is not believed


def _entry() -> Path:
    return _data_home() / "applications" / f"{INSTALLED}.desktop"


def _icon() -> Path:
    return _data_home() / f"icons/hicolor/scalable/apps/{INSTALLED}.svg"


def _types() -> Path:
    return _data_home() / "mime" / "packages" / f"{INSTALLED}.xml"


def _data_home() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".local/share"
