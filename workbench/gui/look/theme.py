"""Light, dark or the system's theme, by Qt's own colour scheme; icons and colours."""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from workbench.gui.look import icons
from workbench.gui.look.style_sheet import STYLE_SHEET

SPACE = 8
"""The grid of the window, in pixels: margins and gaps are multiples or halves of it."""

LABEL_WIDTH = 136
"""The first column of every form, so that editors of all sections are aligned."""

UNIT_WIDTH = 72
"""The column of units, likewise."""

CONTROL_HEIGHT = 26
"""The height of every line of a form."""


_SIZE_RESOLVED = 2
"""QFont's own mark of a size that was chosen."""


class Theme(StrEnum):
    """What the person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Colours(NamedTuple):
    """The few colours that the system palette does not name."""

    accent: str
    error: str
    warning: str
    good: str
    muted: str
    line: str
    surface: str
    window: str
    button: str
    text: str
    support: str
    query: str


_LIGHT = Colours(
    accent="#0b6bcb",
    error="#b3261e",
    warning="#8a5a00",
    good="#1a7f4b",
    muted="#5c6470",
    line="#d5d9df",
    surface="#ffffff",
    window="#f4f5f7",
    button="#f4f5f7",
    text="#1b1f24",
    support="#0072b2",
    query="#d55e00",
)
# Fusion draws frames a little darker than the window: on dark they are seen only where
# the surface, and a button, is lighter than the window.
_DARK = Colours(
    accent="#6db3f2",
    error="#ff8a80",
    warning="#f0c060",
    good="#6fd09a",
    muted="#a2abb8",
    line="#454c57",
    surface="#2a2e35",
    window="#1c1f24",
    button="#3b424d",
    text="#e6e9ee",
    support="#56b4e9",
    query="#e69f00",
)


class _Changes(QObject):
    """Tells everyone that the colours changed.

    Signals:
        changed(): palette, icons and ``colours()`` are the new theme's, or letters are
            of another size.
    """

    changed = Signal()
    chosen = Theme.SYSTEM
    enlarged = 1.0


@functools.cache
def changes() -> _Changes:
    """Return the one object that tells of a change of theme."""
    return _Changes()


def is_dark() -> bool:
    """Return whether the window is dark now."""
    chosen = changes().chosen
    if chosen != Theme.SYSTEM:
        return chosen == Theme.DARK
    return _system_scheme() == Qt.ColorScheme.Dark


def colours() -> Colours:
    """Return the colours of the theme now shown."""
    return _DARK if is_dark() else _LIGHT


def choose(theme: Theme) -> None:
    """Switch to a theme; widgets, icons and plots follow."""
    changes().chosen = theme
    scheme = {
        Theme.SYSTEM: Qt.ColorScheme.Unknown,
        Theme.LIGHT: Qt.ColorScheme.Light,
        Theme.DARK: Qt.ColorScheme.Dark,
    }[theme]
    QGuiApplication.styleHints().setColorScheme(scheme)
    _paint_application()


def start(application: QApplication, theme: Theme = Theme.SYSTEM) -> None:
    """Set style and palette, and follow the system's changes from now on."""
    if not application.property("themed"):
        application.setProperty("themed", True)
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(_on_scheme_changed)
    choose(theme)


def enlarge(factor: float) -> None:
    """Write everything larger than the system does, by a factor, from now on."""
    application = QApplication.instance()
    if not isinstance(application, QApplication) or factor == changes().enlarged:
        return
    change, changes().enlarged = factor / changes().enlarged, factor
    _style(application, change)
    changes().changed.emit()


def enlarged(length: float) -> int:
    """Return how long something is that was measured for letters of usual size."""
    return round(length * changes().enlarged)


def icon(name: str, colour: str = "") -> QIcon:
    """Return a qtawesome icon in the theme's colours; call anew when it changes."""
    shown = colours()
    return icons.draw(name, colour or shown.text, _faint(shown))


def row_icon(name: str, colour: str = "") -> QIcon:
    """Return an icon as ``icon`` does, for rows that can be selected."""
    shown = colours()
    return icons.draw(name, colour or shown.text, _faint(shown), selected=shown.surface)


def tabular(font: QFont) -> QFont:
    """Return the font with figures of one width: changing numbers stand still."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed


def smaller(font: QFont) -> QFont:
    """Return the font a little smaller, for what is written beside a drawing."""
    small = QFont(font)
    small.setPointSizeF(max(7.5, font.pointSizeF() - 1))
    return small


def monospace() -> QFont:
    """Return the system's fixed-width font."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def give_role(widget: QWidget, role: str) -> None:
    """Let a widget look as its role, like ``muted`` or ``error``, from now on."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().polish(widget)


def _scaled(font: QFont, factor: float) -> QFont:
    scaled = QFont(font)
    scaled.setPointSizeF(font.pointSizeF() * factor)
    return scaled


def _faint(shown: Colours) -> str:
    return _mixed(shown.muted, shown.window, 0.5)


def _system_scheme() -> Qt.ColorScheme:
    return QGuiApplication.styleHints().colorScheme()


def _on_scheme_changed(_scheme: Qt.ColorScheme) -> None:
    _paint_application()


def _mixed(a: str, b: str, share: float) -> str:
    one, other = (
        (colour.red(), colour.green(), colour.blue()) for colour in map(QColor, (a, b))
    )
    parts = zip(one, other, strict=True)
    return QColor(*(round(x * (1 - share) + y * share) for x, y in parts)).name()


def _paint_application() -> None:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    if application.property("painted") == colours().window:
        return
    application.setProperty("painted", colours().window)
    application.setPalette(_palette(colours()))
    _style(application)
    changes().changed.emit()


def _style(application: QApplication, change: float = 1.0) -> None:
    """Set the style sheet, and all letters larger by a factor than they are.

    WORKAROUND: while there is a style sheet, only windows follow the application's
    font, and after it what Qt's own widgets are made of is late; and a new sheet gives
    widgets the size back that they were given first.
    """
    own = [
        (widget, _scaled(widget.font(), change))
        for widget in application.allWidgets()
        if widget.font().resolveMask() & _SIZE_RESOLVED
    ]
    if change != 1.0:
        application.setStyleSheet("")
        application.setFont(_scaled(application.font(), change))
    application.setStyleSheet(_style_sheet(colours()))
    for widget, font in own:
        widget.setFont(font)
    if change != 1.0:
        usual = application.font().pointSizeF()
        for widget in application.allWidgets():
            font = widget.font()
            if font.resolveMask() == 0 and font.pointSizeF() != usual:
                widget.setFont(QFont())


def _palette(shown: Colours) -> QPalette:
    role = QPalette.ColorRole
    disabled = _mixed(shown.muted, shown.window, 0.35)
    palette = QPalette(QColor(shown.button), QColor(shown.window))
    for roles, colour in (
        ((role.Window, role.AlternateBase), shown.window),
        ((role.Button,), shown.button),
        ((role.Base, role.ToolTipBase), shown.surface),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), shown.text),
        ((role.Highlight, role.Accent, role.Link), shown.accent),
        ((role.HighlightedText,), shown.surface),
        ((role.PlaceholderText,), shown.muted),
        ((role.Mid,), shown.line),
    ):
        for each in roles:
            palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(disabled))
    return palette


def _style_sheet(shown: Colours) -> str:
    brighter = _mixed(shown.accent, shown.text, 0.15)
    return STYLE_SHEET.substitute(shown._asdict(), brighter=brighter)
