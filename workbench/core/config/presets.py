"""The presets that come along: a configuration each, and what it aims at.

A package may bring more, by an entry point of the group ``fewshot_workbench.presets``
that names a package of its own with their files.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.base.folders import expanded, resource
from workbench.core.base.phrases import one_line
from workbench.core.base.plugins import Origin, loaded, refuse
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.members import kinds
from workbench.core.config.overrides import section_of
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

    def missing(self) -> str:
        """Return what must be installed before it can be trained, if anything."""
        chosen = (
            kinds(section).get(values.get("kind", ""))
            for section, values in self.config.items()
            if isinstance(values, Mapping)
        )
        reasons = (settings.missing() for settings in chosen if settings is not None)
        return next(filter(None, reasons), "")


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
    return _read(files[name])


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
    about = section_of(values, "preset")
    values.pop("preset", None)
    title = str(about.get("title", ""))
    ours = (preset.name for preset in list_presets() if preset.title == title)
    return str(about.get("name", "") or next(ours, "")), title


@functools.cache
def _files() -> Mapping[str, Path]:
    """Return the files of all presets: ours, and those of packages."""
    ours = {path.stem: path for path in resource("presets").glob("*.toml")}
    found = dict(ours)
    for origin, path in _of_packages():
        if reason := _why_unusable(path, found):
            refuse(origin, path.name, reason)
        else:
            found[path.stem] = path
    return found


def _of_packages() -> Iterator[tuple[Origin, Path]]:
    for origin, package in loaded("presets"):
        for folder in map(Path, getattr(package, "__path__", ())):
            for path in sorted(folder.glob("*.toml")):
                yield origin, path


def _why_unusable(path: Path, known: Mapping[str, Path]) -> str:
    """Return what is wrong with a preset of a package; empty if nothing is."""
    if path.stem in known:
        return "there is a preset of this name"
    try:
        preset = _read(path)
        RunConfig.from_dict(preset.config)
    except (ConfigError, ValidationError, KeyError, TypeError) as error:
        return one_line(str(error))
    return ""


def _read(path: Path) -> Preset:
    values = read_toml(path)
    about = values.pop("preset")
    return Preset(name=path.stem, config=values, **about)
