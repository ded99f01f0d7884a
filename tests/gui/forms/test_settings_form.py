"""The form made from a settings class, used as a person would."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from workbench.core.base.settings import Settings, setting
from workbench.gui.forms import field_editors
from workbench.gui.forms.editors import format_number, parse_number
from workbench.gui.forms.settings_form import SettingsForm
from workbench.gui.shell import drafts


class Kitchen(Settings):
    kind: Literal["kitchen"] = "kitchen"
    cooks: int = setting(2, "Cooks", "How many.", ge=1, le=9, unit="people", symbol="N")
    heat: float = setting(0.5, "Heat", "How hot.", gt=0)
    limit: float | None = setting(None, "Limit", "Upper end.", gt=0, none="no limit")
    gas: bool = setting(True, "Gas", "Or electricity.")
    style: Literal["plain", "rich"] = setting("plain", "Style", "Of the food.")
    name: str = setting("", "Name", "Of the place.")
    pans: tuple[int, ...] = setting((2, 3), "Pans", "Sizes of the pans.")
    crew: int | None = setting(
        None, "Crew", "Who serves.", unit="people", none="as many as ordered"
    )
    secret: int = setting(0, "Secret", "Folded away.", advanced=True)


class Edits:
    def __init__(self, form: SettingsForm) -> None:
        self.form = form
        self.values = drafts.defaults_of(Kitchen)
        form.edited.connect(self.on_edited)

    def on_edited(self, dotted: str, value: Any, typing: bool) -> None:
        self.values = {**self.values, dotted.partition(".")[2]: value}
        self.form.show_values(self.values)


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    form = SettingsForm("place", Kitchen)
    qtbot.addWidget(form)
    form.show_values(drafts.defaults_of(Kitchen))
    form.show()
    return form


@pytest.fixture
def edits(form: SettingsForm) -> Edits:
    return Edits(form)


def control(form: SettingsForm, name: str) -> Any:
    return form.rows[name].editor.control


def type_into(qtbot: QtBot, form: SettingsForm, name: str, text: str) -> None:
    line = control(form, name)
    line = line if isinstance(line, QLineEdit) else line.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, text) if text else qtbot.keyClick(line, Qt.Key.Key_Delete)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("cooks", "3", 3),
        ("cooks", "many", "many"),
        ("cooks", "1,000", 1000),
        ("heat", "1e-3", 1e-3),
        ("limit", "2.5", 2.5),
        ("name", "Chez nous", "Chez nous"),
        ("pans", "4, 5,6", [4, 5, 6]),
        ("pans", "4, big", "4, big"),
    ],
)
def test_what_is_typed_is_passed_on(
    qtbot: QtBot, form: SettingsForm, edits: Edits, name: str, text: str, value: object
) -> None:
    type_into(qtbot, form, name, text)
    assert edits.values[name] == value


def test_an_optional_number_emptied_is_none_and_a_needed_one_is_empty(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    type_into(qtbot, form, "limit", "2")
    type_into(qtbot, form, "limit", "")
    type_into(qtbot, form, "heat", "")
    assert edits.values["limit"] is None
    assert edits.values["heat"] == ""


def test_typing_goes_on_where_it_was_while_values_come_back(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    type_into(qtbot, form, "heat", "0.")
    assert control(form, "heat").lineEdit().text() == "0."
    qtbot.keyClicks(control(form, "heat").lineEdit(), "25")
    assert edits.values["heat"] == 0.25


def test_a_switch_and_a_choice_are_passed_on(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    qtbot.mouseClick(control(form, "gas"), Qt.MouseButton.LeftButton)
    assert edits.values["gas"] is False
    combo = control(form, "style")
    assert isinstance(combo, QComboBox)
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert edits.values["style"] == "rich"


def test_arrow_keys_step_whole_numbers_by_one_within_their_range(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    box = control(form, "cooks")
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert edits.values["cooks"] == 3
    for _ in range(4):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert edits.values["cooks"] == 1


def test_arrow_keys_step_other_numbers_along_one_two_five(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    box = control(form, "heat")
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, *(Qt.Key.Key_Down,) * 4):
        qtbot.keyClick(box, key)
        seen.append(edits.values["heat"])
    assert seen == [1, 2, 1, 0.5, 0.2, 0.1]


def test_the_reset_arrow_is_there_only_where_the_value_is_not_the_default(
    qtbot: QtBot, form: SettingsForm, edits: Edits
) -> None:
    arrow = form.findChild(QToolButton, "place.cooks.reset")
    assert not arrow.isVisible()
    type_into(qtbot, form, "cooks", "4")
    assert arrow.isVisible()
    assert "2" in arrow.toolTip()
    with qtbot.waitSignal(form.reset_requested) as signal:
        qtbot.mouseClick(arrow, Qt.MouseButton.LeftButton)
    assert signal.args == ["place.cooks"]


def test_a_mistake_stands_beside_its_field_until_it_is_mended(
    form: SettingsForm,
) -> None:
    form.show_mistakes({"heat": "must be above 0"})
    error = form.findChild(QLabel, "place.heat.error")
    assert error.isVisible()
    assert error.text() == "Must be above 0"
    assert form.rows["heat"].editor.property("wrong") is True
    form.show_mistakes({})
    assert not error.isVisible()
    assert form.rows["heat"].editor.property("wrong") is False


def test_a_mistake_in_a_folded_field_opens_the_fold(form: SettingsForm) -> None:
    assert not control(form, "secret").isVisible()
    form.show_mistakes({"secret": "is wrong"})
    assert control(form, "secret").isVisible()


def test_the_heading_of_the_fold_counts_what_was_changed(form: SettingsForm) -> None:
    form.show_values({**drafts.defaults_of(Kitchen), "secret": 3})
    fold = form.findChild(QToolButton, "fold.place.advanced")
    assert fold.text() == "Advanced, 1 changed"


def test_every_control_can_be_named_found_and_explained(form: SettingsForm) -> None:
    for name, row in form.rows.items():
        widget = row.editor.control
        assert widget.objectName() == f"place.{name}"
        assert widget.accessibleName() == row.about.title
        assert row.about.help in widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_tooltip_gives_range_and_default(form: SettingsForm) -> None:
    tip = control(form, "cooks").toolTip()
    assert "1 to 9" in tip
    assert "Default: 2" in tip
    assert form.rows["gas"].label.toolTip() == control(form, "gas").toolTip()
    assert "Default: yes" in control(form, "gas").toolTip()


def test_no_value_is_said_in_the_words_of_its_field(form: SettingsForm) -> None:
    row = form.rows["limit"]
    line = control(form, "limit").findChild(QLineEdit)
    assert line.placeholderText() == "no limit"
    assert "Default: no limit." in row.label.toolTip()
    crew = form.rows["crew"]
    assert control(form, "crew").findChild(QLineEdit).placeholderText() == "–"
    assert crew.unit.text() == "as many as ordered"
    form.show_values({**drafts.defaults_of(Kitchen), "crew": 3})
    assert crew.unit.text() == "people"


def test_a_field_without_a_meaning_is_hidden_unless_it_is_set(
    form: SettingsForm,
) -> None:
    form.leave_out(["heat", "gas"])
    assert not form.rows["gas"].editor.isVisible()
    assert not form.rows["heat"].label.isVisible()
    assert form.rows["cooks"].editor.isVisible()
    form.show_values({**drafts.defaults_of(Kitchen), "heat": 0.9})
    form.leave_out(["heat", "gas"])
    assert form.rows["heat"].editor.isVisible()
    form.leave_out([])
    assert form.rows["gas"].label.isVisible()


def test_tab_goes_through_the_fields_in_order(
    qtbot: QtBot, form: SettingsForm, qapp: QApplication
) -> None:
    control(form, "cooks").setFocus()
    names = []
    for _ in range(4):
        names.append(qapp.focusWidget().objectName())
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab)
    assert names == ["place.cooks", "place.heat", "place.limit", "place.gas"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("60,000", 60000),
        ("60 000", 60000),
        ("1e-3", 0.001),
        ("−2", -2),
        ("1,5", None),
        ("nan", None),
        ("", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: object) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.001, "0.001"), (1e-5, "1e-5"), (0.4, "0.4"), (3, "3"), (60000, "60,000")],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert format_number(value) == text


def test_limits_are_said_in_words() -> None:
    fields = Kitchen.model_fields
    assert field_editors.about(fields["cooks"]).range == "1 to 9"
    assert field_editors.about(fields["heat"]).range == "above 0"
