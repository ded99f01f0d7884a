"""One section of the configuration: its heading, the choice of its kind, its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.base.settings import Settings, marked
from workbench.core.config.known import Known
from workbench.core.config.run_config import Mistake, kinds
from workbench.core.config.sections import SECTION_TITLES
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import OF_CLASSES
from workbench.core.learning.task_family import OF_POLICIES, TaskSettings
from workbench.gui.forms.editors import ignore_wheel
from workbench.gui.forms.greyed import grey_out
from workbench.gui.forms.known_button import KnownButton
from workbench.gui.forms.learner_card import LearnerCard
from workbench.gui.forms.settings_form import SettingsForm
from workbench.gui.look import preferences, theme
from workbench.gui.shell import drafts


class SectionBox(QWidget):
    """Shows one section of the draft.

    Signals:
        kind_chosen(str, str): the section and the kind chosen for it.
        edited(str, object, bool): dotted field, new value, whether still typing.
        finished(): typing in a field has ended.
        reset_requested(str): set this dotted field back to its default.
        known_wanted(): use the settings that are known to work.
    """

    kind_chosen = Signal(str, str)
    edited = Signal(str, object, bool)
    finished = Signal()
    reset_requested = Signal(str)
    known_wanted = Signal()

    def __init__(self, section: str) -> None:
        super().__init__()
        self.section = section
        self.setObjectName(f"section.{section}")
        self._form: SettingsForm | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.SPACE)
        self._combo = self._make_combo()
        self._layout.addLayout(self._head())
        self._error = _error_label(section)
        self._layout.addWidget(self._error)
        self._known: KnownButton | None = None
        self._card: LearnerCard | None = None
        if section == "algorithm":
            self._known, self._card = KnownButton(), LearnerCard()
            self._known.clicked.connect(self.known_wanted)
            self._layout.addWidget(self._known)
            self._layout.addWidget(self._card)

    def show_draft(self, draft: Mapping[str, Any], mistakes: Sequence[Mistake]) -> None:
        """Show the section of the draft, and what is wrong in it."""
        settings = drafts.settings_of(draft, self.section)
        form = self._form_for(settings)
        if self._combo is not None:
            kind = settings.model_fields["kind"].default
            self._combo.setCurrentIndex(self._combo.findData(kind))
        if self._card is not None and issubclass(settings, MetaLearner):
            self._card.show_learner(settings)
        learner = drafts.settings_of(draft, "algorithm")
        if self.section == "training" and issubclass(learner, MetaLearner):
            form.show_symbols(learner.legend())
        form.show_values(draft[self.section])
        mine = self._mistakes_by_field(mistakes)
        form.show_mistakes(mine)
        form.leave_out(_without_meaning(settings, drafts.settings_of(draft, "task")))
        own = [text for name, text in mine.items() if name not in form.rows]
        self._error.setText("\n".join(text[:1].upper() + text[1:] for text in own))
        self._error.setVisible(bool(own))

    def show_known(self, known: Known | None, draft: Mapping[str, Any]) -> None:
        """Offer a learner's draft the settings known to work; None offers nothing."""
        if self._known is not None:
            self._known.show_known(known, draft)

    def control(self, name: str) -> QWidget | None:
        """Return the control of a field, or of the kind."""
        control = None if self._form is None else self._form.control(name)
        return control or self._combo

    def title_of(self, name: str) -> str:
        """Return what the form calls a field."""
        if self._form is not None and name in self._form.rows:
            return self._form.rows[name].about.title
        return SECTION_TITLES[self.section]

    def _make_combo(self) -> QComboBox | None:
        choices = kinds(self.section)
        if not choices:
            return None
        combo = QComboBox()
        combo.setObjectName(f"{self.section}.kind")
        combo.setAccessibleName(SECTION_TITLES[self.section])
        for kind, settings in choices.items():
            combo.addItem(getattr(settings, "title", kind), kind)
        _describe(combo, choices)
        combo.setMinimumHeight(theme.CONTROL_HEIGHT)
        ignore_wheel(combo)
        combo.activated.connect(self._on_combo_activated)
        return combo

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        heading = QLabel(SECTION_TITLES[self.section])
        heading.setProperty("role", "heading")
        heading.setMinimumWidth(theme.LABEL_WIDTH)
        head.addWidget(heading)
        if self._combo is not None:
            heading.setBuddy(self._combo)
            head.addWidget(self._combo, 1)
        else:
            head.addStretch(1)
        return head

    def _form_for(self, settings: type[Settings]) -> SettingsForm:
        if self._form is None or self._form.settings is not settings:
            if self._form is not None:
                self._form.setParent(None)
                self._form.deleteLater()
            self._form = self._make_form(settings)
        return self._form

    def _make_form(self, settings: type[Settings]) -> SettingsForm:
        folded = preferences.is_folded(self.section)
        form = SettingsForm(self.section, settings, folded=folded)
        form.edited.connect(self.edited)
        form.finished.connect(self.finished)
        form.reset_requested.connect(self.reset_requested)
        form.fold_toggled.connect(self._on_fold_toggled)
        self._layout.addWidget(form)
        return form

    def _mistakes_by_field(self, mistakes: Sequence[Mistake]) -> dict[str, str]:
        found: dict[str, str] = {}
        for mistake in mistakes:
            section, _, rest = mistake.field.partition(".")
            name = rest.partition(".")[0]
            if section == self.section:
                found[name] = (
                    f"{found[name]}; {mistake.message}"
                    if name in found
                    else (mistake.message)
                )
        return found

    def _on_combo_activated(self, _index: int) -> None:
        if self._combo is not None:
            self.kind_chosen.emit(self.section, self._combo.currentData())

    def _on_fold_toggled(self, opened: bool) -> None:
        preferences.remember_folded(self.section, not opened)


def _without_meaning(settings: type[Settings], task: type[Settings]) -> list[str]:
    """Return the fields that mean nothing for a task."""
    if not issubclass(task, TaskSettings):
        return []
    marks = {OF_CLASSES: "classification", OF_POLICIES: "reinforcement"}
    return [
        name
        for mark, problem in marks.items()
        if task.problem != problem
        for name in marked(settings, mark)
    ]


def _describe(combo: QComboBox, choices: Mapping[str, type[Settings]]) -> None:
    """Give the combo a tooltip of one line a kind: the first line of its docstring.

    A kind for which something is missing is greyed out, and says what.
    """
    model = combo.model()
    for place, settings in enumerate(choices.values()):
        missing = settings.missing()
        if missing and isinstance(model, QStandardItemModel):
            grey_out(model.item(place), missing)
    about = {
        getattr(settings, "title", kind): (settings.__doc__ or "").splitlines()[0]
        for kind, settings in choices.items()
    }
    combo.setToolTip("\n".join(f"{title}: {text}" for title, text in about.items()))


def _error_label(section: str) -> QLabel:
    error = QLabel()
    error.setObjectName(f"section.{section}.error")
    error.setProperty("role", "error")
    error.setWordWrap(True)
    error.setVisible(False)
    return error
