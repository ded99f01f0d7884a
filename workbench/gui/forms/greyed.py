"""Choices that are shown, but cannot be made."""

from __future__ import annotations

from PySide6.QtGui import QStandardItem


def grey_out(item: QStandardItem, reason: str) -> None:
    """Let an item be seen but not chosen, and say why on hover."""
    item.setEnabled(False)
    about = (item.toolTip(), f"Not to be chosen: {reason}")
    item.setToolTip("\n".join(filter(None, about)))
