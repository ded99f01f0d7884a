"""The chosen learner at a glance: its update rule, its symbols and three badges."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from workbench.core.learning.meta_learner import MetaLearner
from workbench.gui.look import theme
from workbench.gui.look.flow_layout import FlowLayout

_ORDERS = {
    "first": "first order",
    "second": "second order",
    "implicit": "implicit gradient",
}


class LearnerCard(QFrame):
    """Shows what a meta-learner does in its paper's notation."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("learner_card")
        self.setAccessibleName("Update rule of the learner")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._rule = QLabel()
        self._rule.setObjectName("learner_card.rule")
        self._rule.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rule.setWordWrap(True)
        self._rule.setToolTip("One meta-step, in the notation of the paper")
        font = self._rule.font()
        font.setPointSizeF(font.pointSizeF() * 1.1)
        self._rule.setFont(font)
        self._symbols = QLabel()
        self._symbols.setObjectName("learner_card.symbols")
        self._symbols.setProperty("role", "muted")
        self._symbols.setWordWrap(True)
        self._badges = FlowLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._rule)
        layout.addWidget(self._symbols)
        layout.addLayout(self._badges)

    def show_learner(self, learner: type[MetaLearner]) -> None:
        """Show another learner."""
        self._rule.setText(learner.update_rule)
        self._symbols.setText(_legend(learner))
        self._clear_badges()
        for text, tip in _badges(learner):
            badge = QLabel(text)
            badge.setProperty("role", "badge")
            badge.setToolTip(tip)
            self._badges.addWidget(badge)
        self.updateGeometry()

    def badges(self) -> list[str]:
        """Return the texts of the badges."""
        items = (self._badges.itemAt(index) for index in range(self._badges.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget.text() for widget in widgets if isinstance(widget, QLabel)]

    def _clear_badges(self) -> None:
        while (item := self._badges.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()


def _badges(learner: type[MetaLearner]) -> Iterator[tuple[str, str]]:
    yield (
        _ORDERS[learner.order],
        "The highest derivatives that the meta-gradient is made of",
    )
    yield f"adapts {learner.adapts}", "What an inner step changes"
    yield f"memory {learner.memory}", "What training needs as inner steps grow"
    yield learner.paper, "The paper this follows"


def _legend(learner: type[MetaLearner]) -> str:
    said = learner.legend().items()
    # No line ends between a symbol and what it means.
    return ", ".join(f"{symbol}\N{NO-BREAK SPACE}{meaning}" for symbol, meaning in said)
