"""The Sketch tab: draw characters, and watch them being learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
)
from typing_extensions import override

from workbench.core.base.errors import DataError
from workbench.core.drawing.strokes import REDUCED_SIZE
from workbench.core.sketch.session import (
    MOST_SHOTS,
    NONE,
    Answer,
    Drawing,
    Sketch,
)
from workbench.gui.look import theme
from workbench.gui.shell.actions import Action
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence
from workbench.gui.sketch.answer_view import AnswerView
from workbench.gui.sketch.answering import Answering, SketchAnswers
from workbench.gui.sketch.bars import spoken
from workbench.gui.sketch.calibrator import Calibrator
from workbench.gui.sketch.cards import Cards
from workbench.gui.sketch.episode_image import episode_image
from workbench.gui.sketch.keeping import Keeping
from workbench.gui.sketch.query_desk import QueryDesk
from workbench.gui.sketch.session_chooser import SessionChooser
from workbench.gui.sketch.sessions import Sessions, SketchDocument, drawings_of
from workbench.gui.sketch.sources import Sources
from workbench.gui.sketch.toolbar import make_actions, make_bar
from workbench.tasks.sketch_examples import (
    blank_like,
    first_sketch,
    new_task,
    one_example,
)

if TYPE_CHECKING:
    from workbench.core.sketch.answers import Question

_NARROWEST_VIEW, _WIDEST_VIEW = 280, 640
_KEYS = {
    QKeySequence.StandardKey.Undo: "undo",
    QKeySequence.StandardKey.Redo: "redo",
    QKeySequence.StandardKey.Paste: "paste",
}


class SketchPanel(Panel):
    """The sketch studio. Its parts only show and tell: here they are connected."""

    title = "Sketch"
    order = 30
    place = "centre"
    alone = True
    icon = "mdi6.draw"
    help = "Draw characters of your own and watch a trained learner learn them"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.document = SketchDocument(first_sketch(), self)
        self.sessions = Sessions(self.document, self)
        self.cards = Cards()
        self.desk = QueryDesk(self.document.sketch)
        self.view = AnswerView(session)
        self.answering = Answering(self)
        self.calibrator = Calibrator(session.data, self)
        self.keeping = Keeping(self)
        self.sources = Sources(session.data, self)
        self._random = np.random.default_rng()
        self._asked = False
        self._made = self._make_actions()
        self.chooser = SessionChooser(self.sessions, self._made)
        self._task_menu = QMenu(self)
        self._task_menu.aboutToShow.connect(self._on_task_menu_about_to_show)
        self._build()
        self._connect()
        self._on_document_changed()

    @override
    def shut_down(self) -> None:
        self.sessions.keep()
        self.answering.shut_down()
        self.calibrator.shut_down()
        self.sources.shut_down()

    # Building.

    def _make_actions(self) -> dict[str, Action]:
        stack, keeping = self.document.undo_stack, self.keeping
        actions = make_actions(
            self,
            {
                "task": self.new_task,
                "blank": self.start_blank,
                "new_session": self.begin_session,
                "rename_session": lambda: self.chooser.ask_for_name(),
                "delete_session": self.sessions.delete,
                "bring_back": self.sessions.bring_back,
                "undo": stack.undo,
                "redo": stack.redo,
                "erase": self._on_erase,
                "clear": self.desk.clear,
                "paste": self.paste,
                "open": keeping.ask_to_open,
                "save": lambda: keeping.ask_to_save(self.document.sketch),
                "export_pictures": lambda: keeping.ask_to_export_pictures(
                    self.document.sketch
                ),
                "export_alphabet": self.export_alphabet,
                "copy_image": self.copy_image,
                "play": self.view.stepper.play_button.toggle,
            },
        )
        actions["undo"].setEnabled(stack.canUndo())
        actions["redo"].setEnabled(stack.canRedo())
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        return actions

    def _build(self) -> None:
        self.setObjectName("sketch_panel")
        left = QVBoxLayout()
        left.setSpacing(theme.SPACE)
        left.addLayout(make_bar(self._made, self.chooser, self._task_menu))
        left.addWidget(self.cards)
        left.addWidget(self.desk, 1)
        row = QHBoxLayout(self)
        margin = theme.SPACE
        row.setContentsMargins(margin, margin, margin, margin)
        row.setSpacing(2 * theme.SPACE)
        row.addLayout(left, 5)
        row.addWidget(self.view, 3)
        self.view.setMinimumWidth(_NARROWEST_VIEW)

    def _connect(self) -> None:
        self.document.changed.connect(self._on_document_changed)
        self.cards.edited.connect(self.document.apply)
        self.cards.rejected.connect(self._on_cards_rejected)
        self.cards.example_requested.connect(self._on_cards_example_requested)
        self.cards.picture_offered.connect(self._on_cards_picture_offered)
        self.desk.edited.connect(self.document.apply)
        self.desk.grew.connect(self._on_desk_grew)
        self.desk.picture_offered.connect(self._on_desk_picture_offered)
        self.view.asked.connect(self._on_view_asked)
        self.view.step_changed.connect(self._on_view_step_changed)
        self.view.judged.connect(self.judge)
        self.sources.changed.connect(self._on_sources_changed)
        self.answering.answered.connect(self._on_answering_answered)
        self.calibrator.progressed.connect(self.view.calibration.show_progress)
        self.calibrator.calibrated.connect(self.ask)
        self.session.sketch_requested.connect(self.keeping.open_file)
        self.keeping.opened.connect(self._on_keeping_opened)
        self.sessions.notified.connect(self.session.notify)
        self.sessions.failed.connect(self.session.fail)
        self.keeping.notified.connect(self.session.notify)
        self.keeping.failed.connect(self.session.fail)

    # What the person does.

    def begin_session(self) -> None:
        """Show a new session; the one before is kept."""
        self.sessions.begin()
        self.session.show_panel(self.title)

    def start_blank(self) -> None:
        """Empty everything; undo brings it back."""
        self.document.apply("start anew", blank_like(self.document.sketch))

    def new_task(self, key: str = "") -> None:
        """Fill all cards and the query from a source; the first if none is named.

        Cards with drawings of the person's own stay: the examples fill another sketch.
        """
        source = self.sources.named(key)
        try:
            sketch, _ = new_task(self.document.sketch, source, self._random)
        except DataError as error:
            self.session.fail(sentence(error))
            return
        self._show_examples(source.title, sketch)

    def _show_examples(self, title: str, sketch: Sketch) -> None:
        document, name = self.document, self.sessions.name
        is_lost = document.has_own_query and not document.has_own_cards
        document.take_for_examples(*drawings_of(sketch))
        if document.has_own_cards:
            self.sessions.take_over(f"{title} examples", sketch.changed(answers=()))
            text = f"{name} is kept: the examples fill a sketch of their own"
            self.session.notify(text, "good")
            return
        document.apply(f"fill with examples of {title}", sketch)
        if is_lost:
            text = "Your query made room for an example"
            self.session.notify(text, "info", "sketch.undo")

    def judge(self, name: str) -> None:
        """Keep that the query was of this class, and make room for the next."""
        answers, sketch = self.view.answers, self.document.sketch
        if answers is None or answers.question.sketch.query != sketch.query:
            return
        guesses = self.view.guesses()
        if guesses and not sketch.query.is_empty:
            answer = Answer(drawing=sketch.query, right=name, guesses=guesses)
            judged = self._taught(name, sketch).with_answer(answer)
            self.document.apply(f"judge {spoken(name)}", judged)

    def _taught(self, name: str, sketch: Sketch) -> Sketch:
        """Return the sketch with a drawing taken for another class as an example."""
        winner = self.view.winner()
        is_wrong = winner is not None and name not in (NONE, winner[0])
        if not (is_wrong and self.view.scoreboard.learns.isChecked()):
            return sketch
        taught = sketch.with_example(name, sketch.query)
        if taught is None:
            self.session.notify(f"{name} has {MOST_SHOTS} drawings: no more is added")
            return sketch
        self.session.notify(f"Added the drawing to the examples of {name}", "good")
        return taught

    def paste(self) -> None:
        """Put the clipboard's picture on the paper that has the focus."""
        focused = self.focusWidget()
        for row, card in enumerate(self.cards.cards):
            if focused is not None and card.isAncestorOf(focused):
                self._on_cards_picture_offered(None, row, card.shot)
                return
        self._on_desk_picture_offered(None)

    def export_alphabet(self) -> None:
        """Ask for names and keep the drawings as a data set."""
        self.keeping.ask_to_export_alphabet(self.document.sketch, self.session.data)

    def copy_image(self) -> None:
        """Put the episode on the clipboard as an image."""
        columns = self.view.columns()
        titles = self.view.picker.titles()[: len(columns)]
        sketch, step = self.document.sketch, self.view.stepper.step
        self.keeping.copy_image(episode_image(sketch, titles, columns, step))

    def ask(self) -> None:
        """Let the chosen runs answer, once the tab has been seen."""
        if self._asked:
            self.calibrator.pause()
            self.answering.ask(self._question(self.document.sketch))

    # What happens.

    @override
    def showEvent(self, event: QEvent) -> None:  # type: ignore[override]
        super().showEvent(event)  # type: ignore[arg-type]
        if not self._asked:
            self._asked = True
            self.sessions.resume()
            self.view.bars.show_hint("Loading the model…")
            self.sources.look()
            self.view.take_steps()
            QTimer.singleShot(0, self, self.ask)

    @override
    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and any(event.matches(key) for key in _KEYS)
        ):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        for key, name in _KEYS.items():
            if event.matches(key):
                self._made[name].trigger()
                return
        if (
            event.key() == Qt.Key.Key_Y
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            self.document.undo_stack.redo()
            return
        super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.cards.set_tallest(round(0.4 * self.height()))
        # Cards that are cut are worse than narrow bars.
        beside_cards = self.width() - 4 * theme.SPACE - self.cards.comfortable_width
        self.view.setMaximumWidth(max(_NARROWEST_VIEW, min(beside_cards, _WIDEST_VIEW)))

    def _on_document_changed(self) -> None:
        sketch = self.document.sketch
        self.cards.show_sketch(sketch)
        self.desk.show_sketch(sketch)
        self.view.show_score(sketch)
        self.ask()

    def _on_desk_grew(self, live: Sketch) -> None:
        if self._asked:
            self.calibrator.pause()
            self.answering.ask_live(self._question(live))

    def _on_desk_picture_offered(self, mime: QMimeData | None) -> None:
        found = self.keeping.read_picture(mime)
        if found is not None:
            self.desk.put("put a picture", Drawing.of_picture(found.pixels))

    def _on_cards_picture_offered(
        self, mime: QMimeData | None, row: int, shot: int
    ) -> None:
        found = self.keeping.read_picture(mime)
        if found is not None:
            self._put_support(
                "put a picture", row, shot, Drawing.of_picture(found.pixels)
            )

    def _on_cards_example_requested(self, key: str, row: int, shot: int) -> None:
        try:
            (drawing,) = one_example(self.sources.named(key), self._random)
        except DataError as error:
            self.session.fail(sentence(error))
            return
        self.document.take_for_examples(drawing)
        self._put_support("fill with an example", row, shot, drawing)

    def _on_cards_rejected(self, why: str) -> None:
        self.session.notify(why, "warning")

    def _on_erase(self) -> None:
        erases = self._made["erase"].isChecked()
        self.desk.query.erases = erases
        self.cards.set_erases(erases)

    def _on_view_asked(self) -> None:
        self.view.show_score(self.document.sketch)
        self.ask()

    def _on_view_step_changed(self) -> None:
        winner = self.view.winner()
        columns = [c for c in self.view.columns() if c.probabilities]
        is_one = bool(columns) and not columns[0].is_none
        probabilities = columns[0].probabilities if is_one else {}
        self.cards.show_verdicts(probabilities, winner[0] if winner else "")

    def _on_answering_answered(self, answers: SketchAnswers) -> None:
        self.view.show_answers(answers)
        side = answers.runs[0].side if answers.runs else REDUCED_SIZE
        self.desk.seen.show_pixels(side)
        self.cards.show_pixels(side)
        if not answers.live:
            self.calibrator.take_up(answers)

    def _on_keeping_opened(self, name: str, sketch: Sketch) -> None:
        self.sessions.take_over(name, sketch)
        self.session.show_panel(self.title)

    def _on_task_menu_about_to_show(self) -> None:
        self._task_menu.clear()
        self.sources.look()
        for source in self.sources.found:
            entry = self._task_menu.addAction(f"From {source.title}")
            entry.triggered.connect(lambda _=False, key=source.key: self.new_task(key))

    def _on_sources_changed(self) -> None:
        self.cards.show_sources(
            tuple((source.key, source.title) for source in self.sources.found)
        )

    def _question(self, sketch: Sketch) -> Question:
        from workbench.core.sketch.answers import Question, RunChoice

        picker = self.view.picker
        choices = tuple(
            RunChoice(folder, title)
            for folder, title in zip(picker.folders, picker.titles(), strict=True)
        )
        return Question(
            sketch,
            choices,
            steps=self.view.steps.value(),
            rate=self.view.rate.value(),
            transductive=self.view.is_transductive,
            views=self.view.views.currentData(),
        )

    def _put_support(self, text: str, row: int, shot: int, drawing: Drawing) -> None:
        sketch = self.document.sketch
        changed = sketch.classes[row].with_drawing(shot, drawing)
        self.document.apply(text, sketch.with_class(row, changed))
