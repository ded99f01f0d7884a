"""The Experiment panel: choose a preset, change it, see what it will take."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.config.known import Known, offered
from workbench.core.config.presets import find_preset, is_preset, list_presets
from workbench.core.config.run_config import RunConfig
from workbench.gui.experiment.command_line import as_command
from workbench.gui.experiment.file_actions import FileActions
from workbench.gui.experiment.findings import presets_found, settings_found
from workbench.gui.experiment.forecast import Forecast, Forecaster, ForecastLine
from workbench.gui.forms.preset_picker import PresetPicker
from workbench.gui.forms.section_box import SectionBox
from workbench.gui.forms.stray_fields import StrayFields
from workbench.gui.look import theme
from workbench.gui.look.vertical_area import VerticalArea
from workbench.gui.shell import drafts
from workbench.gui.shell.action_button import ActionButton
from workbench.gui.shell.actions import Action, Place
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import in_short

_KEYS = QKeySequence.StandardKey
_WIDTH = 352
_UNKNOWN = "there is no such field"
_NEXT = "What you change is for the next run: the present one keeps its settings."


class ExperimentPanel(Panel):
    """Shows the session's draft and passes every edit on to it."""

    title = "Experiment"
    order = 10
    place = "left"
    icon = "mdi6.tune-variant"
    help = "What to train: task, model, learner, and how"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("experiment_panel")
        self._picker = PresetPicker()
        self._is_filled = False
        self._boxes = {section: SectionBox(section) for section in drafts.SECTIONS}
        self._strays = StrayFields()
        self._area = self._make_area()
        self._forecaster = Forecaster(session.data, self)
        self._forecast = ForecastLine(self._forecaster)
        self._reason = _label("experiment.reason", "error")
        self._next = _label("experiment.next", "muted")
        self._next.setText(_NEXT)
        self._copy = QToolButton()
        self._copy.setObjectName("experiment.copy_command")
        self._copy.setAccessibleName("Copy as command")
        self._copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._copy.setAutoRaise(True)
        self._files = FileActions(session, self)
        self._lay_out()
        self._add_actions()
        self._connect()
        self._on_session_draft_changed()
        self._on_session_config_changed(session.config)

    @override
    def open(self) -> None:
        start = ActionButton(self.session.actions["run.start"])
        start.setObjectName("experiment.start")
        start.setProperty("role", "primary")
        self._foot.insertWidget(0, start, 1)

    @override
    def fill(self) -> Iterator[None]:
        self._picker.offer(list_presets())
        self._show_links()
        yield
        self._is_filled = True
        self._show_known()

    @override
    def findings_for(self, text: str) -> Iterator[Finding]:
        yield from settings_found(self.session)
        yield from presets_found(self.session)

    @override
    def shut_down(self) -> None:
        self._forecaster.shut_down()

    def _connect(self) -> None:
        session = self.session
        self._picker.chosen.connect(self.load_preset)
        self._picker.revert_requested.connect(self._on_picker_revert_requested)
        for box in self._boxes.values():
            box.kind_chosen.connect(self._on_box_kind_chosen)
            box.edited.connect(self._on_box_edited)
            box.finished.connect(session.end_typing)
            box.reset_requested.connect(session.reset_field)
            box.known_wanted.connect(self._on_box_known_wanted)
        self._strays.left_out.connect(session.leave_out)
        self._forecaster.changed.connect(self._on_forecaster_changed)
        session.field_requested.connect(self.go_to)
        session.draft_changed.connect(self._on_session_draft_changed)
        theme.changes().changed.connect(self._show_links)
        session.config_changed.connect(self._on_session_config_changed)
        session.data_changed.connect(self._on_session_data_changed)
        session.run_state_changed.connect(self._on_session_run_state_changed)
        session.progress_changed.connect(self._on_session_progress_changed)
        session.beside.queue_changed.connect(self._show_next)
        session.undo_stack.canUndoChanged.connect(self._undo.setEnabled)
        session.undo_stack.canRedoChanged.connect(self._redo.setEnabled)

    def load_preset(self, name: str) -> None:
        """Edit a preset's configuration; undo brings the old one back."""
        if is_preset(name):
            self.session.load_draft(find_preset(name).config, name)

    def go_to(self, dotted: str) -> None:
        """Bring a field into view and give it the focus."""
        section, _, name = dotted.partition(".")
        control = self._strays.control(dotted)
        if control is None and section in self._boxes:
            control = self._boxes[section].control(name)
        if control is not None:
            control.setFocus(Qt.FocusReason.OtherFocusReason)
            # The form may still have to make room for the message beside the field.
            show = functools.partial(self._bring_into_view, control)
            QTimer.singleShot(0, self, show)

    def _bring_into_view(self, control: QWidget) -> None:
        self._area.ensureWidgetVisible(control, 0, 10 * theme.SPACE)

    def command(self) -> str:
        """Return the command line that trains the configuration shown."""
        bases = {preset.name: preset.config for preset in list_presets()}
        return as_command(self.session.draft, bases)

    # What the panel is made of.

    def _make_area(self) -> VerticalArea:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, theme.SPACE, 0)
        column.setSpacing(2 * theme.SPACE)
        column.addWidget(self._strays)
        for box in self._boxes.values():
            column.addWidget(box)
        column.addStretch(1)
        area = VerticalArea(body)
        area.setObjectName("experiment.area")
        area.setAccessibleName("Settings")
        area.setMinimumWidth(_WIDTH)
        return area

    def _lay_out(self) -> None:
        self._reason.linkActivated.connect(self.go_to)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self._picker)
        column.addWidget(self._area, 1)
        column.addWidget(self._next)
        column.addWidget(self._forecast)
        column.addWidget(self._reason)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(theme.SPACE)
        self._foot.addWidget(self._copy)
        column.addLayout(self._foot)

    def _add_actions(self) -> None:
        for action in self._files.make():
            self.addAction(action)
        self._undo = self._edit_action("undo", "&Undo", self.session.undo, _KEYS.Undo)
        self._redo = self._edit_action("redo", "&Redo", self.session.redo, _KEYS.Redo)
        copy = Action(
            "edit.copy_command",
            "&Copy as command",
            self._on_copy_command,
            tip="Copy the command line that trains this configuration",
            icon="mdi6.console",
            shortcut="Ctrl+Shift+C",
            place=Place("Edit", 200),
            parent=self,
        )
        self.addAction(copy)
        self._copy.setDefaultAction(copy)

    def _edit_action(
        self, name: str, text: str, perform: object, keys: QKeySequence.StandardKey
    ) -> Action:
        action = Action(
            f"edit.{name}",
            text,
            perform,  # type: ignore[arg-type]
            tip=f"{text.replace('&', '')} an edit of the configuration",
            icon=f"mdi6.{name}",
            shortcut=keys,
            place=Place("Edit", 100 if name == "undo" else 110),
            parent=self,
        )
        action.setEnabled(False)
        self.addAction(action)
        return action

    # What happens.

    def _on_session_draft_changed(self) -> None:
        session = self.session
        strays = drafts.strays(session.draft)
        told = {mistake.field: mistake.message for mistake in session.mistakes}
        self._strays.show_fields({name: told.get(name, _UNKNOWN) for name in strays})
        mistakes = [each for each in session.mistakes if each.field not in strays]
        for box in self._boxes.values():
            box.show_draft(session.draft, mistakes)
        if self._is_filled:
            self._show_known()
        self._show_links()

    def _show_known(self) -> None:
        """Show what the presets know of the learner."""
        known = offered(self.session.draft, self.session.preset)
        for box in self._boxes.values():
            box.show_known(known, self.session.draft)

    def _show_links(self) -> None:
        """Show what has links, which keep the colour that they are written in."""
        session = self.session
        self._picker.show_preset(session.preset, len(self._changes()), session.title)
        self._show_reason()

    def _on_session_config_changed(self, config: RunConfig | None) -> None:
        self._forecaster.set_config(config)

    def _on_forecaster_changed(self, forecast: Forecast) -> None:
        self.session.set_doubt(forecast.doubt())
        self._show_next()

    def _on_session_data_changed(self) -> None:
        self._forecaster.set_config(self.session.config)

    def _on_session_run_state_changed(self, state: str) -> None:
        self._forecaster.set_idle(not state)
        self._show_next()

    def _on_session_progress_changed(self) -> None:
        progress, config = self.session.progress, self.session.config
        is_told = progress is not None and progress.config == config
        self._forecaster.tell_run(progress.seconds if progress and is_told else None)

    def _show_next(self) -> None:
        """Say that edits are for the next run, while one is trained from here."""
        self._next.setVisible(self._is_next)
        # What is not measured while the window trains needs no room.
        is_idle = not self.session.run_state
        self._forecast.setVisible(bool(self._forecast.text()) or is_idle)
        self._show_reason()

    @property
    def _is_next(self) -> bool:
        """Whether what is edited would have to wait for what trains."""
        session = self.session
        return bool(session.run_state) or session.beside.queue.is_trained

    def _show_reason(self) -> None:
        text = self._reason_text()
        self._reason.setText(text)
        self._reason.setVisible(bool(text))

    def _reason_text(self) -> str:
        mistakes = self.session.mistakes
        if not mistakes:
            return ""
        colour = theme.colours().error
        links = []
        fields = list(dict.fromkeys(mistake.field for mistake in mistakes))
        for field in fields[:3]:
            section, _, name = field.partition(".")
            box = self._boxes.get(section)
            title = field or "File"
            if box is not None and self._strays.control(title) is None:
                title = box.title_of(name)
            links.append(f'<a href="{field}" style="color: {colour}">{title}</a>')
        more = len(fields) - len(links)
        wish = "To queue this" if self._is_next else "To start"
        rest = f" and {more} more" if more else ""
        return f"{wish}, mend {', '.join(links)}{rest}"

    def _changes(self) -> dict[str, object]:
        if not is_preset(self.session.preset):
            return {}
        preset = find_preset(self.session.preset)
        return drafts.differences(self.session.draft, drafts.filled(preset.config))

    def _on_box_kind_chosen(self, section: str, kind: str) -> None:
        self._tell(self.session.set_kind(section, kind))

    def _on_box_known_wanted(self) -> None:
        self._tell(self.session.use_known())

    def _tell(self, known: Known | None) -> None:
        """Say which settings were taken over, and offer to undo it."""
        if known is not None and known.changes:
            text = f"Settings as in '{known.preset.title}': {in_short(known.changes)}"
            self.session.notify(text, "good", "edit.undo")

    def _on_box_edited(self, dotted: str, value: object, typing: bool) -> None:
        self.session.set_field(dotted, value, typing=typing)

    def _on_picker_revert_requested(self) -> None:
        self.load_preset(self.session.preset)

    def _on_copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.command())
        self.session.notify("The command line is on the clipboard", "good")


def _label(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setVisible(False)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label
