"""The whole configuration of a run: typed, frozen, checked; TOML in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import tomli_w
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from workbench.core.base.settings import NO_VALUE
from workbench.core.config.members import admit_packages
from workbench.core.config.misfits import misfits
from workbench.core.config.mistakes import ConfigError as ConfigError
from workbench.core.config.mistakes import Mistake as Mistake
from workbench.core.config.overrides import check_fields as check_fields
from workbench.core.config.overrides import explain, parse_toml, with_overrides
from workbench.core.config.overrides import parse_override as parse_override
from workbench.core.config.overrides import read_toml as read_toml
from workbench.core.config.sections import EvaluationSettings as EvaluationSettings
from workbench.core.config.sections import Sections
from workbench.core.config.sections import TrainingSettings as TrainingSettings
from workbench.core.config.sections import field_names as field_names
from workbench.core.config.sections import kinds as kinds
from workbench.core.config.sections import section_models as section_models


class RunConfig(Sections):
    """Everything that decides a run, in five sections that fit together."""

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        found = list(misfits(self))
        if found:
            text = "; ".join(mistake.message for mistake in found)
            raise PydanticCustomError(
                "misfit", "{text}", {"text": text, "misfits": found}
            )
        return self

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Validate nested values; ConfigError with every mistake found."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, values)) from None

    @classmethod
    def from_toml(cls, text: str) -> RunConfig:
        """Read a configuration from TOML; ConfigError says what is wrong in it."""
        return cls.from_dict(parse_toml(text))

    def to_toml(self) -> str:
        """Return the whole configuration as TOML; ``none`` stands for no value."""
        return tomli_w.dumps(_without_null(self.model_dump(mode="json")))

    def replace(self, overrides: Mapping[str, Any]) -> RunConfig:
        """Return a copy with dotted fields replaced, validated anew."""
        return self.from_dict(with_overrides(self.model_dump(mode="json"), overrides))


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items()}
    return NO_VALUE if value is None else value


# Only now: what a package adds may itself ask for configurations.
if admit_packages():
    Sections.take_new_kinds()
