"""Every registered member has a form, made of its settings."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from workbench.core.config.run_config import kinds
from workbench.gui.forms.settings_form import SettingsForm
from workbench.gui.shell import drafts

MEMBERS = {
    f"{section}.{kind}": member
    for section in ("task", "model", "algorithm")
    for kind, member in kinds(section).items()
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_form_shows_every_field_with_a_title_and_help(
    qtbot: QtBot, name: str
) -> None:
    member = MEMBERS[name]
    form = SettingsForm(name.partition(".")[0], member)
    qtbot.addWidget(form)
    form.show_values(drafts.defaults_of(member))
    assert form.rows.keys() == member.model_fields.keys() - {"kind"}
    assert all(row.about.title and row.about.help for row in form.rows.values())
