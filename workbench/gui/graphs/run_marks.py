"""Small pictures of the table: how a run stands, and how it looks in the plots."""

from __future__ import annotations

import functools

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPen, QPixmap

from workbench.gui.look import theme
from workbench.gui.look.colours import colours, run_style

SWATCH = QSize(28, 16)
"""The size of a line's sample; icons of states are smaller."""

_ICONS = {
    "created": ("mdi6.circle-outline", "muted"),
    "running": ("mdi6.play-circle", "accent"),
    "paused": ("mdi6.pause-circle", "accent"),
    "completed": ("mdi6.check-circle-outline", "good"),
    "stopped": ("mdi6.stop-circle-outline", "muted"),
    "pruned": ("mdi6.content-cut", "muted"),
    "search": ("mdi6.magnify", "accent"),
    "failed": ("mdi6.close-octagon-outline", "error"),
    "interrupted": ("mdi6.flash-outline", "warning"),
    "damaged": ("mdi6.file-alert-outline", "warning"),
    "foreign": ("mdi6.folder-question-outline", "muted"),
    "mixed": ("mdi6.dots-horizontal-circle-outline", "muted"),
}


def state_icon(state: str) -> QIcon:
    """Return the sign of a state: its shape says it, its colour helps."""
    return _icon(state, theme.is_dark())


def state_colour(state: str, column: str, is_run: bool) -> QBrush | None:
    """Return the colour of a cell's text where it is not the usual one."""
    if not is_run:
        return QBrush(QColor(theme.colours().muted))
    if column == "state" and state in ("failed", "interrupted"):
        return QBrush(QColor(getattr(theme.colours(), _ICONS[state][1])))
    if column == "notes" and state == "failed":
        return QBrush(QColor(theme.colours().muted))
    return None


def swatch(index: int) -> QIcon:
    """Return the line that a run is drawn with in the plots."""
    return _swatch(index, theme.is_dark())


@functools.cache
def _icon(state: str, dark: bool) -> QIcon:
    name, colour = _ICONS.get(state, _ICONS["created"])
    return theme.row_icon(name, getattr(theme.colours(), colour))


@functools.cache
def _swatch(index: int, dark: bool) -> QIcon:
    scale = 3
    picture = QPixmap(SWATCH * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().background)
    painter.drawRoundedRect(QRect(QPoint(0, 2), SWATCH - QSize(0, 4)), 3, 3)
    painter.setPen(QPen(colours().run(index), 2, run_style(index)))
    painter.drawLine(2, SWATCH.height() // 2, SWATCH.width() - 2, SWATCH.height() // 2)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon
