"""What the palette finds of a configuration: its settings, and the presets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from workbench.core.config.presets import list_presets
from workbench.core.config.sections import SECTION_TITLES
from workbench.gui.shell import drafts
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.session import Session

_SETTING, _PRESET = "mdi6.tune-variant", "mdi6.bookmark-outline"


def settings_found(session: Session) -> Iterator[Finding]:
    """Yield every setting of the form."""
    for section in drafts.SECTIONS:
        title = SECTION_TITLES[section]
        show = partial(session.show_field, f"{section}.kind")
        if "kind" in session.draft[section]:
            about = f"Choose the {title.lower()}"
            yield Finding("Setting", title, about, _SETTING, show)
        fields = drafts.settings_of(session.draft, section).model_fields
        for name, field in fields.items():
            if name != "kind":
                yield Finding(
                    f"Setting, {title}",
                    field.title or name,
                    field.description or "",
                    _SETTING,
                    partial(session.show_field, f"{section}.{name}"),
                )


def presets_found(session: Session) -> Iterator[Finding]:
    """Yield every preset."""
    for preset in list_presets():
        load = partial(session.load_draft, preset.config, preset.name)
        about = f"{preset.description} {preset.paper}".strip()
        yield Finding("Preset", preset.title, about, _PRESET, load)
