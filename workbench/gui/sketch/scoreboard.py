"""Says which answer was right, and keeps the session's accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.results.proportion import Proportion
from workbench.core.sketch.session import NONE, Sketch
from workbench.gui.look import theme
from workbench.gui.sketch.bars import called, spoken


class Scoreboard(QWidget):
    """Asks what the query was, and shows how often each run was right.

    Signals:
        judged(str): the class that the query was of.
    """

    judged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._winner: str | None = None
        self._names: tuple[str, ...] = ()
        self.right_button = QPushButton("Right")
        self.right_button.setObjectName("scoreboard.right")
        self.right_button.setToolTip("The answer was right: count it, next drawing")
        self.other_button = QToolButton()
        self.other_button.setObjectName("scoreboard.other")
        self.other_button.setText("It was")
        self.other_button.setToolTip("Say which class the drawing was of")
        self.other_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.other_button)
        self.other_button.setMenu(self._menu)
        self.learns = QAction("Learn from corrections", self._menu)
        self.learns.setObjectName("scoreboard.learns")
        self.learns.setCheckable(True)
        self.learns.setChecked(True)
        self.learns.setToolTip(
            "Add a drawing that was taken for another class to the examples of its own"
        )
        self._menu.setToolTipsVisible(True)
        self.score = QLabel()
        self.score.setObjectName("scoreboard.score")
        self.score.setWordWrap(True)
        self.score.setFont(theme.tabular(self.score.font()))
        self.score.setAccessibleName("Scoreboard")
        self.score.setToolTip(
            "How often the answer was right in this session, with Wilson's 95 % "
            "confidence interval"
        )
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.right_button)
        row.addWidget(self.other_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(row)
        column.addWidget(self.score)
        self.right_button.clicked.connect(self._on_right_button_clicked)
        self._menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.show_question(None, ())

    def show_question(self, winner: str | None, names: tuple[str, ...]) -> None:
        """Ask about an answer; nothing is asked without a winner."""
        self._winner, self._names = winner, names
        self.right_button.setEnabled(winner is not None)
        self.other_button.setEnabled(winner is not None)
        self.right_button.setText(
            "Right" if winner is None else f"Right, it was {_short(spoken(winner))}"
        )

    def show_score(self, sketch: Sketch, answering: Sequence[str]) -> None:
        """Show the accuracy in this session of the runs that answer now, by title."""
        known = scores(sketch)
        found = {run: known[run] for run in answering if run in known}
        lines = [
            f"{_short(run)}: {score}" if len(answering) > 1 else str(score)
            for run, score in found.items()
        ]
        by_whom = "of what answers now" if known else "yet in this session"
        self.score.setText("\n".join(lines) or f"Nothing judged {by_whom}")

    def _on_right_button_clicked(self) -> None:
        if self._winner is not None:
            self.judged.emit(self._winner)

    def _on_menu_about_to_show(self) -> None:
        self._menu.clear()
        for name in (*self._names, NONE):
            entry = self._menu.addAction(called(name).replace("&", "&&"))
            entry.triggered.connect(partial(self._on_name_triggered, name))
        self._menu.addSeparator()
        self._menu.addAction(self.learns)

    def _on_name_triggered(self, name: str, _checked: bool = False) -> None:
        self.judged.emit(name)


def scores(sketch: Sketch) -> dict[str, Proportion]:
    """Return how often each run was right, by its title."""
    result: dict[str, Proportion] = {}
    for answer in sketch.answers:
        for guess in answer.guesses:
            hits, trials = result.get(guess.run, (0, 0))
            result[guess.run] = Proportion(
                hits + (guess.name == answer.right), trials + 1
            )
    return result


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"
