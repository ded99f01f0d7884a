"""The settings of a run's row, as this version has them and forms call them."""

from __future__ import annotations

from pydantic.fields import FieldInfo

from workbench.core.config.run_config import section_models
from workbench.core.runs.row import RunRow, text_of


def setting_of(row: RunRow, name: str) -> str | None:
    """Return a run's setting; its default, where the run is older than the setting."""
    given, about = row.field(name), _about(row, name)
    if given is not None or about is None or about.is_required():
        return given
    return "none" if about.default is None else text_of(about.default)


def title_of(row: RunRow, name: str) -> str:
    """Return what forms call a setting of a run."""
    about = _about(row, name)
    return (about and about.title) or name


def _about(row: RunRow, name: str) -> FieldInfo | None:
    section, _, field = name.partition(".")
    kind = row.field(f"{section}.kind")
    for model in section_models(section):
        about = model.model_fields.get(field)
        default = model.model_fields.get("kind")
        if about is not None and (default is None or default.default == kind):
            return about
    return None
