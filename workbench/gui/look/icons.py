"""Icons drawn from qtawesome's fonts, at once and in any colour.

Importing qtawesome takes longer than everything else before the first paint, so its
Material Design font is read without it; other names go through the library itself.
Its icon engine, made in Python, crashes when Qt copies it: pixmaps do not.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPixmap,
)

_PREFIX = "mdi6."
_SIDES = (16, 20, 24)
"""Logical pixels: those of buttons, notices and toolbars, which are drawn exactly."""

_LARGE = 64
"""Pixels: what is none of these is scaled down from it."""


class _Glyphs(NamedTuple):
    family: str
    characters: dict[str, str]


def draw(name: str, colour: str, disabled: str, selected: str = "") -> QIcon:
    """Return the icon of this name in a colour, and in others where it is not usual.

    ``selected`` is for rows of a list that are chosen, whose ground is coloured.
    """
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    sizes = {round(side * ratio) for side in _SIDES for ratio in ratios}
    return _drawn(name, colour, disabled, selected, (*sorted(sizes), _LARGE))


@functools.lru_cache(maxsize=1024)
def _drawn(
    name: str, colour: str, disabled: str, selected: str, sizes: tuple[int, ...]
) -> QIcon:
    icon = QIcon()
    for size in sizes:
        icon.addPixmap(_pixmap(name, colour, size), QIcon.Mode.Normal)
        icon.addPixmap(_pixmap(name, disabled, size), QIcon.Mode.Disabled)
        if selected:
            icon.addPixmap(_pixmap(name, selected, size), QIcon.Mode.Selected)
    return icon


def _pixmap(name: str, colour: str, size: int) -> QPixmap:
    glyphs = _glyphs()
    code = glyphs.characters.get(name.removeprefix(_PREFIX)) if glyphs else None
    if glyphs is None or code is None or not name.startswith(_PREFIX):
        import qtawesome

        return QPixmap(qtawesome.icon(name, color=colour).pixmap(size, size))
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setFont(_font(glyphs.family, size))
    painter.setPen(QColor(colour))
    painter.drawText(pixmap.rect(), Qt.AlignmentFlag.AlignCenter, chr(int(code, 16)))
    painter.end()
    return pixmap


@functools.cache
def _font(family: str, size: int) -> QFont:
    font = QFont(family)
    font.setPixelSize(size)
    return font


@functools.cache
def _glyphs() -> _Glyphs | None:
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        return None
    fonts = Path(spec.origin).with_name("fonts")
    font = next(fonts.glob("materialdesignicons6-webfont*.ttf"), None)
    table = next(fonts.glob("materialdesignicons6-webfont-charmap*.json"), None)
    if font is None or table is None:
        return None
    identity = QFontDatabase.addApplicationFont(str(font))
    families = QFontDatabase.applicationFontFamilies(identity)
    return _Glyphs(families[0], json.loads(table.read_text())) if families else None
