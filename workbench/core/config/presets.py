"""The presets that come along: a configuration each, and what it aims at."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.base.folders import expanded, resource
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig, read_toml


class Preset(BaseModel):
    """A preset: ``config`` holds its values as written, defaults left out.

    ``paper_has`` are the fields that the paper has otherwise, with its values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    group: str
    paper: str = ""
    published: str = ""
    description: str = ""
    order: int = 100
    paper_has: Mapping[str, Any] = {}
    config: Mapping[str, Any]


FIRST = "sinusoid-quick"
"""The preset that comes first: the window begins with it, and has no time to look."""


@functools.cache
def list_presets() -> tuple[Preset, ...]:
    """Return all presets, in the order in which to show them."""
    found = [find_preset(name) for name in _files()]
    return tuple(sorted(found, key=lambda preset: (preset.order, preset.name)))


def is_preset(name: str) -> bool:
    """Return whether a preset of this name comes along."""
    return name in _files()


@functools.cache
def find_preset(name: str) -> Preset:
    """Return a preset by its name; ConfigError suggests the nearest."""
    files = _files()
    if name not in files:
        hint = did_you_mean(name, files)
        remedy = Remedy(kind=RemedyKind.CHOOSE_PRESET)
        raise ConfigError([Mistake("", f"no preset {name!r}{hint}")], remedy)
    values = read_toml(files[name])
    about = values.pop("preset")
    return Preset(name=name, config=values, **about)


def load_config(text: str) -> tuple[RunConfig, str]:
    """Return the configuration of a TOML file or a preset, and the preset's name."""
    path = expanded(text)
    if path.is_dir():
        what = f"{text} is a folder: give a TOML file or a preset"
        is_run = (path / "config.toml").is_file()
        remedies = [Remedy(kind=RemedyKind.RESUME, subject=text)] * is_run
        raise ConfigError([Mistake("", what)], *remedies)
    if path.suffix == ".toml" or path.is_file():
        values = read_toml(path)
        name, _title = take_preset(values)
        return RunConfig.from_dict(values), name
    preset = find_preset(text)
    return RunConfig.from_dict(preset.config), preset.name


def take_preset(values: dict[str, Any]) -> tuple[str, str]:
    """Take a file's [preset] section out; return the preset's name and its title.

    A preset of ours is known by its title too. The name is empty if there is none.
    """
    about = values.pop("preset", {})
    if not isinstance(about, dict):
        message = f"{about!r} is not a section: begin it with [preset]"
        raise ConfigError([Mistake("preset", message)])
    title = str(about.get("title", ""))
    ours = (preset.name for preset in list_presets() if preset.title == title)
    return str(about.get("name", "") or next(ours, "")), title


@functools.cache
def _files() -> Mapping[str, Path]:
    return {path.stem: path for path in resource("presets").glob("*.toml")}
