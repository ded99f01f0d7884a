"""Asks trained runs about the sketch, in a thread: the newest question wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.shell.background import Background

if TYPE_CHECKING:
    from workbench.core.sketch.answers import Answerer, Question, RunAnswer

_FINAL, _LIVE = "final", "live"


@dataclass(frozen=True)
class SketchAnswers:
    """What the runs said to a question; ``live`` if the pen was still down."""

    question: Question
    runs: tuple[RunAnswer, ...]
    live: bool = False


class Answering(QObject):
    """Puts questions to runs, off the window's thread.

    A question asked makes those waiting needless, and the answer to an older one is
    dropped. A live question, of a stroke still being drawn, is only asked while
    nothing else is being answered: what is waited for never waits for it.

    Signals:
        answered(SketchAnswers): what was said to the newest question.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._answerer: list[Answerer] = []
        self._waiting = {_FINAL: False, _LIVE: False}

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being waited for."""
        return any(self._waiting.values())

    def ask(self, question: Question) -> None:
        """Ask, instead of whatever was asked before."""
        self._background.forget(_LIVE)
        self._waiting = {_FINAL: True, _LIVE: False}
        self._submit(_FINAL, question)

    def ask_live(self, question: Question) -> None:
        """Ask if nothing else is being answered."""
        if not self.is_busy:
            self._waiting[_LIVE] = True
            self._submit(_LIVE, question)

    def shut_down(self) -> None:
        """Let the question being answered end, and wait."""
        self._background.shut_down()

    def _submit(self, key: str, question: Question) -> None:
        kept = self._answerer

        def answer() -> SketchAnswers:
            # Made in the thread that uses it, since it imports torch.
            if not kept:
                from workbench.core.base.threads import use_one_thread
                from workbench.core.sketch.answers import Answerer

                # So little is computed that a second core would only be waited for.
                use_one_thread()
                kept.append(Answerer())
            said = kept[0].answer(question)
            return SketchAnswers(question, said, live=key == _LIVE)

        self._background.submit(key, answer)

    def _on_background_done(self, key: str, answers: object) -> None:
        self._waiting[key] = False
        self.answered.emit(answers)
