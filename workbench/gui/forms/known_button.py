"""Offers the settings that a learner is known to learn with on such a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtWidgets import QPushButton

from workbench.core.base.phrases import counted
from workbench.core.config.known import Known
from workbench.core.config.sections import field_title
from workbench.core.config.worded import worded
from workbench.gui.look import theme
from workbench.gui.shell import drafts


class KnownButton(QPushButton):
    """One button for all that is to be changed; its tooltip says from what to what."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("known")
        self.setMinimumHeight(theme.CONTROL_HEIGHT)
        self.hide()

    def show_known(self, known: Known | None, draft: Mapping[str, Any]) -> None:
        """Offer what is known to a draft; nothing hides the button."""
        self.setVisible(known is not None)
        if known is None:
            return
        self.setText(f"Use settings that work ({counted(len(known.changes), 'field')})")
        self.setToolTip("\n".join(_about(known, draft)))


def _about(known: Known, draft: Mapping[str, Any]) -> Iterator[str]:
    yield f"Those of '{known.preset.title}'; undo brings yours back:"
    for dotted, value in known.changes.items():
        before = worded(dotted, drafts.get(draft, dotted))
        yield f"{field_title(dotted)}: {before} → {worded(dotted, value)}"
